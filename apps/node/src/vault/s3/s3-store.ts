/**
 * A vault's rows in S3-compatible storage. The truth is one object a row, and each change of a row is one conditional
 * write of it, so that it happens whole or not at all. Beside the rows stand empty objects whose names are an index by
 * mark and place; one that no row claims is passed over. What a change is about to do to the index is noted first, so
 * that counts are right at any moment and what an interruption left is swept.
 *
 * Names are keyed hashes, since logs, bills and inventories of the storage show names. What a row's object shows is what
 * a row of the other stores shows: kind, random id, sizes, and sealed bytes.
 */
import { createHmac, randomBytes } from 'node:crypto'
import {
  type NewRow,
  type RowPage,
  type SealedRow,
  VaultDamaged,
  VaultLocked,
  type VaultStore,
} from '@chengxin/services'
import { decodeRow, encodeRow } from '../row-bytes.ts'
import type { Bucket } from './bucket.ts'

interface StoredRow {
  readonly row: SealedRow
  /** One for its place in the collection, then one for each mark: which object of the index is its own. */
  readonly tags: readonly string[]
  readonly etag: string
}

/** What a change is about to do to the index. */
interface Intent {
  readonly atMs: number
  readonly row: string
  readonly places: readonly string[]
}

/** A change takes minutes at most, however often the storage must be asked. */
const interruptedAfterMs = 3_600_000
/** Places are times in parts of a millisecond, so that several programs agree on an order without asking each other. */
const placesInMs = 64
const firstWindow = 60_000 * placesInMs
const readAtOnce = 32

/** Throws `VaultLocked` where the storage cannot keep a vault. */
export async function openS3Store(bucket: Bucket, nowMs: () => number): Promise<VaultStore> {
  if (await bucket.keepsVersions()) {
    throw new VaultLocked('The bucket keeps older versions of objects: what is erased would stay. Turn versioning off.')
  }
  await probe(bucket)
  const store = new S3Store(bucket, nowMs, await readNameKey(bucket))
  await store.sweep()
  return store
}

/** Storage that ignores a condition would let one change overwrite another without a word. */
async function probe(bucket: Bucket): Promise<void> {
  const name = `probe-${randomBytes(8).toString('hex')}`
  await bucket.put(name, new Uint8Array([1]))
  const ignored =
    (await bucket.put(name, new Uint8Array([2]), 'absent')) ||
    (await bucket.put(name, new Uint8Array([3]), { etag: '"00000000000000000000000000000000"' }))
  await bucket.remove(name)
  if (ignored)
    throw new VaultLocked('The storage ignores conditions of writing (If-Match, If-None-Match): use another.')
}

async function readNameKey(bucket: Bucket): Promise<Uint8Array> {
  await bucket.put('names', randomBytes(32), 'absent')
  const kept = await bucket.get('names')
  if (kept?.bytes.length !== 32)
    throw new VaultLocked('The object "names" is no key: restore it from a copy of the bucket.')
  return kept.bytes
}

