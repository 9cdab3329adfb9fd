/**
 * An index of small records under keys that nothing orders (hashes), made for many writes and few reads. A batch becomes
 * a run: its records sorted, some hundred to a stored block. Runs of one size are merged into one of the next, a little
 * with each batch, so that neither a batch nor a look-up costs more as the index grows (a log-structured merge tree,
 * O'Neil et al., 1996). A tree of single records would write a page for each of them.
 *
 * A record is 16 bytes of key, the index of its leaf (48 bits, little-endian) and whatever else belongs to it. Where one
 * key has several records, that of the newest leaf counts.
 */
import { seal, sealBytes, sealInPlace, unseal } from './checksum.ts'
import { type BytesTable, indexDamage } from './lmdb-tables.ts'
import { RunCursor, RunWriter } from './run-blocks.ts'

export const runKeyBytes = 16

/** Runs of one level that become one of the next. */
const usualFanout = 16
/** A block fills one page of LMDB that it need not share: 4,096 bytes without the page's own 16 and the seal. */
const blockBytes = 4_080 - sealBytes
/** A merge goes on by so many times the records that came in, and by no fewer than these. */
const mergePace = 2
const usualLeastMerged = 4_096

interface Run {
  readonly run: number
  readonly level: number
  readonly count: number
}

/** A merge under way: everything up to a key is in the run that it writes. */
interface Merge {
  readonly level: number
  readonly inputs: readonly number[]
  readonly output: number
  readonly after?: string
  readonly count: number
}

interface Registry {
  readonly next: number
  readonly runs: readonly Run[]
  readonly merges: readonly Merge[]
}

const registryKey = Buffer.from([0])
const noRuns: Registry = { next: 0, runs: [], merges: [] }

export interface RunShape {
  readonly recordBytes: number
  readonly fanout?: number
  readonly blockRecords?: number
  readonly leastMerged?: number
}

export class SortedRuns {
  readonly #table: BytesTable
  readonly #name: string
  readonly #file: string
  readonly #recordBytes: number
  readonly #fanout: number
  readonly #blockRecords: number
  readonly #leastMerged: number

  constructor(table: BytesTable, name: string, file: string, shape: RunShape) {
    this.#table = table
    this.#name = name
    this.#file = file
    this.#recordBytes = shape.recordBytes
    this.#fanout = shape.fanout ?? usualFanout
    this.#leastMerged = shape.leastMerged ?? usualLeastMerged
    this.#blockRecords = shape.blockRecords ?? Math.floor(blockBytes / shape.recordBytes)
  }

