/**
 * LMDB as this store uses it: raw keys and values, every commit on disk when it returns, every value behind a checksum
 * that covers its key. Every thread of a process shares an environment, so all open it with the same settings.
 */
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { seal, unseal } from './checksum.ts'
import { type Damage, StoreDamaged } from './face.ts'

/** A stretch of addresses, not of disk: the file grows as it fills. */
const mapBytes = 256 * 2 ** 30

const textKey = {
  writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
  readKey: (target: Buffer, start: number, end: number) => target.toString('utf8', start, end),
}

export interface TableRange<K> {
  readonly start: K
  /** Left out of the range. */
  readonly end?: K
  readonly limit?: number
  readonly reverse?: boolean
}

/** One table of an environment. What LMDB cannot read is damage. */
export class Table<K extends string | Uint8Array> {
  readonly #stored: Database<Buffer, K>
  readonly #file: string

  constructor(stored: Database<Buffer, K>, file: string) {
    this.#stored = stored
    this.#file = file
  }

  get(key: K): Buffer | undefined {
    try {
      return this.#stored.getBinary(key)
    } catch (error) {
      throw unreadable(this.#file, error)
    }
  }

  /** As `get`, but the bytes are overwritten by the next read of any table. */
  peek(key: K): Buffer | undefined {
    try {
      return this.#stored.getBinaryFast(key)
    } catch (error) {
      throw unreadable(this.#file, error)
    }
  }

  *range(range: TableRange<K>): Generator<{ readonly key: K; readonly value: Buffer }> {
    try {
      for (const { key, value } of this.#stored.getRange(range)) yield { key, value }
    } catch (error) {
      throw unreadable(this.#file, error)
    }
  }

  keys(range: TableRange<K>): K[] {
    try {
      return [...this.#stored.getKeys(range)]
    } catch (error) {
      throw unreadable(this.#file, error)
    }
  }

  /** Inside `Environment.transact`, as all changes: LMDB copies the value before this returns. */
  put(key: K, value: Buffer): void {
    void this.#stored.put(key, value)
  }

  remove(key: K): void {
    void this.#stored.remove(key)
  }

  clear(): void {
    this.#stored.clearSync()
  }
}

export type TextTable = Table<string>
export type BytesTable = Table<Uint8Array>

export class Environment {
  readonly #root: RootDatabase<Buffer, string>
  readonly #file: string
  readonly #create: boolean

  /** Missing tables are made when `create` is set, which only a writer does. */
  constructor(directory: string, file: string, create: boolean) {
    this.#file = file
    this.#create = create
    this.#root = open({
      path: join(directory, 'state', file),
      encoding: 'binary',
      keyEncoder: textKey,
      mapSize: mapBytes,
      maxDbs: 16,
      // A commit returns when it is on disk, data first and then the page that names it.
      overlappingSync: false,
      // Pages are read in no order that reading ahead could guess.
      noReadAhead: true,
    } as object as { path: string }) as unknown as RootDatabase<Buffer, string>
  }

  text(name: string): TextTable {
    return new Table(this.#open<string>(name, { keyEncoder: textKey }), this.#file)
  }

  bytes(name: string): BytesTable {
    return new Table(this.#open<Uint8Array>(name, { keyEncoding: 'binary' }), this.#file)
  }

  #open<K extends string | Uint8Array>(name: string, keys: object): Database<Buffer, K> {
    const options = { name, encoding: 'binary', create: this.#create, ...keys }
    const table = this.#root.openDB(options as object as { name: string })
    if (!table) throw new Error(`The table ${name} is missing.`)
    return table as unknown as Database<Buffer, K>
  }

  /** The next read sees what is committed now; until then all reads of a thread see one state. */
  renew(): void {
    this.#root.resetReadTxn()
  }

  /** All changes or none, on disk when it returns. Waits for a transaction of another thread. */
  transact(change: () => void): void {
    try {
      this.#root.transactionSync(change)
    } catch (error) {
      throw corrupted.has((error as { code?: unknown }).code) ? unreadable(this.#file, error) : error
    }
  }

  close(): void {
    void this.#root.close()
  }
}

/** LMDB's codes for a file it cannot make sense of: a page not found, corrupted, a fatal error, a transaction broken by one. */
const corrupted = new Set<unknown>([-30797, -30796, -30795, -30782])

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof StoreDamaged) return error
  const why = error instanceof Error ? error.message.trim() : String(error)
  return stateDamage(file, 'its pages', `LMDB cannot read it (${why}).`)
}

/** Opens an environment's tables; what LMDB complains about is damage of its file. */
export function openOrDamage<T>(file: string, opening: () => T): T {
  try {
    return opening()
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Key bytes that sort as the numbers do. */
export function numberKey(value: number): Buffer {
  const key = Buffer.allocUnsafe(6)
  key.writeUIntBE(value, 0, 6)
  return key
}

export function numberOfKey(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(0, 6)
}

/** A small record of JSON under a name, sealed. */
export function writeRecord(table: TextTable, name: string, record: unknown): void {
  table.put(name, seal(name, Buffer.from(JSON.stringify(record))))
}

export function readRecord<T>(table: TextTable, name: string, file: string): T | undefined {
  const sealed = table.get(name)
  if (!sealed) return undefined
  const bytes = unseal(name, sealed)
  if (!bytes) throw stateDamage(file, `record ${name}`, 'This record is damaged.')
  return JSON.parse(bytes.toString()) as T
}

export function stateDamage(file: string, at: string, why: string): StoreDamaged {
  return damage('state_damaged', file, at, why)
}

export function indexDamage(file: string, at: string, why: string): StoreDamaged {
  return damage('index_damaged', file, at, why)
}

function damage(code: Damage['code'], file: string, at: string, why: string): StoreDamaged {
  const advice = `${why} Stop the node and rebuild the state from the log.`
  return new StoreDamaged({ code, file: `state/${file}/data.mdb`, at, advice })
}
