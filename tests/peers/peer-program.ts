/** A program of others, run in a process of its own: a command a line goes in, an answer a line comes out. */
import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'

export interface PeerProgram {
  /** Asks one thing; throws with what the program says where it fails. */
  ask(command: string, options?: object): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

export function startPeer(path: string): PeerProgram {
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    async ask(command, options = {}) {
      child.stdin.write(`${JSON.stringify({ command, ...options })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${basename(path)} ended without an answer to ${command}.`)
      const answer = JSON.parse(value) as Record<string, unknown>
      if (typeof answer['failed'] === 'string') {
        throw new Error(`${basename(path)}, asked to ${command}: ${answer['failed']}`)
      }
      return answer
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
