/** CometBFT as a program on this machine: where it is, whether it is one we understand, and a running one. */
import { execFileSync, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { EngineAddress } from './engine-client.ts'
import { removeStaleSocket } from './stale-socket.ts'
import type { Ending, Part, Running } from './supervise.ts'

export type FoundEngine = { readonly path: string; readonly version: string } | { readonly missing: string }

const howToGet = 'go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25'
/** Lines whose socket protocol is the one spoken here. */
const understood = /^0\.(38|39|40)\./

/** Looks where $CHENGXIN_COMETBFT says, else along the PATH, else where Go installs programs. */
export function findEngine(environment: NodeJS.ProcessEnv = process.env): FoundEngine {
  const { CHENGXIN_COMETBFT: named, PATH = '', GOBIN, GOPATH } = environment
  const folders = [...PATH.split(delimiter), GOBIN ?? '', join(GOPATH ?? join(homedir(), 'go'), 'bin')]
  const places = named === undefined ? folders.filter(Boolean).map((folder) => join(folder, 'cometbft')) : [named]
  const path = places.find(isProgram)
  if (path === undefined) {
    const where = named === undefined ? '' : ` at ${named}`
    return { missing: `CometBFT is not installed${where}: get it by ${howToGet} (Go 1.22 or newer).` }
  }
  const version = versionOf(path)
  if (version !== undefined && understood.test(version)) return { path, version }
  return {
    missing: `${path} is CometBFT ${version ?? 'of no known version'}, and 0.38 to 0.40 are understood: get one by ${howToGet}.`,
  }
}

function isProgram(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK)
    return fs.statSync(path).isFile()
  } catch {
    return false
  }
}

function versionOf(path: string): string | undefined {
  try {
    return execFileSync(path, ['version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .replace(/^v/, '')
  } catch {
    return undefined
  }
}

export interface EngineProgram {
  readonly path: string
  /** The home directory, as `writeEngineHome` made it. */
  readonly home: string
  readonly rpc: EngineAddress
  /** Each line that the engine prints: its log. */
  readonly onLine?: (line: string) => void
  /** The process id of each start. */
  readonly onStarted?: (pid: number) => void
}

/** How long an engine may take to close its stores before it is killed. */
const stopWithinMs = 10_000
const keptLines = 5
/** With these words the engine takes part in nothing any more, and yet does not end. */
const failureWords = /CONSENSUS FAILURE|AppHash does not match/
/** By these it says why: the others agreed on another hash. One bad proposal alone is no such failure. */
const disagreementWords = /CONSENSUS FAILURE.*wrong Block\.Header|AppHash does not match/

/** The engine as a part to supervise. It ends itself when the application does, and the other way round is ours to see to. */
export function enginePart({ path, home, rpc, onLine, onStarted }: EngineProgram): Part {
  return {
    name: 'CometBFT',
    start: async (): Promise<Running> => {
      // An engine that was killed leaves its socket behind, and does not start again over it.
      if ('socketPath' in rpc) await removeStaleSocket(rpc.socketPath)
      // A terminal's Ctrl-C is for whoever supervises; an engine whose application is gone ends by itself.
      const child = spawn(path, ['start', '--home', home], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
      const lines: string[] = []
      let failure: string | undefined
      const hear = splitLines((line) => {
        lines.push(line)
        if (lines.length > keptLines) lines.shift()
        onLine?.(line)
        if (failure !== undefined || !failureWords.test(line)) return
        failure = line
        child.kill('SIGTERM')
      })
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      const ended = new Promise<Ending>((resolve) => {
        child.once('error', (error) => resolve({ sentence: `CometBFT could not be started: ${error.message}` }))
        child.once('close', (code, signal) => {
          if (failure !== undefined && disagreementWords.test(failure)) {
            return resolve({
              sentence: `The others agreed on another hash than this member: ${failure}`,
              isFinal: true,
            })
          }
          if (failure !== undefined) return resolve({ sentence: `CometBFT failed: ${failure}` })
          const last = lines.length === 0 ? '' : ` Its last words: ${lines.join(' | ')}`
          resolve({ sentence: `CometBFT ended by ${signal ?? `code ${code}`}.${last}` })
        })
      })
      if (child.pid !== undefined) onStarted?.(child.pid)
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

function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(-4096)
    for (const line of lines) if (line !== '') onLine(line)
  }
}
