/**
 * A store made from a snapshot. Chunks may come in any order and from anyone: each must have the hash that the manifest
 * names, and all together must give the agreed roots of state and log. The store is built beside its place and moved there
 * when everything held; a refusal leaves nothing behind.
 */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { isRefusal, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { flushDirectory } from '../disk.ts'
import { Reading } from '../store-reader.ts'
import { buildLog } from './build-log.ts'
import { buildState } from './build-state.ts'
import { largestChunk, type SnapshotManifest } from './manifest.ts'
import { decodeRowChunk } from './row-chunk.ts'
import { chunkName } from './write-snapshot.ts'

const storeParts = ['log', 'tiles', 'state/recent', 'state/settled']

export class SnapshotRestore {
  readonly #directory: string
  readonly #manifest: SnapshotManifest
  readonly #building: string
  readonly #missing: Set<number>

  /** The directory must not have a store yet. What an earlier attempt left beside it is removed. */
  constructor(directory: string, manifest: SnapshotManifest) {
    this.#directory = directory
    this.#manifest = manifest
    this.#building = `${directory}.restoring`
    this.#missing = new Set(manifest.chunks.keys())
    fs.rmSync(this.#building, { recursive: true, force: true })
    for (const part of ['chunks', ...storeParts]) fs.mkdirSync(join(this.#building, part), { recursive: true })
  }

  /** Chunks that have not come yet. */
  get missing(): readonly number[] {
    return [...this.#missing]
  }

  /**
   * Takes a chunk; `complete` when it was the last and the store stands in its place. Refusals, in order:
   * `snapshot_chunk_unknown`, `snapshot_chunk_too_large`, `snapshot_chunk_altered`: the chunk can be asked of somebody
   * else. `snapshot_chunk_malformed`, and with the last chunk `snapshot_state_differs`, `snapshot_log_differs` and
   * `snapshot_log_too_short`: the whole snapshot is worthless, and is gone.
   */
  apply(index: number, chunk: Uint8Array): 'applied' | 'complete' | Refusal {
    const named = this.#manifest.chunks[index]
    if (!named) return refuse('snapshot_chunk_unknown')
    if (chunk.length > largestChunk) return refuse('snapshot_chunk_too_large')
    if (toBase64url(sha256(chunk)) !== named.hash) return refuse('snapshot_chunk_altered')
    if (!this.#missing.has(index)) return 'applied'
    if (named.kind === 'rows') {
      const rows = decodeRowChunk(chunk)
      if (isRefusal(rows)) return this.#giveUp(rows)
    }
    fs.writeFileSync(this.#chunkPath(index), chunk)
    this.#missing.delete(index)
    return this.#missing.size > 0 ? 'applied' : this.#complete()
  }

  #complete(): 'complete' | Refusal {
    const refusal = this.#build()
    if (refusal) return this.#giveUp(refusal)
    fs.rmSync(join(this.#building, 'chunks'), { recursive: true })
    for (const part of [...storeParts, 'state', '.']) flushDirectory(join(this.#building, part))
    fs.mkdirSync(this.#directory, { recursive: true })
    for (const part of ['log', 'tiles', 'state']) fs.renameSync(join(this.#building, part), join(this.#directory, part))
    fs.rmSync(this.#building, { recursive: true, force: true })
    flushDirectory(this.#directory)
    flushDirectory(dirname(this.#directory))
    return 'complete'
  }

  #giveUp(refusal: Refusal): Refusal {
    this.abandon()
    return refusal
  }

  #build(): Refusal | undefined {
    const reading = new Reading(this.#building, true)
    try {
      const read = (kind: string) => this.#chunksOf(kind)
      return buildState(reading.settled, this.#manifest, read('rows')) ?? buildLog(reading, this.#manifest, read)
    } finally {
      reading.close()
    }
  }

  *#chunksOf(kind: string): Generator<Buffer> {
    for (const [index, chunk] of this.#manifest.chunks.entries()) {
      if (chunk.kind === kind) yield fs.readFileSync(this.#chunkPath(index))
    }
  }

  #chunkPath(index: number): string {
    return join(this.#building, 'chunks', chunkName(index))
  }

  /** Removes everything that was taken. */
  abandon(): void {
    fs.rmSync(this.#building, { recursive: true, force: true })
  }
}
