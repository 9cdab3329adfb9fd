/** `bench`: every row in one run on one machine, so that rows can be compared with each other and with nothing else. */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { transactionIdOf } from '@chengxin/client'
import { openBenchGroup } from '../bench/bench-group.ts'
import {
  benchClaimed,
  benchEntitlements,
  benchExchange,
  benchIssue,
  benchVerify,
  openCertificateCity,
  showCertificates,
} from '../bench/certificates.ts'
import { benchConsortium, fillTo, missingConsortium, openConsortium } from '../bench/consortium.ts'
import { benchJoin } from '../bench/consortium-join.ts'
import { benchKvstore } from '../bench/consortium-kvstore.ts'
import { benchIdle, benchQuorumReceipt } from '../bench/consortium-receipts.ts'
import { type GrowthRow, measureGrowth } from '../bench/growth.ts'
import { benchInProcess, type TransferLoad } from '../bench/in-process.ts'
import { benchOverHttp, openHttpCity } from '../bench/over-http.ts'
import { benchAnvil } from '../bench/peer-anvil.ts'
import { benchPostgres } from '../bench/peer-postgres.ts'
import { benchSdJwtJs } from '../bench/peer-sd-jwt.ts'
import { benchRawVerify } from '../bench/raw-verify.ts'
import type { BenchRow, MissingRow } from '../bench/row.ts'
import { benchAnchor, benchReceipts } from '../bench/small-rows.ts'
import { signTransfers } from '../bench/workload.ts'

type AnyRow = BenchRow | MissingRow

/** What the command takes; `help` says each. */
export const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  scale: { type: 'string', default: '1' },
  growth: { type: 'string', default: '100000' },
  only: { type: 'string' },
  join: { type: 'string', default: '0' },
} as const

const help = `npm run bench -- [options]

Measures this machine: every row in one run, so that rows can be compared with each other.

  --scale FACTOR   0.1 measures a tenth of everything; 1 if absent
  --growth LEAVES  fills the log so far and looks at memory and start-up: 100000, 1000000 or 10000000;
                   100000 if absent, 0 leaves that out
  --join LEAVES    fills the consortium so far before consortium.join.* are measured; absent, with what came before.
                   CHENGXIN_SNAPSHOT_SECONDS says how often its members keep a snapshot
  --only ROWS      rows whose names contain one of these, by commas; verify.raw is always measured
  --json           one JSON object at the end instead of lines as they come
  --help, -h       this text

Rows: verify.raw, verify.raw.es256, transfers.one.inprocess, transfers.sixteen.inprocess, anchor, receipts.check,
growth.LEAVES, transfers.one.http, transfers.sixteen.http, certificates.*, entitlements.make, openid4vci.exchange,
consortium.*, peer.postgres, peer.anvil. Peers that are not installed are told as missing.

  npm run bench -- --only inprocess --scale 0.2
  npm run bench -- --json > bench.json`

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options })
  if (values.help) {
    console.log(help)
    return 0
  }
  const scale = Number(values.scale)
  const growthLimit = Number(values.growth)
  const joinLeaves = Number(values.join)
  if (!(scale > 0) || ![growthLimit, joinLeaves].every(Number.isSafeInteger)) {
    console.error('--scale takes a number above zero, --growth and --join a count of leaves.')
    return 2
  }
  const table = new BenchTable(values.json, values.only)
  const count = (full: number) => Math.max(64, Math.round(full * scale))

  const raw = await benchRawVerify({ algorithm: 'EdDSA', seconds: Math.max(1, 4 * scale), messageBytes: 600 })
  table.add(raw)
  await table.when('verify.raw.es256', () =>
    benchRawVerify({ algorithm: 'ES256', seconds: Math.max(1, 4 * scale), messageBytes: 600 }),
  )
  if (table.wants('inprocess') || table.wants('anchor') || table.wants('receipts') || table.wants('growth')) {
    await inProcessRows(table, count, raw.perSecond, growthLimit)
  }
  if (table.wants('http')) await httpRows(table, count, raw.perSecond)
  if (certificateRows.some((name) => table.wants(name))) await measureCertificates(table, count)
  if (table.wants('consortium')) await consortiumRows(table, count, joinLeaves)
  await table.when('peer.postgres', () => benchPostgres(Math.max(2, Math.round(8 * scale))))
  await table.when('peer.anvil', () => benchAnvil(count(20_000)))
  table.end()
  return 0
}

