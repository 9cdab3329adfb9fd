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

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The error that stands for a full disk, for whatever the system or the state database says when there is no room. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  // LMDB hands on the system's number (28 is ENOSPC) and has codes of its own for a map that cannot grow (MDB_MAP_FULL).
  const isFull =
    (typeof code === 'string' && fullCodes.has(code)) ||
    [28, 122, 27, -30792].includes(code as number) ||
    /No space left on device|Disk quota exceeded|File too large|MDB_MAP_FULL/.test(error.message)
  return isFull ? new StoreFull('The disk is full; what was committed is safe and readable.', { cause: error }) : error
}
