/**
 * A parcel: several transactions in one entry of the engine's mempool, a line each. An engine does as much for an entry
 * of a kilobyte as for one of forty (it asks, remembers, floods to each peer, asks again after a block), so a member
 * sends what it was handed within some milliseconds as one. Blocks know no parcels: a proposer takes transactions out
 * of them, and a member that does not know parcels refuses them and agrees on the same blocks.
 */
import { limits } from '@chengxin/kernel'

/** Of all lines together, so that an entry is never longer than one transaction may be. */
export const parcelBytes = limits.transactionBytes
export const parcelTransactions = 128

const line = '\n'

/** The entry for these; one alone goes as it is. */
export function packParcel(transactions: readonly string[]): string {
  return transactions.join(line)
}

export function isParcel(entry: string): boolean {
  return entry.includes(line)
}

/** The transactions of a parcel, which may be anything; undefined for what nobody may pack so. */
export function unpackParcel(entry: string): readonly string[] | undefined {
  if (entry.length > parcelBytes) return undefined
  const transactions = entry.split(line, parcelTransactions + 1)
  const isPacked = transactions.length <= parcelTransactions && !transactions.includes('')
  return isPacked && new Set(transactions).size === transactions.length ? transactions : undefined
}
