/** A consortium of four on this machine's loopback, each member in a process of its own, built for the occasion. */
import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { privateJwkFrom } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import { build } from 'esbuild'
import type { ClaimedSnapshot } from '../../packages/ledger/src/joining/endorsed-boundaries.ts'
import { type EngineHome, type EngineKeys, peerId } from '../../packages/ledger/src/ordering/cometbft/engine-home.ts'
import { tillGenesis, tillGroup } from '../../packages/ledger/src/testing/till-group.ts'
import { Links } from './links.ts'
import type { CrashPoint, FromMember, MemberSettings, Outcome, Position, SnapshotManners, ToMember } from './member.ts'

const firstPort = 18_160
const queue = { transactions: 5_000, bytes: 8 * 1024 * 1024 }

/** Builds the member program beside the packages, where it finds those that are not bundled. */
async function buildMember(): Promise<string> {
  const outfile = resolve(import.meta.dirname, 'dist/member.js')
  await build({
    entryPoints: [join(import.meta.dirname, 'member.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb', 'sodium-native'],
    logLevel: 'error',
  })
  return outfile
}

function keysOf(index: number): EngineKeys {
  const key = (duty: string) => privateJwkFrom('EdDSA', sha256(toUtf8(`consortium test ${duty} ${index}`)))
  return { validator: key('validator'), node: key('node') } as EngineKeys
}

type PortOf = (from: number, to: number) => number

interface Counts {
  readonly members: number
  readonly guests: number
}

/** The home of a member's engine; guests come after the members and have no vote. */
function homeOf(directory: string, index: number, counts: Counts, portOf: PortOf): EngineHome {
  const indexes = Array.from({ length: counts.members + counts.guests }, (_none, at) => at)
  return {
    directory: join(directory, 'engine'),
    moniker: `member-${index}`,
    chain: { chainId: tillGroup, genesisTimeMs: tillGenesis.createdAtMs },
    validators: indexes.slice(0, counts.members).map((at) => ({ key: keysOf(at).validator.x, power: 1 })),
    keys: keysOf(index),
    abci: { path: join(directory, 'abci.sock') },
    rpc: { socketPath: join(directory, 'rpc.sock') },
    listen: { host: '127.0.0.1', port: firstPort + index },
    peers: indexes
      .filter((at) => at !== index)
      .map((at) => ({ id: peerId(keysOf(at).node), host: '127.0.0.1', port: portOf(index, at) })),
    queue,
    // Short waits, for a test on a machine with two cores that has other things to do.
    timing: { commitMs: 50, gossipMs: 10, proposeMs: 1_000, heartbeatMs: 20_000 },
    isOneHost: true,
  }
}

export class Member {
  readonly #settings: MemberSettings
  readonly #program: string
  readonly #answers = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  readonly #told: FromMember[] = []
  #child: ChildProcess | undefined
  #tickets = 0
  #wake: () => void = () => {}
  /** Set when the program has ended without being told to. */
  #failure: Error | undefined
  engine = 0

  get settings(): MemberSettings {
    return this.#settings
  }

  /** Where its store lies. */
  get ledgerDirectory(): string {
    return join(this.#settings.directory, 'ledger')
  }

  constructor(settings: MemberSettings, program: string) {
    this.#settings = settings
    this.#program = program
  }

  start(): void {
    this.#told.length = 0
    this.#failure = undefined
    const child = fork(this.#program, [JSON.stringify(this.#settings)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    const log = createWriteStream(join(this.#settings.directory, 'member.log'), { flags: 'a' })
    child.stdout?.pipe(log)
    child.stderr?.pipe(log)
    child.on('message', (message: FromMember) => this.#hear(message))
    child.on('exit', (code, signal) => {
      if (this.#child === child)
        this.#fail(new Error(`A member ended by ${signal ?? `code ${code}`}; its log says why.`))
    })
  }

  /** Waits until the engine is there and has caught up: again after each restart. */
  async ready(): Promise<void> {
    await this.#heard(({ tell }) => tell === 'ready')
  }

  /** Waits for the next end of a part, and forgets what was told before it. */
  async partEnded(): Promise<string> {
    const end = await this.#heard(({ tell }) => tell === 'ended')
    this.#told.splice(0, this.#told.indexOf(end) + 1)
    return end.tell === 'ended' ? end.sentence : ''
  }

  submit(transaction: string): Promise<Outcome> {
    return this.#ask((ticket) => ({ ask: 'submit', ticket, transaction })) as Promise<Outcome>
  }

  position(): Promise<Position> {
    return this.#ask((ticket) => ({ ask: 'position', ticket })) as Promise<Position>
  }

  /** The snapshots that it has, with its word on each. */
  snapshots(): Promise<readonly ClaimedSnapshot[]> {
    return this.#ask((ticket) => ({ ask: 'snapshots', ticket })) as Promise<readonly ClaimedSnapshot[]>
  }

  async serveSnapshots(manners: SnapshotManners): Promise<void> {
    await this.#ask((ticket) => ({ ask: 'manners', ticket, manners }))
  }

  header(height: number): Promise<{ readonly agreedHash: string } | null> {
    return this.#ask((ticket) => ({ ask: 'header', ticket, height })) as Promise<{ agreedHash: string } | null>
  }

  /** As a power cut: application and engine are gone at once. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    this.#answers.clear()
    killIfThere(this.engine)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Ends the application by itself when it next comes to this point, and resolves when it has. Its engine follows. */
  async crash(at: CrashPoint): Promise<{ readonly gone: Promise<void> }> {
    const child = this.#child
    const gone = new Promise<void>((resolve) => child?.once('exit', () => resolve()))
    await this.#ask((ticket) => ({ ask: 'crash', ticket, at }))
    this.#child = undefined
    return { gone }
  }

  /** Makes it come to other hashes than the others; resolves with what it says when it has stopped for good. */
  async differ(): Promise<{ readonly stopped: Promise<string> }> {
    await this.#ask((ticket) => ({ ask: 'differ', ticket }))
    const stopped = this.#heard(({ tell }) => tell === 'stopped')
    return { stopped: stopped.then((end) => (end.tell === 'stopped' ? end.sentence : '')) }
  }

  /** Its disk has no room for another block, or has room again. */
  async fillDisk(isFull: boolean): Promise<void> {
    await this.#ask((ticket) => ({ ask: 'disk', ticket, isFull }))
  }

  /** As an operator stops it; resolves when application and engine are gone. */
  async stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    this.#answers.clear()
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    // It stops when whoever started it is no longer connected.
    child.disconnect()
    await gone
  }

  killEngine(): void {
    killIfThere(this.engine)
  }

  #ask(message: (ticket: number) => ToMember): Promise<unknown> {
    const ticket = ++this.#tickets
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      this.#answers.set(ticket, { resolve, reject })
      this.#child?.send(message(ticket))
    })
  }

  #hear(message: FromMember): void {
    if (message.tell === 'answer') {
      this.#answers.get(message.ticket)?.resolve(message.answer)
      this.#answers.delete(message.ticket)
      return
    }
    if (message.tell === 'engine') this.engine = message.pid
    this.#told.push(message)
    this.#wake()
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#answers.values()) reject(error)
    this.#answers.clear()
    this.#wake()
  }

  async #heard(wanted: (message: FromMember) => boolean): Promise<FromMember> {
    for (;;) {
      const found = this.#told.find(wanted)
      if (found !== undefined) return found
      const halted = this.#told.find(({ tell }) => tell === 'halted')
      if (halted?.tell === 'halted') throw new Error(`The member has halted: ${halted.sentence}`)
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function killIfThere(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself, which is as well.
  }
}

export interface Consortium {
  readonly members: readonly Member[]
  /** Engines that the members let in and that have no vote; not started. */
  readonly guests: readonly Member[]
  /** The network between them; bytes travel at once and everywhere until it is told otherwise. */
  readonly links: Links
  remove(): Promise<void>
}

export interface ConsortiumOptions {
  /** By how much the clock of each member's application differs. */
  readonly clockOffsetsMs?: readonly number[]
  readonly guests?: number
  /** Whether each member takes snapshots and serves them as they are, or altered. Absent: it takes none. */
  readonly snapshots?: readonly SnapshotManners[]
}

export async function startConsortium(
  engine: string,
  count: number,
  { clockOffsetsMs = [], guests = 0, snapshots = [] }: ConsortiumOptions = {},
): Promise<Consortium> {
  const program = await buildMember()
  const root = mkdtempSync(join(tmpdir(), 'chengxin-consortium-'))
  const links = new Links(Array.from({ length: count }, (_none, index) => firstPort + index))
  await links.listen()
  const portOf: PortOf = (from, to) => (from < count && to < count ? links.port(from, to) : firstPort + to)
  const all = Array.from({ length: count + guests }, (_none, index) => {
    const directory = join(root, `member-${index}`)
    mkdirSync(directory)
    const home = homeOf(directory, index, { members: count, guests }, portOf)
    const manners = snapshots[index]
    const clockOffsetMs = clockOffsetsMs[index] ?? 0
    return new Member({ directory, engine, home, clockOffsetMs, ...(manners && { snapshots: manners }) }, program)
  })
  const members = all.slice(0, count)
  for (const member of members) member.start()
  return {
    members,
    guests: all.slice(count),
    links,
    remove: async () => {
      for (const member of all) await member.kill()
      links.close()
      if (process.env['CHENGXIN_KEEP'] === undefined) rmSync(root, { recursive: true, force: true })
    },
  }
}
