/** A wallet that runs as a program of its own: a command a line goes in, an answer a line comes out. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const folder = import.meta.dirname

export const howToInstall = 'npm ci --prefix tests/peers/wallets'

export function areWalletsInstalled(): boolean {
  return existsSync(join(folder, 'node_modules/@credo-ts/core')) && existsSync(join(folder, 'node_modules/@sphereon'))
}

export interface WalletProgram {
  /** Asks one thing; throws with what the wallet says where it fails. */
  ask(command: string, options?: object): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

export function startWallet(program: string): WalletProgram {
  const child = spawn(process.execPath, [join(folder, program)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    async ask(command, options = {}) {
      child.stdin.write(`${JSON.stringify({ command, ...options })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended without an answer to ${command}.`)
      const answer = JSON.parse(value) as Record<string, unknown>
      if (typeof answer['failed'] === 'string') throw new Error(`${program}, asked to ${command}: ${answer['failed']}`)
      return answer
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
