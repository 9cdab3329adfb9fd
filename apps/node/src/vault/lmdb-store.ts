/**
 * A vault's rows in LMDB, in the node's own folder. Changes that come at the same time share a commit; each promise
 * resolves when its change is on disk.
 */
import { mkdirSync, statfsSync } from 'node:fs'
import { type NewRow, type RowPage, type SealedRow, VaultDamaged, VaultFull, type VaultStore } from '@chengxin/services'
import { type Database, open, type RootDatabase } from 'lmdb'
import { createCommitPace } from './commit-pace.ts'
import { decodeRow, encodeRow } from './row-bytes.ts'

type Root = RootDatabase<Buffer, string>
type Table = Database<Buffer, string>

/** A stretch of addresses, not of disk: the file grows as it fills. */
const mapBytes = 64 * 2 ** 30
const header = 'header'
/** Sorts behind every key that begins alike. */
const last = '\uffff'

export function openLmdbStore(directory: string, options: { readonly mapBytes?: number } = {}): VaultStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const textKeys = {
    writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
    readKey: (target: Buffer, start: number, end: number) => target.toString('utf8', start, end),
  }
  const root = open({
    path: directory,
    encoding: 'binary',
    keyEncoder: textKeys,
    mapSize: options.mapBytes ?? mapBytes,
    maxDbs: 4,
    // A commit returns when it is on disk.
    overlappingSync: false,
  } as object as { path: string }) as unknown as Root
  const table = (name: string) =>
    root.openDB({ name, encoding: 'binary', keyEncoder: textKeys } as object as { name: string }) as unknown as Table
  return new LmdbStore(directory, root, { meta: table('meta'), rows: table('rows'), places: table('places') })
}

interface Tables {
  readonly meta: Table
  /** `<collection> <id>` → row. */
  readonly rows: Table
  /** `<collection> <mark or -> <order>` → id. */
  readonly places: Table
}

interface Change {
  readonly work: () => unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

class LmdbStore implements VaultStore {
  readonly #waiting: Change[] = []
  readonly #pace = createCommitPace()
  readonly #directory: string
  readonly #root: Root
  readonly #tables: Tables

  constructor(directory: string, root: Root, tables: Tables) {
    this.#directory = directory
    this.#root = root
    this.#tables = tables
  }

