/**
 * Which (DID, nonce) pairs are used, until when, and by which leaf. Pairs are known by the first 16 bytes of their hash,
 * forgotten a while after every transaction that could repeat them has expired.
 */
import type { Sha256 } from '@chengxin/crypto'
import { limits } from '@chengxin/kernel'
import { seal, unseal } from './checksum.ts'
import { type BytesTable, indexDamage, numberKey, type StateDatabase } from './state-database.ts'

export const nonceHashBytes = 16

/** A minute beyond the window, so that a pair outlives every transaction that names it. */
const keptMs = limits.notAfterAheadMs + 60_000

export function nonceHashOf(sha256: Sha256, nonceKey: string): Uint8Array {
  return sha256(Buffer.from(nonceKey)).subarray(0, nonceHashBytes)
}

export interface NonceEntry {
  readonly untilMs: number
  readonly leafIndex: number
}

export function writeNonce({ nonces }: StateDatabase, nonceHash: Uint8Array, entry: NonceEntry): void {
  const record = Buffer.allocUnsafe(14)
  record.writeDoubleLE(entry.untilMs, 0)
  record.writeUIntLE(entry.leafIndex, 8, 6)
  nonces.put(nonceHash, seal(nonceName(nonceHash), record))
}

export function readNonce(nonces: BytesTable, nonceHash: Uint8Array): NonceEntry | undefined {
  const sealed = nonces.getBinary(nonceHash)
  if (!sealed) return undefined
  const record = unseal(nonceName(nonceHash), sealed)
  if (!record) throw indexDamage(`nonces ${nonceName(nonceHash)}`, 'The record of a used nonce is damaged.')
  return { untilMs: record.readDoubleLE(0), leafIndex: record.readUIntLE(8, 6) }
}

function nonceName(nonceHash: Uint8Array): string {
  return Buffer.from(nonceHash.buffer, nonceHash.byteOffset, nonceHash.byteLength).toString('hex')
}

/** Remembers what to forget once this block is old. */
export function writeNonceBlock(
  { nonceBlocks }: StateDatabase,
  height: number,
  timeMs: number,
  nonceHashes: readonly Uint8Array[],
): void {
  const record = Buffer.allocUnsafe(8 + nonceHashes.length * nonceHashBytes)
  record.writeDoubleLE(timeMs, 0)
  for (const [position, nonceHash] of nonceHashes.entries()) record.set(nonceHash, 8 + position * nonceHashBytes)
  nonceBlocks.put(numberKey(height), seal(`nonces of ${height}`, record))
}

/**
 * Forgets pairs of blocks that are older than the window at this block time, oldest block first, whole blocks only, until
 * `most` pairs are gone: a commit after a long silence must not pay for all of it.
 */
export function forgetOldNonces(database: StateDatabase, timeMs: number, most: number): void {
  for (let forgotten = 0; forgotten < most; ) {
    const [oldest] = [...database.nonceBlocks.getRange({ limit: 1 })]
    if (!oldest) return
    const height = Buffer.from(oldest.key).readUIntBE(0, 6)
    const record = unseal(`nonces of ${height}`, oldest.value)
    if (!record) throw indexDamage(`nonce-blocks ${height}`, 'The nonces of this block are damaged.')
    if (record.readDoubleLE(0) >= timeMs - keptMs) return
    for (let from = 8; from < record.length; from += nonceHashBytes) {
      forgetNonce(database, record.subarray(from, from + nonceHashBytes), timeMs)
    }
    forgotten += 1 + (record.length - 8) / nonceHashBytes
    database.nonceBlocks.remove(oldest.key)
  }
}

/** A pair may have been used again after it had expired; that newer use is forgotten with its own block. */
function forgetNonce({ nonces }: StateDatabase, nonceHash: Uint8Array, timeMs: number): void {
  const entry = readNonce(nonces, nonceHash)
  if (entry && entry.untilMs <= timeMs - (keptMs - limits.notAfterAheadMs)) nonces.remove(nonceHash)
}
