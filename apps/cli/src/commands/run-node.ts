/** Starting the node's program for a command that is its work. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { CliFault } from '../fault.ts'

export interface GlobalOptions {
  readonly json?: boolean
  readonly url?: string
  readonly group?: string
}

/** An option as it is passed on, or nothing where it was not given. */
export function optional(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

/** Runs the node's program with this terminal, and ends as it ends. */
export async function runNode(command: Command, args: readonly string[]): Promise<void> {
  const program = fileURLToPath(new URL('../../node/dist/main.js', import.meta.url))
  if (!existsSync(program)) throw new CliFault('The node is not built yet: run npm run build first.')
  const { json } = command.optsWithGlobals<GlobalOptions>()
  const child = spawn(process.execPath, [program, ...args, ...(json === true ? ['--json'] : [])], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both; this one waits for the program to end by itself.
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  // Anything else asks this process alone, and is passed on.
  const passOn = () => void child.kill('SIGTERM')
  process.on('SIGTERM', passOn)
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
  process.off('SIGINT', ignore)
  process.off('SIGTERM', passOn)
}