class S3Store implements VaultStore {
  readonly #bucket: Bucket
  readonly #nowMs: () => number
  readonly #nameKey: Uint8Array
  /** By collection: the last place that was given. */
  readonly #lastPlace = new Map<string, Promise<number>>()
  /** Changes of one row follow each other, since a removal has no condition in most storage. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #cleaning = new Set<Promise<void>>()

  constructor(bucket: Bucket, nowMs: () => number, nameKey: Uint8Array) {
    this.#bucket = bucket
    this.#nowMs = nowMs
    this.#nameKey = nameKey
  }

  insert(row: NewRow, order?: number): Promise<boolean> {
    return this.#alone(row, async () => {
      const place = order ?? (await this.#nextPlace(row.collection))
      const tags = [undefined, ...row.marks].map(newTag)
      const name = this.#rowName(row)
      const added = this.#placesOf({ ...row, order: place }, tags)
      const bytes = objectOf({ ...row, order: place }, tags)
      return this.#indexed({ row: name, added, removed: [] }, () => this.#bucket.put(name, bytes, 'absent'))
    })
  }

  async get(collection: string, id: string): Promise<SealedRow | undefined> {
    return (await this.#read(this.#rowName({ collection, id })))?.row
  }

  replace(row: NewRow): Promise<boolean> {
    return this.#rewrite(row, (before) =>
      before.version === row.version - 1 ? { ...row, order: before.order } : undefined,
    )
  }

  rewrap(collection: string, id: string, key: Uint8Array): Promise<boolean> {
    return this.#rewrite({ collection, id }, (before) => ({ ...before, key }))
  }

  remove(collection: string, id: string): Promise<boolean> {
    return this.#alone({ collection, id }, async () => {
      const name = this.#rowName({ collection, id })
      const before = await this.#read(name)
      if (before === undefined) return false
      const removed = this.#placesOf(before.row, before.tags)
      return this.#indexed({ row: name, added: [], removed }, async () => {
        await this.#bucket.remove(name)
        return true
      })
    })
  }

  async page(collection: string, mark: string | undefined, page: RowPage): Promise<readonly SealedRow[]> {
    const places = page.newestFirst
      ? this.#placesDown(collection, mark, page.after)
      : this.#placesUp(collection, mark, page.after)
    const found: SealedRow[] = []
    let together: string[] = []
    const read = async () => {
      const rows = await Promise.all(together.map((place) => this.#rowAt(place)))
      found.push(...rows.filter((row) => row !== undefined))
      together = []
    }
    for await (const place of places) {
      together.push(place)
      if (together.length < Math.min(readAtOnce, page.limit - found.length)) continue
      await read()
      if (found.length >= page.limit) return found
    }
    await read()
    return found
  }

  async count(collection: string, mark: string | undefined): Promise<number> {
    const prefix = this.#placePrefix(collection, mark)
    const unsettled = new Set<string>()
    // Noted before anything is done, so that read first it misses none of what the index shows.
    for (const { places } of await this.#intents()) for (const place of places) unsettled.add(place)
    let count = 0
    for await (const place of this.#bucket.list(prefix)) {
      if (!unsettled.has(place) || (await this.#rowAt(place)) !== undefined) count++
    }
    return count
  }

  async *rows(onDamage?: (damaged: VaultDamaged) => void): AsyncGenerator<SealedRow> {
    let together: string[] = []
    for await (const name of this.#bucket.list('rows/')) {
      together.push(name)
      if (together.length < readAtOnce) continue
      yield* await this.#readAll(together, onDamage)
      together = []
    }
    yield* await this.#readAll(together, onDamage)
  }

  async readHeader(): Promise<string | undefined> {
    const kept = await this.#bucket.get('header')
    return kept && new TextDecoder().decode(kept.bytes)
  }

  async writeHeader(text: string): Promise<void> {
    await this.#bucket.put('header', Buffer.from(text))
  }

  async close(): Promise<void> {
    await Promise.all(this.#turns.values())
    await Promise.all(this.#cleaning)
  }

  /** Takes out of the index what changes left in it that never ended. */
  async sweep(): Promise<void> {
    for (const { name, atMs, row, places } of await this.#intents()) {
      if (atMs + interruptedAfterMs > this.#nowMs()) continue
      const claimed = await this.#claims(row)
      await Promise.all(places.filter((place) => !claimed.has(place)).map((place) => this.#bucket.remove(place)))
      await this.#bucket.remove(name)
    }
  }

  /** Writes a row again under the condition that nobody else has meanwhile; false where `next` wants none. */
  #rewrite(place: RowName, next: (before: SealedRow) => SealedRow | undefined): Promise<boolean> {
    return this.#alone(place, async () => {
      const name = this.#rowName(place)
      for (;;) {
        const before = await this.#read(name)
        const after = before && next(before.row)
        if (before === undefined || after === undefined) return false
        const kept = new Map(before.row.marks.map((mark, index) => [mark, before.tags[index + 1] as string]))
        const tags = [before.tags[0] as string, ...after.marks.map((mark) => kept.get(mark) ?? newTag())]
        const [old, own] = [this.#placesOf(before.row, before.tags), this.#placesOf(after, tags)]
        const change = {
          row: name,
          added: own.filter((one) => !old.includes(one)),
          removed: old.filter((one) => !own.includes(one)),
        }
        const write = () => this.#bucket.put(name, objectOf(after, tags), { etag: before.etag })
        if (await this.#indexed(change, write)) return true
      }
    })
  }

  /** Puts into the index what is new, changes the row, and takes out what no longer holds. */
  async #indexed(
    { row, added, removed }: { row: string; added: readonly string[]; removed: readonly string[] },
    change: () => Promise<boolean>,
  ): Promise<boolean> {
    if (added.length + removed.length === 0) return change()
    const note = `pending/${newTag()}`
    const intent: Intent = { atMs: this.#nowMs(), row, places: [...added, ...removed] }
    await this.#bucket.put(note, Buffer.from(JSON.stringify(intent)))
    await Promise.all(added.map((place) => this.#bucket.put(place, new Uint8Array())))
    const done = await change()
    const clean = async () => {
      await Promise.all((done ? removed : added).map((place) => this.#bucket.remove(place)))
      await this.#bucket.remove(note)
    }
    // Nobody waits for it: until it is done the note says what to pass over, and a failure leaves it to a sweep.
    const cleaning = clean().catch(() => {})
    this.#cleaning.add(cleaning)
    void cleaning.then(() => this.#cleaning.delete(cleaning))
    return done
  }

  async #intents(): Promise<readonly (Intent & { readonly name: string })[]> {
    const names: string[] = []
    for await (const name of this.#bucket.list('pending/')) names.push(name)
    const kept = await Promise.all(
      names.map(async (name) => {
        const note = await this.#bucket.get(name)
        return note && { name, ...(JSON.parse(new TextDecoder().decode(note.bytes)) as Intent) }
      }),
    )
    return kept.filter((intent) => intent !== undefined)
  }

  /** The row that claims a place of the index; undefined for a place that is not, or no longer, anybody's. */
  async #rowAt(place: string): Promise<SealedRow | undefined> {
    const stored = await this.#read(rowOfPlace(place))
    return stored && this.#placesOf(stored.row, stored.tags).includes(place) ? stored.row : undefined
  }

  async #claims(row: string): Promise<ReadonlySet<string>> {
    const stored = await this.#read(row)
    return new Set(stored && this.#placesOf(stored.row, stored.tags))
  }

  #placesUp(collection: string, mark: string | undefined, after: number | undefined): AsyncIterable<string> {
    const prefix = this.#placePrefix(collection, mark)
    // A tilde sorts behind whatever follows the number, so that the list begins behind that place.
    return this.#bucket.list(prefix, after === undefined ? undefined : `${prefix}${orderText(after)}~`)
  }

  /** Storage lists upwards only: the newest are looked for in windows of time that grow. */
  async *#placesDown(collection: string, mark: string | undefined, after: number | undefined): AsyncGenerator<string> {
    const prefix = this.#placePrefix(collection, mark)
    let above = after === undefined ? undefined : `${prefix}${orderText(after)}`
    let from = Math.max(after ?? 0, 0) || this.#nowMs() * placesInMs
    for (let window = firstWindow; above !== prefix; window *= 16) {
      from = Math.max(0, from - window)
      const below: string = from === 0 ? prefix : `${prefix}${orderText(from)}`
      const found: string[] = []
      for await (const place of this.#bucket.list(prefix, from === 0 ? undefined : below)) {
        if (above !== undefined && place >= above) break
        found.push(place)
      }
      yield* found.reverse()
      above = below
    }
  }

  async #nextPlace(collection: string): Promise<number> {
    const before = this.#lastPlace.get(collection) ?? this.#newestPlace(collection)
    // Where a clock was set back, what is new still stands behind what was there.
    const next = before.then((last) => Math.max(last + 1, this.#nowMs() * placesInMs))
    this.#lastPlace.set(collection, next)
    return next.catch((error: unknown) => {
      this.#lastPlace.delete(collection)
      throw error
    })
  }

  async #newestPlace(collection: string): Promise<number> {
    for await (const place of this.#placesDown(collection, undefined, undefined)) return orderOfPlace(place)
    return 0
  }

  async #read(name: string): Promise<StoredRow | undefined> {
    const kept = await this.#bucket.get(name)
    if (kept === undefined) return undefined
    const bytes = Buffer.from(kept.bytes)
    const { collection, id, end } = nameIn(bytes)
    const { row, added } = decodeRow(collection, id, bytes.subarray(end))
    if (this.#rowName(row) !== name || added.length !== row.marks.length + 1) {
      throw new VaultDamaged(collection, id, 'its object lies under the name of another')
    }
    return { row, tags: added, etag: kept.etag }
  }

  async #readAll(names: readonly string[], onDamage?: (damaged: VaultDamaged) => void): Promise<readonly SealedRow[]> {
    const rows = await Promise.all(
      names.map((name) =>
        this.#read(name).catch((error: unknown) => {
          if (!(error instanceof VaultDamaged) || onDamage === undefined) throw error
          onDamage(error)
          return undefined
        }),
      ),
    )
    return rows.filter((stored) => stored !== undefined).map(({ row }) => row)
  }

  #alone<T>({ collection, id }: RowName, work: () => Promise<T>): Promise<T> {
    const key = `${collection} ${id}`
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work)
    const ended = turn
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.#turns.get(key) === ended) this.#turns.delete(key)
      })
    this.#turns.set(key, ended)
    return turn
  }

  #rowName({ collection, id }: RowName): string {
    return `rows/${this.#hash(['collection', collection], 8)}/${this.#hash(['row', collection, id], 16)}`
  }

  #placePrefix(collection: string, mark: string | undefined): string {
    return `places/${this.#hash(['places', collection, mark ?? null], 16)}/`
  }

  #placesOf(row: SealedRow, tags: readonly string[]): readonly string[] {
    const name = this.#rowName(row).slice('rows/'.length)
    const ofMark = (mark: string | undefined, index: number) =>
      `${this.#placePrefix(row.collection, mark)}${orderText(row.order)}-${tags[index]}-${name.replace('/', '-')}`
    return [undefined, ...row.marks].map(ofMark)
  }

  #hash(what: readonly (string | null)[], bytes: number): string {
    return createHmac('sha256', this.#nameKey)
      .update(JSON.stringify(what))
      .digest('hex')
      .slice(0, 2 * bytes)
  }
}

