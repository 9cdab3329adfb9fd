/**
 * A fair peer of the consortium: as many engines, set as ours are, with the key-value application that CometBFT brings
 * along, under the same load. As it is released it checks nothing; `checked` adds one signature check a transaction and
 * member, in the engine's own process (`checked-kvstore/main.go`), compiled by the Go on this machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { GroupId } from '@chengxin/kernel'
import { CometClient, defaultQueue, findEngine, peerId, writeEngineHome } from '@chengxin/ledger'
import { openEngineKeys } from '../consensus/engine-keys.ts'
import { cpuAtRest } from './at-rest.ts'
import { warmUp } from './consortium.ts'
import { driveFull, drivePaced } from './drive.ts'
import { type BlockFollower, followBlocks } from './engine-blocks.ts'
import { freePort } from './free-port.ts'
import type { TransferLoad } from './in-process.ts'
import { treeOf, usedBetween } from './process-tree.ts'
import type { BenchRow, MissingRow } from './row.ts'
import { type Answered, makeOwners, type Owner, type Submit, signTransfers } from './workload.ts'

export type KvstoreKind = 'plain' | 'checked'

interface Program {
  readonly path: string
  readonly args: readonly string[]
  readonly about: string
}

interface KvstoreCity {
  readonly about: string
  readonly owners: readonly Owner[]
  readonly submit: Submit
  readonly blocks: BlockFollower
  readonly pids: readonly number[]
  close(): Promise<void>
}

const names: Readonly<Record<KvstoreKind, string>> = {
  plain: 'consortium.kvstore',
  checked: 'consortium.kvstore.checked',
}

export async function benchKvstore(
  kind: KvstoreKind,
  members: number,
  ownerCount: number,
  load: TransferLoad,
): Promise<BenchRow | MissingRow> {
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-bench-kvstore-'))
  try {
    const program = kind === 'plain' ? released() : compileChecked(directory)
    if ('missing' in program) return { name: names[kind], missing: program.missing }
    const city = await openCity(directory, program, members, makeOwners(ownerCount))
    try {
      return await drive(names[kind], members, city, load)
    } finally {
      await city.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function drive(name: string, members: number, city: KvstoreCity, load: TransferLoad): Promise<BenchRow> {
  const { submit, owners, blocks, pids, about } = city
  const { transactions } = load
  const signed = (count: number) => signTransfers('group-of-the-benchmark' as GroupId, owners, count, 1)
  await driveFull(submit, signed(warmUp(transactions)), load)
  const trees = () => pids.map(treeOf)
  const rest = await cpuAtRest(trees, Math.min(20, Math.max(1, transactions / 500)))
  const [before, firstHeight, startedMs] = [trees(), await blocks.height(), performance.now()]
  const full = await driveFull(submit, signed(transactions), load)
  const tookMs = performance.now() - startedMs
  const blockMs = tookMs / ((await blocks.height()) - firstHeight)
  const used = trees().map((tree, index) => usedBetween(before[index] ?? new Map(), tree).engines.cpuMicros)
  const cpuMicros = used.reduce((sum, micros) => sum + micros, 0)
  const half = await drivePaced(submit, signed(Math.ceil(transactions / 4)), {
    batch: 4,
    perSecond: full.perSecond / 2,
  })
  return {
    name,
    perSecond: full.perSecond,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    how: `${members} engines on this machine, ${about}; the same ${transactions} transactions and settings, handed in at one of them`,
    facts: {
      blockMs: Math.round(blockMs),
      cpuMicrosATransaction: Math.round(cpuMicros / transactions),
      cpuBeyondRest: Math.round((cpuMicros - (rest.engines * tookMs) / 1000) / transactions),
    },
  }
}

function released(): Program | { readonly missing: string } {
  const engine = findEngine(process.env)
  if ('missing' in engine) return engine
  return {
    path: engine.path,
    args: ['--proxy_app', 'persistent_kvstore'],
    about: `CometBFT ${engine.version} with its persistent_kvstore, no signature checked`,
  }
}

function compileChecked(directory: string): Program | { readonly missing: string } {
  const source = fileURLToPath(new URL('../src/bench/checked-kvstore/', import.meta.url))
  const path = join(directory, 'checked-kvstore')
  const built = spawnSync('go', ['build', '-o', path, '.'], { cwd: source, encoding: 'utf8' })
  if (built.status === 0) {
    return {
      path,
      args: [],
      about: 'CometBFT 0.38.25 with its persistent_kvstore, each signature checked by its own Ed25519',
    }
  }
  const why = built.error?.message ?? built.stderr.trim().split('\n').at(-1)
  return { missing: `Go 1.22 or newer compiles CometBFT with the check added, and here it did not: ${why}` }
}

async function openCity(
  directory: string,
  { path, args, about }: Program,
  members: number,
  owners: readonly Owner[],
): Promise<KvstoreCity> {
  const keysFile = join(directory, 'keys.json')
  const keys = owners.map(({ actor: { signer } }) => [signer.kid, 'x' in signer.jwk ? signer.jwk.x : ''])
  writeFileSync(keysFile, JSON.stringify(Object.fromEntries(keys)))
  const urls = await writeHomes(directory, members)
  const children = urls.map((_url, index) =>
    spawn(path, ['start', '--home', homeOf(directory, index), ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CHENGXIN_BENCH_KEYS: keysFile },
    }),
  )
  const gone = children.map((child) => new Promise<void>((done) => child.once('close', () => done())))
  const stop = async () => {
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(gone)
  }
  const url = urls[1] as string
  const client = new CometClient({ host: '127.0.0.1', port: Number(new URL(url).port) })
  try {
    while ((await client.peers().catch(() => [])).length < members - 1 || (await client.status()).height < 1) {
      if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('An engine of the benchmark ended.')
      await delay(200)
    }
  } catch (error) {
    await stop()
    throw error
  }
  const blocks = followBlocks(url)
  return {
    about,
    owners,
    blocks,
    pids: children.map(({ pid }) => pid as number),
    submit: (transactions) => Promise.all(transactions.map((text) => handIn(client, blocks, keyValue(text)))),
    async close() {
      await blocks.stop()
      client.close()
      await stop()
    },
  }
}

async function handIn(client: CometClient, blocks: BlockFollower, transaction: string): Promise<Answered> {
  const confirmed = blocks.confirmed(transaction)
  const { code } = await client.broadcast(transaction)
  if (code !== 'ok') return { status: 'rejected', code }
  await confirmed
  return { status: 'committed' }
}

/** The application takes key=value, and nothing else may hold that sign. */
function keyValue(jws: string): string {
  const at = jws.lastIndexOf('.')
  return `${jws.slice(0, at)}=${jws.slice(at + 1)}`
}

