/**
 * The state database: one LMDB environment under `state/`, whose commit is the commit point of the whole store. Every
 * value lies behind a checksum that covers its key too. Keys and values are written raw: LMDB's JavaScript layer never
 * interprets them.
 *
 * Every thread of a process shares the environment, so all open it with the same settings.
 */
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { StoreDamaged } from './face.ts'

/** A stretch of addresses, not of disk: the file grows as it fills. */
const mapBytes = 256 * 2 ** 30

/** Keys are ASCII almost always; UTF-8 keeps any other apart too. */
const textKey = {
  writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
  readKey: (target: Buffer, start: number, end: number) => target.toString('utf8', start, end),
}

export type TextTable = Database<Buffer, string>
export type BytesTable = Database<Buffer, Uint8Array>

export interface StateDatabase {
  readonly root: RootDatabase<Buffer, string>
  /** Row key → sealed canonical text. */
  readonly rows: TextTable
  /** First 16 bytes of a transaction's id → index of its leaf. */
  readonly ids: BytesTable
  /** First 16 bytes of the hash of a nonce key → until when, and index of the leaf. */
  readonly nonces: BytesTable
  /** Height → what to forget when the block is old: its time and its nonces' keys. */
  readonly nonceBlocks: BytesTable
  /** Height → where the block lies in the log. */
  readonly blocks: BytesTable
  /** Index of a block's first leaf → height; empty blocks have none. */
  readonly starts: BytesTable
  readonly meta: TextTable
}

export interface StateDatabaseOptions {
  /** Whether missing tables are made: only the writer does. */
  readonly create: boolean
}

/** Opens the environment; damage where LMDB cannot make sense of its file. */
export function openStateDatabase(directory: string, { create }: StateDatabaseOptions): StateDatabase {
  try {
    return openTables(join(directory, 'state'), create)
  } catch (error) {
    throw stateDamage('data.mdb', 'its structure', error instanceof Error ? error.message : String(error))
  }
}

function openTables(path: string, create: boolean): StateDatabase {
  const root = open<Buffer, string>({
    path,
    encoding: 'binary',
    keyEncoder: textKey,
    mapSize: mapBytes,
    maxDbs: 16,
    // A commit returns when it is on disk, data first and then the page that names it.
    overlappingSync: false,
    // Pages are read in no order that reading ahead could guess.
    noReadAhead: true,
  } as Parameters<typeof open>[0] & { path: string }) as RootDatabase<Buffer, string>
  const bytesTable = (name: string): BytesTable => table(name, { keyEncoding: 'binary' })
  const textTable = (name: string): TextTable => table(name, { keyEncoder: textKey })
  const table = <K extends string | Uint8Array>(name: string, keys: object): Database<Buffer, K> => {
    const opened = root.openDB({ name, encoding: 'binary', create, ...keys } as object as { name: string })
    if (!opened) throw new Error(`The table ${name} is missing.`)
    return opened as unknown as Database<Buffer, K>
  }
  return {
    root,
    rows: textTable('rows'),
    ids: bytesTable('ids'),
    nonces: bytesTable('nonces'),
    nonceBlocks: bytesTable('nonce-blocks'),
    blocks: bytesTable('blocks'),
    starts: bytesTable('starts'),
    meta: textTable('meta'),
  }
}

/** Key bytes that sort as the numbers do. */
export function numberKey(value: number): Buffer {
  const key = Buffer.allocUnsafe(6)
  key.writeUIntBE(value, 0, 6)
  return key
}

export function stateDamage(file: string, at: string, why: string): StoreDamaged {
  return new StoreDamaged({
    code: 'state_damaged',
    file: `state/${file}`,
    at,
    advice: `${why} Stop the node and rebuild the state from the log.`,
  })
}

export function indexDamage(at: string, why: string): StoreDamaged {
  return new StoreDamaged({
    code: 'index_damaged',
    file: 'state/data.mdb',
    at,
    advice: `${why} Stop the node and rebuild the state from the log.`,
  })
}
