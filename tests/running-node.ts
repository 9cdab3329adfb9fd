/** A node as an operator runs it: the built program in a process of its own, on a free port, with data of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../apps/node/src/bench/free-port.ts'

export const home = resolve(import.meta.dirname, '..')
const program = join(home, 'apps/node/dist/main.js')

export interface RunningNode {
  readonly url: string
  readonly port: number
  readonly data: string
  readonly process: ChildProcess
  /** Everything it printed so far. */
  output(): string
  /** As a power cut would: no handler runs. Resolves when the process is gone. */
  kill(): Promise<void>
  /** As an operator would. Resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface NodeOptions {
  readonly data: string
  readonly port?: number
  readonly env?: { readonly [name: string]: string }
  /** Flags of Node itself. */
  readonly flags?: readonly string[]
}

export function temporaryData(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'chengxin-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Starts a node and waits until it is healthy. Throws with its output when it ends before. */
export async function startNode({ data, port, env = {}, flags = [] }: NodeOptions): Promise<RunningNode> {
  if (!existsSync(program)) throw new Error('There is no build to run: npm run build makes it.')
  const at = port ?? (await freePort())
  const child = spawn(process.execPath, [...flags, program, 'start'], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CHENGXIN_PORT: String(at), CHENGXIN_DATA: data, NO_COLOR: '1', ...env },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  const gone = new Promise<number | null>((done) => child.once('close', done))
  const node: RunningNode = {
    url: `http://localhost:${at}`,
    port: at,
    data,
    process: child,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
    stop: () => {
      child.kill('SIGTERM')
      return gone
    },
  }
  await untilHealthy(node)
  return node
}

async function untilHealthy(node: RunningNode): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt++) {
    if (node.process.exitCode !== null || node.process.signalCode !== null) {
      throw new Error(`The node ended before it was healthy:\n${node.output()}`)
    }
    const answer = await fetch(`${node.url}/health`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return
    await delay(100)
  }
  await node.kill()
  throw new Error(`The node was not healthy within five minutes:\n${node.output()}`)
}
