/**
 * Which (DID, nonce) pairs are used, until when, and by which leaf. A pair is known by the first 16 bytes of its hash.
 *
 * Two indexes take turns. When one has taken pairs for longer than any of them can matter, the other, which is older
 * still, is emptied as a whole and takes over: pairs are forgotten without being looked for.
 */
import { limits } from '@chengxin/kernel'
import { nonceHashBytes } from './leaf-traces.ts'
import type { SettledDatabase, SettledMark } from './settled-database.ts'

/** A minute beyond the window, so that a pair outlives every transaction that names it. */
const turnMs = limits.notAfterAheadMs + 60_000

/** The hash, the index of the leaf, and until when. */
export const nonceRecordBytes = nonceHashBytes + 12

export interface NonceUse {
  readonly untilMs: number
  readonly leafIndex: number
}

/** Writes one record; the buffer has room for it. */
export function encodeNonce(to: Buffer, at: number, nonceHash: Uint8Array, { leafIndex, untilMs }: NonceUse): void {
  to.set(nonceHash, at)
  to.writeUIntLE(leafIndex, at + nonceHashBytes, 6)
  to.writeUIntLE(untilMs, at + nonceHashBytes + 6, 6)
}

/** The newest use of a pair, which may have expired. */
export function readNonce({ nonces }: SettledDatabase, nonceHash: Uint8Array): NonceUse | undefined {
  const uses = nonces.map((index) => {
    const record = index.find(nonceHash)
    return (
      record && {
        leafIndex: record.readUIntLE(nonceHashBytes, 6),
        untilMs: record.readUIntLE(nonceHashBytes + 6, 6),
      }
    )
  })
  const [first, second] = uses
  return first && second ? (first.leafIndex > second.leafIndex ? first : second) : (first ?? second)
}

/** Whose turn it is at this block time; the index that takes over is emptied. */
export function takeTurns({ nonces }: SettledDatabase, mark: SettledMark, timeMs: number): SettledMark {
  if (timeMs - mark.nonceSinceMs <= turnMs) return mark
  const nonceTable = mark.nonceTable === 0 ? 1 : 0
  nonces[nonceTable].clear()
  return { ...mark, nonceTable, nonceSinceMs: timeMs }
}
