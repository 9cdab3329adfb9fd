/**
 * Hashes of the Merkle tree on disk: `tiles/0` holds the leaf hashes, `tiles/1` the roots of 256 of them, and so on, 32
 * bytes each, in order. A tlog tile is a run of 256; hashes of the levels between are computed from these.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { flushDirectory, readWhole, writeWhole } from './disk.ts'
import { StoreDamaged } from './face.ts'

export const hashBytes = 32

/** Hashes that an append completes, by tile level: the index of the first and the hashes after one another. */
export interface TileGrowth {
  readonly level: number
  readonly first: number
  readonly hashes: Uint8Array
}

interface Run {
  readonly first: number
  readonly hashes: Buffer
}

/** Hashes that are read at once by whoever reads all. */
const runHashes = 8192

function hashOfRun({ first, hashes }: Run, index: number): Buffer {
  const at = (index - first) * hashBytes
  return hashes.subarray(at, at + hashBytes)
}

/** How many hashes a tree of this size has at a tile level. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / 256 ** level)
}

export class TileFiles {
  readonly #directory: string
  readonly #files = new Map<number, number>()
  readonly #runs = new Map<number, Run>()
  readonly #isWriter: boolean

  constructor(directory: string, isWriter: boolean) {
    this.#directory = join(directory, 'tiles')
    this.#isWriter = isWriter
  }

  /** Writes completed hashes in place. Durable after `flushAll`. */
  write({ level, first, hashes }: TileGrowth): void {
    const file = this.#file(level) as number
    writeWhole(file, hashes, first * hashBytes)
  }

  /** Makes durable what this and any other thread wrote. */
  flushAll(): void {
    for (const level of this.levels()) fs.fdatasyncSync(this.#file(level) as number)
  }

  /** Hashes `first` to `first + count` of a level; damage where the file ends before. */
  read(level: number, first: number, count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count * hashBytes)
    const file = this.#file(level)
    if (file === undefined || readWhole(file, bytes, first * hashBytes) < bytes.length) {
      throw this.damage(level, first, 'The file is shorter than the tree.')
    }
    return bytes
  }

  /** One hash for whoever reads a level from its beginning: most come from the run read last. */
  readAhead(level: number, index: number): Buffer {
    const run = this.#runs.get(level)
    if (run && index >= run.first && index < run.first + run.hashes.length / hashBytes) return hashOfRun(run, index)
    const file = this.#file(level)
    const bytes = Buffer.alloc(runHashes * hashBytes)
    const read = file === undefined ? 0 : readWhole(file, bytes, index * hashBytes)
    const next = { first: index, hashes: bytes.subarray(0, read) }
    this.#runs.set(level, next)
    return hashOfRun(next, index)
  }

  /** Cuts away what lies beyond a tree of this size, if anything does. */
  cut(size: number): void {
    for (const level of this.levels()) {
      const length = hashesAt(level, size) * hashBytes
      const file = this.#file(level) as number
      if (fs.fstatSync(file).size > length) fs.ftruncateSync(file, length)
    }
  }

  levels(): number[] {
    return fs
      .readdirSync(this.#directory)
      .filter((name) => /^[0-7]$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  }

  size(): number {
    return this.levels().reduce((sum, level) => sum + fs.statSync(join(this.#directory, String(level))).size, 0)
  }

  damage(level: number, index: number, why: string): StoreDamaged {
    return new StoreDamaged({
      code: 'tile_damaged',
      file: `tiles/${level}`,
      at: `hash ${index} (byte ${index * hashBytes})`,
      advice: `${why} The log still has the leaves: stop the node and rebuild the tiles from it.`,
    })
  }

  #file(level: number): number | undefined {
    const known = this.#files.get(level)
    if (known !== undefined) return known
    const path = join(this.#directory, String(level))
    const isNew = !fs.existsSync(path)
    if (isNew && !this.#isWriter) return undefined
    const file = this.#isWriter
      ? fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o640)
      : fs.openSync(path, 'r')
    if (isNew) flushDirectory(this.#directory)
    this.#files.set(level, file)
    return file
  }

  close(): void {
    for (const file of this.#files.values()) fs.closeSync(file)
    this.#files.clear()
  }
}
