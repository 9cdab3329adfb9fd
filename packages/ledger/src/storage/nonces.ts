/**
 * Which (DID, nonce) pairs are used, until when, and by which leaf. A pair is known by the first 16 bytes of its hash.
 *
 * Two tables take turns. When one has taken pairs for longer than any of them can matter, the other, which is older
 * still, is emptied as a whole and takes over: pairs are forgotten without being looked for.
 */
import { limits } from '@chengxin/kernel'
import { sealBytes, sealInPlace, unseal } from './checksum.ts'
import { indexDamage } from './lmdb-tables.ts'
import { type SettledDatabase, type SettledMark, settledFile } from './settled-database.ts'

/** A minute beyond the window, so that a pair outlives every transaction that names it. */
const turnMs = limits.notAfterAheadMs + 60_000

export interface NonceUse {
  readonly untilMs: number
  readonly leafIndex: number
}

const scratch = Buffer.allocUnsafeSlow(sealBytes + 14)

/** Writes a pair in a transaction that is open, which copies it. */
export function writeNonce(
  { nonces }: SettledDatabase,
  { nonceTable }: SettledMark,
  nonceHash: Uint8Array,
  use: NonceUse,
): void {
  scratch.writeDoubleLE(use.untilMs, sealBytes)
  scratch.writeUIntLE(use.leafIndex, sealBytes + 8, 6)
  nonces[nonceTable].put(nonceHash, sealInPlace(nonceName(nonceHash), scratch))
}

/** The newest use of a pair, which may have expired. */
export function readNonce({ nonces }: SettledDatabase, nonceHash: Uint8Array): NonceUse | undefined {
  const uses = nonces.map((table) => {
    const sealed = table.get(nonceHash)
    const record = sealed && unseal(nonceName(nonceHash), sealed)
    if (sealed && !record) {
      throw indexDamage(settledFile, `nonce ${nonceName(nonceHash)}`, 'The record of a used nonce is damaged.')
    }
    return record && { untilMs: record.readDoubleLE(0), leafIndex: record.readUIntLE(8, 6) }
  })
  const [first, second] = uses
  return first && second ? (first.leafIndex > second.leafIndex ? first : second) : (first ?? second)
}

export function nonceName(nonceHash: Uint8Array): string {
  return Buffer.from(nonceHash.buffer, nonceHash.byteOffset, nonceHash.byteLength).toString('hex')
}

/** Whose turn it is at this block time; the table that takes over is emptied. */
export function takeTurns({ nonces }: SettledDatabase, mark: SettledMark, timeMs: number): SettledMark {
  if (timeMs - mark.nonceSinceMs <= turnMs) return mark
  const nonceTable = mark.nonceTable === 0 ? 1 : 0
  nonces[nonceTable].clear()
  return { ...mark, nonceTable, nonceSinceMs: timeMs }
}