async function inProcessRows(table: BenchTable, count: (full: number) => number, raw: number, growthLimit: number) {
  const city = await openBenchGroup(500)
  try {
    const single = { transactions: count(100_000), actions: 1, batch: 256, lanes: 16 }
    await table.when('transfers.one.inprocess', () => benchInProcess(city, single, raw))
    const sixteen = { transactions: count(20_000), actions: 16, batch: 64, lanes: 16 }
    await table.when('transfers.sixteen.inprocess', () => benchInProcess(city, sixteen, raw))
    await table.when('anchor', () => benchAnchor(city, count(5_000)))
    await table.when('receipts.check', async () => {
      const transfers = signTransfers(city.group, city.owners, 256, 1)
      await city.submit(transfers)
      return benchReceipts(city, transfers.map(transactionIdOf), count(20_000))
    })
    for (const leaves of [100_000, 1_000_000, 10_000_000]) {
      if (leaves <= growthLimit && table.wants('growth')) table.addGrowth(await measureGrowth(city, leaves))
    }
  } finally {
    await city.remove()
  }
}

async function consortiumRows(table: BenchTable, count: (full: number) => number, joinLeaves: number) {
  const single = { transactions: count(20_000), actions: 1, batch: 64, lanes: 16 }
  await table.when('consortium.kvstore', () => benchKvstore('plain', 4, 64, single))
  await table.when('consortium.kvstore.checked', () => benchKvstore('checked', 4, 64, single))
  if (ownConsortiumRows.some((name) => table.wants(name))) await ownConsortium(table, count, single, joinLeaves)
}

const ownConsortiumRows = [
  'consortium.one',
  'consortium.sixteen',
  'consortium.receipt',
  'consortium.idle',
  'consortium.join.replay',
  'consortium.join.snapshot',
]

async function ownConsortium(
  table: BenchTable,
  count: (full: number) => number,
  single: TransferLoad,
  joinLeaves: number,
) {
  const city = await openConsortium(4, 64)
  if ('missing' in city) return table.add(missingConsortium(city.missing))
  try {
    await table.when('consortium.one', async () => {
      const row = await benchConsortium(city, single)
      const peer = table.rateOf('consortium.kvstore.checked')
      return peer === undefined
        ? row
        : { ...row, facts: { ...row.facts, ofCheckedKvstore: round(row.perSecond / peer) } }
    })
    const sixteen = { transactions: count(4_000), actions: 16, batch: 32, lanes: 8 }
    await table.when('consortium.sixteen', () => benchConsortium(city, sixteen))
    await table.when('consortium.receipt', () => benchQuorumReceipt(city, count(100)))
    await table.when('consortium.idle', () => benchIdle(city, Math.min(120, count(150))))
    if (table.wants('consortium.join')) await fillTo(city, joinLeaves, single)
    await table.when('consortium.join.replay', () => benchJoin(city, 'replay'))
    await table.when('consortium.join.snapshot', () => benchJoin(city, 'snapshot'))
  } finally {
    await city.close()
  }
}

async function httpRows(table: BenchTable, count: (full: number) => number, raw: number) {
  const city = await openHttpCity(500)
  try {
    const single = { transactions: count(60_000), actions: 1, batch: 64, lanes: 16 }
    await table.when('transfers.one.http', () => benchOverHttp(city, single, raw))
    const sixteen = { transactions: count(12_000), actions: 16, batch: 64, lanes: 8 }
    await table.when('transfers.sixteen.http', () => benchOverHttp(city, sixteen, raw))
  } finally {
    await city.node.stop()
  }
}

