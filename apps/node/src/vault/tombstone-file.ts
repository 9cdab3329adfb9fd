/**
 * What has been erased from the vault, one line each, in a file of its own that no restore of the vault overwrites. A
 * line holds a random id and a time. Lines older than any copy that could come back are dropped when the file is opened.
 */
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Tombstones } from '@chengxin/services'

/** Copies of bodies should not be kept longer than this. */
const keptMs = 400 * 86_400_000

interface Line {
  readonly atMs: number
  readonly collection: string
  readonly id: string
}

export async function openTombstoneFile(path: string, nowMs: () => number): Promise<Tombstones> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const found = parse(await readFile(path, 'utf8').catch(() => ''))
  const lines = found.filter(({ atMs }) => atMs + keptMs > nowMs())
  if (lines.length < found.length) {
    await writeFile(`${path}.new`, lines.map(textOf).join(''), { mode: 0o600, flush: true })
    await rename(`${path}.new`, path)
  }
  let file: FileHandle | undefined
  let waiting: { readonly line: Line; readonly done: () => void; readonly failed: (error: unknown) => void }[] = []
  // One after the other: two writes must not run into each other. What comes meanwhile shares the next one.
  let before: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const together = waiting
    waiting = []
    if (together.length === 0) return
    try {
      file ??= await open(path, 'a', 0o600)
      await file.appendFile(together.map(({ line }) => textOf(line)).join(''))
      await file.datasync()
      for (const { line, done } of together) {
        lines.push(line)
        done()
      }
    } catch (error) {
      for (const { failed } of together) failed(error)
    }
  }

  return {
    add(collection, id) {
      const line: Line = { atMs: nowMs(), collection, id }
      return new Promise((done, failed) => {
        waiting.push({ line, done: () => done(undefined), failed })
        before = before.then(write)
      })
    },
    all: async () => lines,
    async close() {
      await before
      await file?.close()
    },
  }
}

function textOf({ atMs, collection, id }: Line): string {
  // Without spaces and line ends, whatever an id is made of.
  return `${atMs} ${collection} ${encodeURIComponent(id)}\n`
}

/** A last line that was cut off says nothing yet: what it names was not removed either. */
function parse(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .filter((parts) => parts.length === 3)
    .map(([atMs = '', collection = '', id = '']) => ({ atMs: Number(atMs), collection, id: decodeURIComponent(id) }))
}
