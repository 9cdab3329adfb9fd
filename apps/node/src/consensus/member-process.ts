/** A member's node as a process of its own: started, watched and stopped by whoever runs the trial. */
import { fork } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ending, Part } from '@chengxin/ledger'
import type { TrialMember } from './trial-consortium.ts'

const stopWithinMs = 25_000
const keptLines = 5

/** What it prints goes to `node.log` in its directory. */
export function memberPart({ memberId, data, port, url }: TrialMember, environment: NodeJS.ProcessEnv): Part {
  return {
    name: memberId,
    start: async () => {
      const log = createWriteStream(join(data, 'node.log'), { flags: 'a' })
      const lines: string[] = []
      const program = fileURLToPath(new URL('main.js', import.meta.url))
      const child = fork(program, ['start'], {
        // A terminal's Ctrl-C is for the trial, which then stops each in order; a node whose trial is gone stops by itself.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          ...environment,
          CHENGXIN_DATA: data,
          CHENGXIN_PORT: String(port),
          CHENGXIN_HOST: 'localhost',
          NO_COLOR: '1',
        },
      })
      const hear = (chunk: Buffer) => {
        log.write(chunk)
        lines.push(...chunk.toString('utf8').split('\n').filter(Boolean))
        lines.splice(0, Math.max(0, lines.length - keptLines))
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      const ended = new Promise<Ending>((resolve) => {
        child.once('close', (code, signal) => {
          log.end()
          resolve({
            sentence: `The node of ${memberId} (${url}) ended by ${signal ?? `code ${code}`}. ${lines.join(' | ')}`,
          })
        })
      })
      return {
        ended,
        stop: async () => {
          child.kill('SIGTERM')
          const impatience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
          await ended
          clearTimeout(impatience)
        },
      }
    },
  }
}

/** Resolves when the node says that it takes transactions; false where the signal came first. */
export async function untilWell({ url }: TrialMember, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const answer = await fetch(`${url}/health`, { signal }).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => undefined)
    if (answer?.status === 200) return true
    await delay(200, undefined, { signal }).catch(() => {})
  }
  return false
}
