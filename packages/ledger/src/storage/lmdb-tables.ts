/**
 * LMDB as this store uses it: raw keys and values, every commit on disk when it returns, every value behind a checksum
 * that covers its key. Every thread of a process shares an environment, so all open it with the same settings.
 */
import { type Database, open, type RootDatabase } from 'lmdb'
import { seal, unseal } from './checksum.ts'
import { type Damage, StoreDamaged } from './face.ts'

export type TextTable = Database<Buffer, string>
export type BytesTable = Database<Buffer, Uint8Array>
export type Environment = RootDatabase<Buffer, string>

/** A stretch of addresses, not of disk: the file grows as it fills. */
const mapBytes = 256 * 2 ** 30

const textKey = {
  writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
  readKey: (target: Buffer, start: number, end: number) => target.toString('utf8', start, end),
}

export interface OpenTables {
  readonly environment: Environment
  text(name: string): TextTable
  bytes(name: string): BytesTable
}

/** Opens an environment; missing tables are made when `create` is set, which only a writer does. */
export function openTables(path: string, create: boolean): OpenTables {
  const environment = open({
    path,
    encoding: 'binary',
    keyEncoder: textKey,
    mapSize: mapBytes,
    maxDbs: 16,
    // A commit returns when it is on disk, data first and then the page that names it.
    overlappingSync: false,
    // Pages are read in no order that reading ahead could guess.
    noReadAhead: true,
  } as object as { path: string }) as unknown as Environment
  const table = (name: string, keys: object): unknown => {
    const opened = environment.openDB({ name, encoding: 'binary', create, ...keys } as object as { name: string })
    if (!opened) throw new Error(`The table ${name} is missing.`)
    return opened
  }
  return {
    environment,
    text: (name) => table(name, { keyEncoder: textKey }) as TextTable,
    bytes: (name) => table(name, { keyEncoding: 'binary' }) as BytesTable,
  }
}

/** Runs with the tables of an environment, turning LMDB's own complaints about its file into damage. */
export function openOrDamage<T>(file: string, opening: () => T): T {
  try {
    return opening()
  } catch (error) {
    if (error instanceof StoreDamaged) throw error
    throw stateDamage(file, 'its structure', error instanceof Error ? error.message : String(error))
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
  void table.put(name, seal(name, Buffer.from(JSON.stringify(record))))
}

export function readRecord<T>(table: TextTable, name: string, file: string): T | undefined {
  const sealed = table.getBinary(name)
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
