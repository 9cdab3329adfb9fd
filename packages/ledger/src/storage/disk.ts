/** The few file operations that durability rests on: whole writes at a place, and flushes that reach the directory. */
import * as fs from 'node:fs'
import { StoreFull } from './face.ts'

/** Writes all bytes at the position, however many calls that takes. */
export function writeWhole(file: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    written += fs.writeSync(file, bytes, written, bytes.length - written, position + written)
  }
}

/** Fills the buffer from the position; the number of bytes that were there. */
export function readWhole(file: number, bytes: Uint8Array, position: number): number {
  let read = 0
  while (read < bytes.length) {
    const count = fs.readSync(file, bytes, read, bytes.length - read, position + read)
    if (count === 0) break
    read += count
  }
  return read
}

/** Makes the names in a directory durable: a new file is lost with its directory's entry. */
export function flushDirectory(directory: string): void {
  const file = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 27, -30792]
/** Less room than this on the disk, and a write that failed half-way failed for want of it. */
const littleRoom = 1024 * 1024

/**
 * The error that stands for a full disk, for whatever the system or LMDB says when there is no room: a code, the system's
 * number for it, or, when a write ended half-way, just an input/output error. Other errors are handed back.
 */
export function asStoreError(error: unknown, directory: string): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  const isFull = fullCodes.includes(code) || ((code === 5 || code === 'EIO') && roomIn(directory) < littleRoom)
  return isFull ? new StoreFull('The disk is full; what was committed is safe and readable.', { cause: error }) : error
}

function roomIn(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize
}