/** Answers where each engine's RPC listens. */
async function writeHomes(directory: string, members: number): Promise<readonly string[]> {
  const engines = await Promise.all(
    Array.from({ length: members }, async (_unused, index) => ({
      keys: await openEngineKeys(join(directory, `keys-${index}`), undefined),
      port: await freePort(),
      rpcPort: await freePort(),
    })),
  )
  const chain = { chainId: 'chengxin-bench', genesisTimeMs: Date.now() }
  for (const [index, { keys, port, rpcPort }] of engines.entries()) {
    writeEngineHome({
      directory: homeOf(directory, index),
      moniker: `member-${index}`,
      chain,
      validators: engines.map((engine) => ({ key: engine.keys.validator.x, power: 1 })),
      keys,
      // Not connected to: the application lives in the engine's process.
      abci: { path: join(directory, 'none.sock') },
      rpc: { host: '127.0.0.1', port: rpcPort },
      listen: { host: '127.0.0.1', port },
      peers: engines
        .filter((engine) => engine.port !== port)
        .map((engine) => ({ id: peerId(engine.keys.node), host: '127.0.0.1', port: engine.port })),
      queue: defaultQueue,
      isOneHost: true,
    })
  }
  return engines.map(({ rpcPort }) => `http://127.0.0.1:${rpcPort}`)
}

function homeOf(directory: string, index: number): string {
  return join(directory, `engine-${index}`)
}
