/**
 * What finds a leaf, and what it adds to the tree, as one run of bytes for a block: for each leaf
 * `[transaction id 32][nonce hash 16][nonce until u48][leaf hash 32]`. Bytes and not objects, because a store takes in
 * tens of thousands of leaves a second.
 */
import { hash } from 'node:crypto'
import type { LeafEntry } from './face.ts'

const hashBytes = 32
export const nonceHashBytes = 16
/** How much of a transaction's id the index keeps. */
export const idPrefixBytes = 16

const nonceAt = hashBytes
const untilAt = nonceAt + nonceHashBytes
const leafHashAt = untilAt + 6
export const traceBytes = leafHashAt + hashBytes

/** The first 16 bytes of the hash of a nonce key: what the indexes know the pair by. */
export function nonceHashOf(nonceKey: string): Uint8Array {
  return Buffer.from(nonceDigestOf(nonceKey), 'latin1').subarray(0, nonceHashBytes)
}

/** SHA-256 of the key's UTF-8, one character a byte. */
function nonceDigestOf(nonceKey: string): string {
  return hash('sha256', nonceKey, 'binary')
}

export function traceLeaves(leaves: readonly LeafEntry[]): LeafTraces {
  const bytes = Buffer.allocUnsafe(leaves.length * traceBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (const { transactionId, nonceKey, nonceUntilMs, leafHash } of leaves) {
    bytes.set(transactionId, at)
    bytes.write(nonceDigestOf(nonceKey), at + nonceAt, nonceHashBytes, 'latin1')
    view.setUint32(at + untilAt, nonceUntilMs % 2 ** 32, true)
    view.setUint16(at + untilAt + 4, nonceUntilMs / 2 ** 32, true)
    bytes.set(leafHash, at + leafHashAt)
    at += traceBytes
  }
  return new LeafTraces(bytes)
}

export class LeafTraces {
  readonly bytes: Buffer
  readonly count: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.count = bytes.length / traceBytes
  }

  transactionId(position: number): Buffer {
    const at = position * traceBytes
    return this.bytes.subarray(at, at + hashBytes)
  }

  idPrefix(position: number): Buffer {
    const at = position * traceBytes
    return this.bytes.subarray(at, at + idPrefixBytes)
  }

  nonceHash(position: number): Buffer {
    const at = position * traceBytes + nonceAt
    return this.bytes.subarray(at, at + nonceHashBytes)
  }

  nonceUntilMs(position: number): number {
    return this.bytes.readUIntLE(position * traceBytes + untilAt, 6)
  }

  leafHash(position: number): Buffer {
    const at = position * traceBytes + leafHashAt
    return this.bytes.subarray(at, at + hashBytes)
  }

  leafHashes(): Buffer[] {
    return Array.from({ length: this.count }, (_, position) => this.leafHash(position))
  }

  /** Where a part begins, for comparing and hashing in place. */
  offset(part: 'id' | 'nonce', position: number): number {
    return position * traceBytes + (part === 'id' ? 0 : nonceAt)
  }
}