type RowName = Pick<SealedRow, 'collection' | 'id'>

/** The object of a row: which it is, on a line of its own, then the row. */
function objectOf(row: SealedRow, tags: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify([row.collection, row.id])}\n`), encodeRow(row, tags)])
}

function nameIn(bytes: Buffer): RowName & { readonly end: number } {
  const end = bytes.indexOf(10) + 1
  try {
    const [collection, id] = JSON.parse(bytes.subarray(0, end).toString()) as unknown[]
    if (typeof collection === 'string' && typeof id === 'string') return { collection, id, end }
  } catch {
    // Said below, as for anything else that names no row.
  }
  throw new VaultDamaged('an unknown kind', 'without a name', 'its object cannot be read')
}

function newTag(): string {
  return randomBytes(6).toString('hex')
}

function orderText(order: number): string {
  return order.toString(16).padStart(14, '0')
}

/** A place ends with its order, its tag and the row's own name, each joined by a hyphen. */
function partsOfPlace(place: string): readonly string[] {
  return place.slice(place.lastIndexOf('/') + 1).split('-')
}

function rowOfPlace(place: string): string {
  const [, , collection = '', row = ''] = partsOfPlace(place)
  return `rows/${collection}/${row}`
}

function orderOfPlace(place: string): number {
  return Number.parseInt(partsOfPlace(place)[0] ?? '0', 16)
}
