/** A small record on disk that must survive a crash: written beside, flushed, then put in place of the old one. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Kept<T> {
  /** The record, or `undefined` where none was ever written. */
  load(): Promise<T | undefined>
  /** Resolves once the record would survive a crash. */
  save(record: T): Promise<void>
  /** Forgets the record: what was personal in it is gone from here. */
  erase(): Promise<void>
}

/** A record as JSON in a file that only its owner can read: plans hold what the ledger must not. */
export function keptInFile<T>(path: string): Kept<T> {
  return {
    async load() {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as T
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async save(record) {
      await mkdir(dirname(path), { recursive: true })
      await writeFlushed(`${path}.new`, JSON.stringify(record))
      await rename(`${path}.new`, path)
      await flushDirectory(dirname(path))
    },
    async erase() {
      await rm(path, { force: true })
    },
  }
}

/** A record in memory, for what may be lost. */
export function keptInMemory<T>(): Kept<T> {
  let kept: T | undefined
  return {
    load: async () => kept,
    save: async (record) => {
      kept = record
    },
    erase: async () => {
      kept = undefined
    },
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
