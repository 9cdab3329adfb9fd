/**
 * The log on disk: segment files that only grow at the end of the newest, `log/000000000000.seg` and so on, up to 256 MiB
 * each. A block lies in one segment. What the bytes mean is block-frames.ts's business.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { flushDirectory, readWhole, writeWhole } from './disk.ts'
import { StoreDamaged } from './face.ts'

export interface LogPosition {
  readonly segment: number
  readonly offset: number
}

export const logStart: LogPosition = { segment: 0, offset: 0 }

const segmentLimit = 256 * 1024 * 1024
/** Open files kept for reading; a reader of old blocks moves through few segments at a time. */
const openFilesLimit = 16

export function segmentName(segment: number): string {
  return `${String(segment).padStart(12, '0')}.seg`
}

export class LogFiles {
  readonly #directory: string
  readonly #segmentLimit: number
  readonly #reading = new Map<number, number>()
  #writing: { readonly segment: number; readonly file: number } | undefined

  constructor(directory: string, segmentBytes = segmentLimit) {
    this.#directory = join(directory, 'log')
    this.#segmentLimit = segmentBytes
  }

  /** Where a block of this length goes after the end of the log. */
  place(end: LogPosition, length: number): LogPosition {
    const isFull = end.offset > 0 && end.offset + length > this.#segmentLimit
    return isFull ? { segment: end.segment + 1, offset: 0 } : end
  }

  /** Writes a block at the end of the log. Durable after `flush`. */
  write(at: LogPosition, bytes: Uint8Array): void {
    writeWhole(this.#fileForWriting(at.segment), bytes, at.offset)
  }

  flush(): void {
    if (this.#writing) fs.fdatasyncSync(this.#writing.file)
  }

  #fileForWriting(segment: number): number {
    if (this.#writing?.segment === segment) return this.#writing.file
    this.#closeWriting()
    const isNew = !fs.existsSync(this.path(segment))
    const file = fs.openSync(this.path(segment), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o640)
    this.#writing = { segment, file }
    if (isNew) flushDirectory(this.#directory)
    return file
  }

  /** The bytes at a place, as far as the segment has them. */
  readUpTo(segment: number, offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    const file = this.#fileForReading(segment)
    return file === undefined ? bytes.subarray(0, 0) : bytes.subarray(0, readWhole(file, bytes, offset))
  }

  /** The bytes at a place; damage where the segment ends before. */
  read(segment: number, offset: number, length: number): Buffer {
    const bytes = this.readUpTo(segment, offset, length)
    if (bytes.length < length) throw this.damage(segment, offset, 'The file is shorter than what was committed.')
    return bytes
  }

  #fileForReading(segment: number): number | undefined {
    const known = this.#reading.get(segment)
    if (known !== undefined) return known
    if (!fs.existsSync(this.path(segment))) return undefined
    const file = fs.openSync(this.path(segment), 'r')
    this.#reading.set(segment, file)
    if (this.#reading.size > openFilesLimit) {
      const [oldest, oldestFile] = this.#reading.entries().next().value as [number, number]
      fs.closeSync(oldestFile)
      this.#reading.delete(oldest)
    }
    return file
  }

  /** Cuts away everything beyond the position: what a killed commit left. */
  cut(end: LogPosition): void {
    this.#closeWriting()
    for (const segment of this.segments()) {
      if (segment < end.segment) continue
      if (segment > end.segment) {
        this.#forget(segment)
        fs.unlinkSync(this.path(segment))
        continue
      }
      const file = fs.openSync(this.path(segment), 'r+')
      try {
        if (fs.fstatSync(file).size > end.offset) {
          fs.ftruncateSync(file, end.offset)
          fs.fsyncSync(file)
        }
      } finally {
        fs.closeSync(file)
      }
    }
  }

  /** Numbers of the segments on disk, ascending. */
  segments(): number[] {
    return fs
      .readdirSync(this.#directory)
      .filter((name) => /^[0-9]{12}\.seg$/.test(name))
      .map((name) => Number(name.slice(0, 12)))
      .sort((a, b) => a - b)
  }

  /** The next segment on disk; a store that began with a snapshot has a gap. */
  segmentAfter(segment: number): number {
    return this.segments().find((other) => other > segment) ?? segment + 1
  }

  path(segment: number): string {
    return join(this.#directory, segmentName(segment))
  }

  /** Bytes on disk. */
  size(): number {
    return this.segments().reduce((sum, segment) => sum + fs.statSync(this.path(segment)).size, 0)
  }

  damage(segment: number, offset: number, why: string): StoreDamaged {
    return new StoreDamaged({
      code: 'log_damaged',
      file: `log/${segmentName(segment)}`,
      at: `byte ${offset}`,
      advice: `${why} Stop the node and restore this file from another member or a backup, then run the audit of the store.`,
    })
  }

  #forget(segment: number): void {
    const file = this.#reading.get(segment)
    if (file === undefined) return
    fs.closeSync(file)
    this.#reading.delete(segment)
  }

  #closeWriting(): void {
    if (this.#writing) fs.closeSync(this.#writing.file)
    this.#writing = undefined
  }

  close(): void {
    this.#closeWriting()
    for (const segment of [...this.#reading.keys()]) this.#forget(segment)
  }
}
