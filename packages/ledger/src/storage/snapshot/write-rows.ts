/**
 * The rows of a state in the order of its buckets. The table is sorted by key, so they are first dealt out into 256 files
 * by the hash of the key, each small enough to be sorted in memory.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { stateBucketOf } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { compareBytes } from '@chengxin/kernel'
import { openRow } from '../rows.ts'
import type { SettledDatabase } from '../settled-database.ts'
import { chunkBytes } from './manifest.ts'
import { decodeRow, encodeRow } from './row-chunk.ts'

const files = 256
/** Held back before a file is written to. */
const heldBytes = 1 << 16

/** Sorts before every key of a row. */
const firstKey = '\0'

/** Chunks of the rows in this state, each of whole buckets. All rows are read before the first chunk comes. */
export function* rowChunks(
  { rows }: SettledDatabase,
  directory: string,
  isUnwanted: () => boolean = () => false,
): Generator<Buffer> {
  const parts = new Parts(directory)
  try {
    for (const { key, value } of rows.range({ start: firstKey })) {
      if (isUnwanted()) return
      const text = openRow(key, value)
      if (text) parts.add(sha256(Buffer.from(key))[0] as number, encodeRow(key, text))
    }
    yield* joinBuckets(parts)
  } finally {
    parts.remove()
  }
}

function* joinBuckets(parts: Parts): Generator<Buffer> {
  let chunk: Buffer[] = []
  let length = 0
  for (let part = 0; part < files; part++) {
    let bucket = -1
    for (const { keyHash, row } of sortRows(parts.read(part))) {
      if (length >= chunkBytes && stateBucketOf(keyHash) !== bucket) {
        yield Buffer.concat(chunk)
        chunk = []
        length = 0
      }
      bucket = stateBucketOf(keyHash)
      chunk.push(row)
      length += row.length
    }
  }
  // A state without rows is one chunk without bytes: every snapshot has one of each kind.
  yield Buffer.concat(chunk)
}

function sortRows(bytes: Buffer): { readonly keyHash: Uint8Array; readonly row: Buffer }[] {
  const rows: { keyHash: Uint8Array; row: Buffer }[] = []
  for (let from = 0; from < bytes.length; ) {
    const row = decodeRow(bytes, from)
    if (!row) throw new Error('A file of rows that was just written is torn.')
    rows.push({ keyHash: sha256(row.key), row: bytes.subarray(from, row.end) })
    from = row.end
  }
  return rows.sort((left, right) => compareBytes(left.keyHash, right.keyHash))
}

class Parts {
  readonly #directory: string
  readonly #held: Buffer[][] = Array.from({ length: files }, () => [])
  readonly #lengths = Array.from({ length: files }, () => 0)

  constructor(directory: string) {
    this.#directory = directory
    fs.mkdirSync(directory, { recursive: true })
  }

  add(part: number, row: Buffer): void {
    this.#held[part]?.push(row)
    const length = (this.#lengths[part] ?? 0) + row.length
    this.#lengths[part] = length
    if (length > heldBytes) this.#write(part)
  }

  #write(part: number): void {
    fs.appendFileSync(this.#path(part), Buffer.concat(this.#held[part] as Buffer[]))
    this.#held[part] = []
    this.#lengths[part] = 0
  }

  /** Everything of a part, once all was added. */
  read(part: number): Buffer {
    this.#write(part)
    return fs.readFileSync(this.#path(part))
  }

  #path(part: number): string {
    return join(this.#directory, String(part))
  }

  remove(): void {
    fs.rmSync(this.#directory, { recursive: true, force: true })
  }
}
