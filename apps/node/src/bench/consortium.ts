/**
 * The same transfers through four organisations on this machine: four nodes, four engines, every block agreed by more than
 * two thirds of them. Clients hand in at one member; an answer comes when the next header has confirmed the block.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { GroupId } from '@chengxin/kernel'
import { findEngine } from '@chengxin/ledger'
import { dataPaths } from '../data-directory.ts'
import { sampleGroupName } from '../sample-city/genesis.ts'
import { cpuAtRest } from './at-rest.ts'
import { driveFull, drivePaced } from './drive.ts'
import { freePortRow } from './free-port.ts'
import { bytesBelow } from './growth.ts'
import type { TransferLoad } from './in-process.ts'
import { submitTo } from './over-http.ts'
import { type Tree, treeOf, usedBetween } from './process-tree.ts'
import type { BenchRow, MissingRow } from './row.ts'
import { type Owner, type Submit, settleOwners, signTransfers } from './workload.ts'

export interface ConsortiumCity {
  readonly members: number
  readonly engine: string
  readonly group: GroupId
  readonly owners: readonly Owner[]
  readonly submit: Submit
  /** Of the nodes, in order; all but the first are handed nothing but by the member before. */
  readonly urls: readonly string[]
  /** Data directory of each member. */
  readonly folders: readonly string[]
  /** The process that all nodes and engines descend from. */
  pid(): number
  /** Everything as an operator would; `start` goes on from there. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops, and takes everything away. */
  close(): Promise<void>
}

interface Step {
  readonly step: string
  readonly group?: string
  readonly urls?: readonly string[]
  readonly engine?: string
}

/** Nodes, and twenty above them engines. */
const portsOfTrial = 24