  insert(row: NewRow, order?: number): Promise<boolean> {
    const { meta, rows } = this.#tables
    return this.#change(() => {
      const key = rowKey(row.collection, row.id)
      if (rows.get(key) !== undefined) return false
      const counter = `order ${row.collection}`
      const newest = Number(meta.get(counter)?.toString() ?? 0)
      const place = order ?? newest + 1
      void meta.put(counter, Buffer.from(String(Math.max(newest, place))))
      void rows.put(key, encodeRow({ ...row, order: place }))
      this.#place(row, place)
      return true
    })
  }

  async get(collection: string, id: string): Promise<SealedRow | undefined> {
    const bytes = this.#tables.rows.get(rowKey(collection, id))
    return bytes && decodeRow(collection, id, bytes).row
  }

  replace(row: NewRow): Promise<boolean> {
    return this.#change(() => {
      const before = this.#stored(row.collection, row.id)
      if (before?.version !== row.version - 1) return false
      this.#unplace(before)
      void this.#tables.rows.put(rowKey(row.collection, row.id), encodeRow({ ...row, order: before.order }))
      this.#place(row, before.order)
      return true
    })
  }

  rewrap(collection: string, id: string, key: Uint8Array): Promise<boolean> {
    return this.#change(() => {
      const before = this.#stored(collection, id)
      if (before === undefined) return false
      void this.#tables.rows.put(rowKey(collection, id), encodeRow({ ...before, key }))
      return true
    })
  }

  remove(collection: string, id: string): Promise<boolean> {
    return this.#change(() => {
      const before = this.#stored(collection, id)
      if (before === undefined) return false
      this.#unplace(before)
      void this.#tables.rows.remove(rowKey(collection, id))
      return true
    })
  }

  async page(collection: string, mark: string | undefined, page: RowPage): Promise<readonly SealedRow[]> {
    const { after, limit, newestFirst } = page
    const prefix = placePrefix(collection, mark)
    const from = after === undefined ? undefined : `${prefix}${orderText(after)}`
    const range = newestFirst
      ? { start: from ?? `${prefix}${last}`, end: prefix, reverse: true }
      : { start: from ?? prefix, end: `${prefix}${last}` }
    const found: SealedRow[] = []
    for (const { key, value } of this.#tables.places.getRange({ ...range, limit: limit + 1 })) {
      // A range begins with its start, which is the row that the page comes after.
      if (key === from) continue
      if (found.length === limit) break
      const row = this.#stored(collection, value.toString())
      if (row !== undefined) found.push(row)
    }
    return found
  }

  async count(collection: string, mark: string | undefined): Promise<number> {
    const prefix = placePrefix(collection, mark)
    return this.#tables.places.getKeysCount({ start: prefix, end: `${prefix}${last}` })
  }

  async *rows(onDamage?: (damaged: VaultDamaged) => void): AsyncGenerator<SealedRow> {
    // Page by page, so that a long reading neither holds up a writer's pages nor sees what it has changed itself.
    let start = ''
    for (;;) {
      const page = [...this.#tables.rows.getRange({ start, limit: 500 })]
      for (const { key, value } of page) {
        // Ids may have spaces, names of collections have none.
        const end = key.indexOf(' ')
        try {
          yield decodeRow(key.slice(0, end), key.slice(end + 1), value).row
        } catch (error) {
          if (!(error instanceof VaultDamaged) || onDamage === undefined) throw error
          onDamage(error)
        }
      }
      const end = page.at(-1)
      if (end === undefined || page.length < 500) return
      start = `${end.key}\u0000`
    }
  }

  async readHeader(): Promise<string | undefined> {
    return this.#tables.meta.get(header)?.toString()
  }

  writeHeader(text: string): Promise<void> {
    return this.#change(() => void this.#tables.meta.put(header, Buffer.from(text)))
  }

  async close(): Promise<void> {
    this.#commitWaiting()
    await this.#root.close()
  }

  #stored(collection: string, id: string): SealedRow | undefined {
    const bytes = this.#tables.rows.get(rowKey(collection, id))
    return bytes && decodeRow(collection, id, bytes).row
  }

  #place({ collection, id, marks }: NewRow, order: number): void {
    for (const mark of [undefined, ...marks]) {
      void this.#tables.places.put(`${placePrefix(collection, mark)}${orderText(order)}`, Buffer.from(id))
    }
  }

  #unplace({ collection, marks, order }: SealedRow): void {
    for (const mark of [undefined, ...marks]) {
      void this.#tables.places.remove(`${placePrefix(collection, mark)}${orderText(order)}`)
    }
  }

  #change<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject })
      // Not LMDB's own queue: what fails in it is also rejected where nobody can catch it.
      if (this.#waiting.length > 1) return
      const waitMs = this.#pace.waitMs(performance.now())
      if (waitMs > 0) setTimeout(() => this.#commitWaiting(), waitMs)
      else setImmediate(() => this.#commitWaiting())
    })
  }

  #commitWaiting(): void {
    const changes = this.#waiting.splice(0)
    // Nothing is left where the store was closed meanwhile.
    if (changes.length === 0) return
    const startedMs = performance.now()
    this.#commit(changes)
    this.#pace.committed(changes.length, startedMs, performance.now())
  }

  #commit(changes: readonly Change[]): void {
    const outcomes: (() => void)[] = []
    try {
      this.#root.transactionSync(() => {
        for (const { work, resolve, reject } of changes) {
          try {
            const result = work()
            outcomes.push(() => resolve(result))
          } catch (error) {
            // What cannot be read is told to who asked for it; nothing was written before that.
            if (!(error instanceof VaultDamaged)) throw error
            outcomes.push(() => reject(error))
          }
        }
      })
    } catch (error) {
      // A large change may have found no room where the small ones beside it would.
      if (changes.length > 1) for (const change of changes) this.#commit([change])
      else changes[0]?.reject(this.#told(error))
      return
    }
    for (const tell of outcomes) tell()
  }

  #told(error: unknown): unknown {
    if (!isFull(error, this.#directory)) return error
    const sentence = 'There is no room for another change in the vault; what was written before is safe.'
    return new VaultFull(sentence, { cause: error })
  }
}

function rowKey(collection: string, id: string): string {
  return `${collection} ${id}`
}

function placePrefix(collection: string, mark: string | undefined): string {
  return `${collection} ${mark ?? '-'} `
}

function orderText(order: number): string {
  return order.toString(16).padStart(12, '0')
}

const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 27, -30792]

/** LMDB tells of a full map or disk by code; a write that ended half-way just says input/output error. */
function isFull(error: unknown, directory: string): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (fullCodes.includes(code) || /MAP_FULL|No space left/.test(error.message)) return true
  if (code !== 5 && code !== 'EIO') return false
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize < 1024 * 1024
}
