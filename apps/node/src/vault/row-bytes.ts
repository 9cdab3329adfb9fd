/**
 * A row as bytes, for stores that keep it whole: a length, a head in JSON, the wrapped key, the body. The head has a hash
 * over everything else, so that damage shows without any key of the vault.
 */
import { hash } from 'node:crypto'
import { type SealedRow, VaultDamaged } from '@chengxin/services'

interface RowHead {
  readonly o: number
  readonly v: number
  readonly m: readonly string[]
  /** Bytes of the wrapped key, which stands before the body. */
  readonly k: number
  /** What the store adds of its own. */
  readonly x?: readonly string[]
  /** Absent in rows that were written before there was one. */
  readonly s?: string
}

/** `added` are words of the store that are kept with the row. */
export function encodeRow(row: SealedRow, added?: readonly string[]): Buffer {
  const { order, version, marks, key, body } = row
  const plain: RowHead = { o: order, v: version, m: marks, k: key.length, ...(added && { x: added }) }
  const head: RowHead = { ...plain, s: hashOf(row.collection, row.id, plain, key, body) }
  const headBytes = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(headBytes.length)
  return Buffer.concat([length, headBytes, key, body])
}

/** Throws `VaultDamaged`. */
export function decodeRow(collection: string, id: string, bytes: Buffer): { row: SealedRow; added: readonly string[] } {
  const parts = split(bytes)
  if (parts === undefined) throw new VaultDamaged(collection, id, 'its row cannot be read')
  const { head, key, body } = parts
  const { s, ...plain } = head
  if (s !== undefined && s !== hashOf(collection, id, plain, key, body)) {
    throw new VaultDamaged(collection, id, 'its row is not what was written')
  }
  const row = { collection, id, order: head.o, version: head.v, marks: head.m, key, body }
  return { row, added: head.x ?? [] }
}

function split(bytes: Buffer) {
  try {
    const headEnd = 4 + bytes.readUInt32BE(0)
    const head = JSON.parse(bytes.subarray(4, headEnd).toString()) as RowHead
    const isHead = [head.o, head.v, head.k].every((one) => Number.isSafeInteger(one))
    const words = [...head.m, ...(head.x ?? []), head.s ?? '']
    if (!isHead || !words.every((word) => typeof word === 'string')) return undefined
    const bodyStart = headEnd + head.k
    return { head, key: plainView(bytes.subarray(headEnd, bodyStart)), body: plainView(bytes.subarray(bodyStart)) }
  } catch {
    return undefined
  }
}

/** The same memory, which is its reader's own, without what a Buffer does otherwise than plain bytes. */
function plainView({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function hashOf(collection: string, id: string, head: Omit<RowHead, 's'>, key: Uint8Array, body: Uint8Array): string {
  const { o, v, m, k, x } = head
  const named = Buffer.from(JSON.stringify([collection, id, o, v, m, k, x ?? null]))
  return hash('sha256', Buffer.concat([named, key, body]), 'base64url').slice(0, 24)
}
