/**
 * A second memory of how far commits came: `state/acknowledged`, written after each, never flushed. LMDB keeps two pages
 * that name its newest state and falls back to the older one where the newer is damaged; without this file that would
 * look like a commit that was killed before its end, and an acknowledged block would be cut away. It can lag behind after
 * a power cut, which proves nothing; it is never ahead.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { checksum } from './checksum.ts'
import { readWhole, writeWhole } from './disk.ts'

export const witnessName = 'acknowledged'
const recordBytes = 12

export class CommitWitness {
  readonly #file: number
  readonly #record = Buffer.alloc(recordBytes)

  constructor(directory: string) {
    this.#file = fs.openSync(join(directory, 'state', witnessName), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o640)
  }

  /** The height it knows to be committed; −1 where it knows none, `undefined` where its bytes are damaged. */
  height(): number | undefined {
    const record = Buffer.alloc(recordBytes)
    if (readWhole(this.#file, record, 0) < recordBytes) return -1
    return record.readUInt32LE(8) === checksum(record.subarray(0, 8)) ? record.readDoubleLE(0) : undefined
  }

  remember(height: number): void {
    this.#record.writeDoubleLE(height, 0)
    this.#record.writeUInt32LE(checksum(this.#record.subarray(0, 8)), 8)
    try {
      writeWhole(this.#file, this.#record, 0)
    } catch {
      // The block is committed whether or not this file could be written.
    }
  }

  close(): void {
    fs.closeSync(this.#file)
  }
}