const certificateRows = [
  'certificates.issue',
  'entitlements.make',
  'certificates.claimed',
  'openid4vci.exchange',
  'certificates.verify',
  'certificates.sd-jwt-js',
]

async function measureCertificates(table: BenchTable, count: (full: number) => number) {
  const city = await openCertificateCity()
  try {
    await table.when('certificates.issue', () => benchIssue(city, count(10_000)))
    await table.when('entitlements.make', () => benchEntitlements(city, count(10_000)))
    await table.when('certificates.claimed', () => benchClaimed(city, count(10_000)))
    await table.when('openid4vci.exchange', () => benchExchange(city, count(2_000)))
    if (!table.wants('certificates.verify') && !table.wants('certificates.sd-jwt-js')) return
    const certificates = await showCertificates(city)
    await table.when('certificates.verify', () => benchVerify(certificates, count(5_000)))
    await table.when('certificates.sd-jwt-js', () => benchSdJwtJs(certificates, count(2_000)))
  } finally {
    await city.close()
  }
}

/** Rows as they are measured: lines for people as they come, or one JSON object at the end. */
class BenchTable {
  readonly #rows: AnyRow[] = []
  readonly #growth: GrowthRow[] = []
  readonly #json: boolean
  readonly #only: string | undefined

  constructor(json: boolean, only: string | undefined) {
    this.#json = json
    this.#only = only
    if (!json) console.log(`${machine()}\n\n${heading}`)
  }

  wants(part: string): boolean {
    return this.#only === undefined || this.#only.split(',').some((name) => name.includes(part) || part.includes(name))
  }

  async when(name: string, measure: () => Promise<AnyRow>): Promise<void> {
    if (this.wants(name)) this.add(await measure())
  }

  add(row: AnyRow): void {
    this.#rows.push(row)
    if (!this.#json) console.log(lineOf(row))
  }

  /** Of a row that was measured in this run. */
  rateOf(name: string): number | undefined {
    const row = this.#rows.find((one) => one.name === name)
    return row && 'perSecond' in row ? row.perSecond : undefined
  }

  addGrowth(row: GrowthRow): void {
    this.#growth.push(row)
    if (this.#json) return
    const { leaves, memoryMb, heapMb, startMs, perSecond, perSecondAfterStart, diskBytesPerLeaf } = row
    console.log(
      `${row.name.padEnd(28)} ${leaves} leaves: ${memoryMb} MB resident (${heapMb} MB heap), start ${startMs} ms, ${perSecond} a second before it and ${perSecondAfterStart} after, ${diskBytesPerLeaf} B a leaf on disk`,
    )
  }

  end(): void {
    if (this.#json) {
      console.log(JSON.stringify({ machine: machine(), atMs: Date.now(), rows: this.#rows, growth: this.#growth }))
    }
  }
}

function round(ratio: number): number {
  return Math.round(ratio * 100) / 100
}

const heading = `${'row'.padEnd(28)} ${'per second'.padStart(11)} ${'p50 ms'.padStart(8)} ${'p99 ms'.padStart(8)} ${'of limit'.padStart(9)}  how`

function lineOf(row: AnyRow): string {
  if ('missing' in row) return `${row.name.padEnd(28)} missing: ${row.missing}`
  const { name, perSecond, p50Ms, p99Ms, ratioToLimit, how, facts, note } = row
  const numbers = [
    Math.round(perSecond).toLocaleString('en-US').padStart(11),
    (p50Ms?.toFixed(2) ?? '').padStart(8),
    (p99Ms?.toFixed(2) ?? '').padStart(8),
    (ratioToLimit?.toFixed(2) ?? '').padStart(9),
  ]
  const more =
    facts === undefined
      ? ''
      : ` (${Object.entries(facts)
          .map(([fact, value]) => `${fact} ${value}`)
          .join(', ')})`
  const why = note === undefined ? '' : `\n${''.padEnd(29)}${note}`
  return `${name.padEnd(28)} ${numbers.join(' ')}  ${how}${more}${why}`
}

function machine(): string {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform} ${process.arch}`
}