  /** Adds records, in the order of their leaves, in a transaction that is open; of a key that comes twice the newest counts. */
  add(records: Buffer): void {
    if (records.length === 0) return
    const registry = this.#merged(this.#registry(), records.length / this.#recordBytes)
    const writer = this.#writer(registry.next)
    const order = sortedPlaces(records, this.#recordBytes)
    for (let index = 0; index < order.length; index++) {
      const at = (order[index] as number) * this.#recordBytes
      const next = order[index + 1]
      if (next === undefined || isBefore(records, at, next * this.#recordBytes)) writer.add(records, at)
    }
    writer.end()
    const added: Run = { run: registry.next, level: 0, count: writer.count }
    this.#remember({ ...registry, next: registry.next + 1, runs: [...registry.runs, added] })
  }

  /** The newest record of a key, whole. */
  find(key: Uint8Array): Buffer | undefined {
    let newest: Buffer | undefined
    for (const { run } of this.#registry().runs) {
      const found = this.#findInRun(run, key)
      if (found && (!newest || leafIndexOf(found) > leafIndexOf(newest))) newest = found
    }
    return newest
  }

  /** The record of a key that has one at most: the largest run is the likeliest to have it. */
  findOnly(key: Uint8Array): Buffer | undefined {
    const runs = this.#registry().runs.toSorted((left, right) => right.count - left.count)
    for (const { run } of runs) {
      const found = this.#findInRun(run, key)
      if (found) return found
    }
    return undefined
  }

  /** Forgets everything, in a transaction that is open. */
  clear(): void {
    this.#table.clear()
  }

  #findInRun(run: number, key: Uint8Array): Buffer | undefined {
    const cursor = this.#cursor(run, key)
    return cursor.isAt(key) ? Buffer.from(cursor.record()) : undefined
  }

  /** Brings every merge on, begins those that are due, and lets go of what has been merged. */
  #merged(registry: Registry, added: number): Registry {
    let { next } = registry
    let runs = [...registry.runs]
    const merges: Merge[] = []
    for (const merge of registry.merges) {
      const advanced = this.#advance(merge, Math.max(this.#leastMerged, added * mergePace))
      if (advanced.isDone) {
        const { level, inputs, output, count } = advanced.merge
        for (const run of inputs) this.#removeRun(run)
        runs = runs.filter(({ run }) => !inputs.includes(run))
        runs.push({ run: output, level: level + 1, count })
      } else merges.push(advanced.merge)
    }
    const free = runs.filter(({ run }) => !merges.some(({ inputs }) => inputs.includes(run)))
    for (const level of new Set(free.map((run) => run.level))) {
      const inputs = free.filter((run) => run.level === level).slice(0, this.#fanout)
      if (inputs.length < this.#fanout || merges.some((merge) => merge.level === level)) continue
      merges.push({ level, inputs: inputs.map(({ run }) => run), output: next++, count: 0 })
    }
    return { next, runs, merges }
  }

  #advance(merge: Merge, atMost: number): { readonly merge: Merge; readonly isDone: boolean } {
    const after = merge.after === undefined ? undefined : Buffer.from(merge.after, 'hex')
    const cursors = merge.inputs.map((run) => this.#cursor(run, after))
    if (after) for (const cursor of cursors) if (cursor.isAt(after)) cursor.next()
    const writer = this.#writer(merge.output)
    let live = cursors.filter((cursor) => !cursor.isEnd)
    while (live.length > 0 && writer.count < atMost) {
      const first = newestOfFirst(live)
      writer.add(first.block, first.at)
      const ended = passKey(live, first)
      if (ended) live = live.filter((cursor) => !cursor.isEnd)
    }
    writer.end()
    const count = merge.count + writer.count
    return { merge: { ...merge, count, after: writer.lastKey.toString('hex') }, isDone: live.length === 0 }
  }

  #removeRun(run: number): void {
    for (const key of this.#table.keys({ start: runStart(run), end: runStart(run + 1) })) this.#table.remove(key)
  }

  /** At the first record of a run that is not before the key, or at its first. */
  #cursor(run: number, key?: Uint8Array): RunCursor {
    return new RunCursor({
      recordBytes: this.#recordBytes,
      from: key,
      before: (at) => this.#block(run, { start: blockKey(run, at), reverse: true, limit: 1 }),
      after: (at) => this.#block(run, { start: at ? keyAfter(blockKey(run, at)) : runStart(run), limit: 1 }),
    })
  }

  #block(run: number, range: { readonly start: Buffer; readonly reverse?: boolean; readonly limit: number }) {
    for (const { key, value } of this.#table.range(range)) {
      if (key.length !== blockKeyBytes || Buffer.from(key).readUInt32BE(1) !== run) return undefined
      const block = unseal(nameOfBlock(this.#name, key), value)
      if (block) return { first: Buffer.from(key.subarray(blockKeyBytes - runKeyBytes)), block }
      throw indexDamage(this.#file, nameOfBlock(this.#name, key), 'A block of this index is damaged.')
    }
    return undefined
  }

  #writer(run: number): RunWriter {
    return new RunWriter(this.#recordBytes, this.#blockRecords, (sealed) => {
      const key = blockKey(run, sealed.subarray(sealBytes, sealBytes + runKeyBytes))
      this.#table.put(key, sealInPlace(nameOfBlock(this.#name, key), sealed))
    })
  }

  #registry(): Registry {
    const sealed = this.#table.get(registryKey)
    if (!sealed) return noRuns
    const name = nameOfBlock(this.#name, registryKey)
    const bytes = unseal(name, sealed)
    if (!bytes) throw indexDamage(this.#file, name, 'The list of the runs of this index is damaged.')
    return JSON.parse(bytes.toString()) as Registry
  }

  #remember(registry: Registry): void {
    const name = nameOfBlock(this.#name, registryKey)
    this.#table.put(registryKey, seal(name, Buffer.from(JSON.stringify(registry))))
  }
}

const blockKeyBytes = 5 + runKeyBytes

/** What a value of an index is sealed under. */
export function nameOfBlock(index: string, key: Uint8Array): string {
  return `${index} ${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('hex')}`
}

function runStart(run: number): Buffer {
  const key = Buffer.alloc(5, 1)
  key.writeUInt32BE(run, 1)
  return key
}

function blockKey(run: number, first: Uint8Array): Buffer {
  return Buffer.concat([runStart(run), first])
}

function keyAfter(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)])
}

function leafIndexOf(record: Buffer): number {
  return record.readUIntLE(runKeyBytes, 6)
}

/** Of the cursors, one that stands at the smallest key; where several do, the one with the newest leaf. */
function newestOfFirst(cursors: readonly RunCursor[]): RunCursor {
  let first = cursors[0] as RunCursor
  for (let index = 1; index < cursors.length; index++) {
    const cursor = cursors[index] as RunCursor
    const order = cursor.compare(first)
    if (order < 0 || (order === 0 && cursor.leafIndex() > first.leafIndex())) first = cursor
  }
  return first
}

/** Moves all cursors beyond the key that one stands at. Tells whether any came to its end. */
function passKey(cursors: readonly RunCursor[], first: RunCursor): boolean {
  let ended = false
  for (const cursor of cursors) {
    if (cursor === first || cursor.compare(first) !== 0) continue
    cursor.next()
    ended ||= cursor.isEnd
  }
  first.next()
  return ended || first.isEnd
}

/** The places of records in the order of their keys, by their leading bits with the place behind them as one number. */
function sortedPlaces(records: Buffer, recordBytes: number): Uint32Array {
  const count = records.length / recordBytes
  const span = 2 ** Math.ceil(Math.log2(count + 1))
  const dropped = 2 ** Math.max(0, Math.log2(span) - 5)
  const keys = new Float64Array(count)
  for (let place = 0; place < count; place++) {
    keys[place] = Math.floor(records.readUIntBE(place * recordBytes, 6) / dropped) * span + place
  }
  keys.sort()
  const places = new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    const place = (keys[index] as number) % span
    let to = index
    // Keys that share their leading bits are few, and put right one by one.
    while (to > 0 && isBefore(records, place * recordBytes, (places[to - 1] as number) * recordBytes)) {
      places[to] = places[to - 1] as number
      to--
    }
    places[to] = place
  }
  return places
}

function isBefore(records: Buffer, left: number, right: number): boolean {
  for (let index = 0; index < runKeyBytes; index++) {
    const difference = (records[left + index] as number) - (records[right + index] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