/** Starts a trial consortium and settles owners in it; what is missing where no engine is installed. */
export async function openConsortium(
  members: number,
  ownerCount: number,
): Promise<ConsortiumCity | { missing: string }> {
  const engine = findEngine(process.env)
  if ('missing' in engine) return engine
  const data = mkdtempSync(join(tmpdir(), 'chengxin-bench-consortium-'))
  const main = fileURLToPath(new URL('./main.js', import.meta.url))
  const port = String(await freePortRow(portsOfTrial))
  const up = ['consortium', 'up', '--members', String(members), '--data', data, '--port', port, '--json']
  let running = startTrial(main, up)
  const stop = () => running.stop()
  const close = async () => {
    await stop()
    rmSync(data, { recursive: true, force: true })
  }
  try {
    const { group, urls } = await running.ready
    const submit = submitTo(`${urls[1] ?? urls[0]}/v1/groups/${group}/transactions`)
    const owners = await settleOwners(group as GroupId, submit, ownerCount)
    const folders = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return {
      members,
      engine: `CometBFT ${engine.version}`,
      group: group as GroupId,
      owners,
      submit,
      urls,
      folders: folders.map(({ name }) => join(data, name)),
      pid: () => running.pid,
      stop,
      async start() {
        running = startTrial(main, up)
        await running.ready
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function startTrial(main: string, args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise<void>((done) => child.once('close', () => done()))
  return {
    pid: child.pid as number,
    ready: readyStep(child.stdout, gone),
    stop: async () => {
      child.kill('SIGTERM')
      await gone
    },
  }
}

async function readyStep(output: NodeJS.ReadableStream, gone: Promise<void>) {
  const lines = createInterface({ input: output })
  const ready = new Promise<{ group: string; urls: readonly string[] }>((resolve) => {
    lines.on('line', (line) => {
      const { step, group, urls } = JSON.parse(line) as Step
      if (step === 'ready' && group !== undefined && urls !== undefined) resolve({ group, urls })
    })
  })
  const ended = gone.then(() => {
    throw new Error('The consortium for the benchmark did not start.')
  })
  return Promise.race([ready, ended])
}

export async function benchConsortium(city: ConsortiumCity, load: TransferLoad): Promise<BenchRow> {
  const { group, owners, submit, members, engine } = city
  const { transactions, actions, batch, lanes } = load
  await driveFull(submit, signTransfers(group, owners, warmUp(transactions), actions), load)
  const rest = await cpuAtRest(() => [treeOf(city.pid())], Math.min(20, Math.max(1, transactions / 500)))
  const signed = signTransfers(group, owners, transactions, actions)
  const look = await lookAt(city)
  const full = await driveFull(submit, signed, load)
  const facts = factsBetween(look, await lookAt(city), transactions, rest)
  const half = await drivePaced(submit, signTransfers(group, owners, Math.ceil(transactions / 4), actions), {
    batch: 4,
    perSecond: full.perSecond / 2,
  })
  return {
    name: actions === 1 ? 'consortium.one' : 'consortium.sixteen',
    perSecond: full.perSecond * actions,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    how: `${members} members on this machine over ${engine}; ${transactions} transactions of ${actions}, ${batch} to a request, ${lanes} requests at once; latency until the next header has confirmed the block, at half that load`,
    facts,
  }
}

/** How many come before what is measured: a node compiles what runs often while it runs, and a city's node runs for weeks. */
export function warmUp(transactions: number): number {
  return Math.ceil(transactions / 2)
}

/** Hands in single transfers until the log has so many leaves. */
export async function fillTo(city: ConsortiumCity, leaves: number, load: TransferLoad): Promise<void> {
  const { submit, group, owners, urls } = city
  for (;;) {
    const { head } = (await (await fetch(`${urls[0]}/v1/groups/${group}`)).json()) as {
      readonly head: { size: number }
    }
    if (head.size >= leaves) return
    // Signed in parts: each must enter while it is valid.
    await driveFull(submit, signTransfers(group, owners, Math.min(20_000, leaves - head.size), 1), load)
  }
}

/** Where a consortium stands: what it has used and written so far, and the newest block. */
interface Look {
  readonly atMs: number
  readonly height: number
  readonly tree: Tree
  /** On disk at one member: the engine's, the read model's, and the ledger's own. */
  readonly bytes: { readonly engine: number; readonly readModel: number; readonly ledger: number }
}

export async function lookAt({ urls, group, pid, folders }: ConsortiumCity): Promise<Look> {
  const { height } = (await (await fetch(`${urls[0]}/v1/groups/${group}`)).json()) as { readonly height: number }
  const paths = dataPaths(folders[0] as string)
  const { directory } = paths.group(sampleGroupName)
  const engine = bytesBelow(join(directory, 'engine'))
  const ledger = bytesBelow(directory) - engine
  const readModel = bytesBelow(paths.readModel)
  return { atMs: performance.now(), height, tree: treeOf(pid()), bytes: { engine, readModel, ledger } }
}

function factsBetween(
  before: Look,
  after: Look,
  transactions: number,
  rest: { readonly engines: number; readonly others: number },
): { readonly [name: string]: number } {
  const seconds = (after.atMs - before.atMs) / 1000
  const { engines, others } = usedBetween(before.tree, after.tree)
  const each = (name: keyof Look['bytes']) => Math.round((after.bytes[name] - before.bytes[name]) / transactions)
  return {
    blockMs: Math.round((after.atMs - before.atMs) / (after.height - before.height)),
    engineCpuMicrosATransaction: Math.round(engines.cpuMicros / transactions),
    nodeCpuMicrosATransaction: Math.round(others.cpuMicros / transactions),
    engineCpuBeyondRest: Math.round((engines.cpuMicros - rest.engines * seconds) / transactions),
    nodeCpuBeyondRest: Math.round((others.cpuMicros - rest.others * seconds) / transactions),
    ledgerBytesATransaction: each('ledger'),
    engineBytesATransaction: each('engine'),
    readModelBytesATransaction: each('readModel'),
  }
}

export function missingConsortium(missing: string): MissingRow {
  return { name: 'consortium', missing }
}
