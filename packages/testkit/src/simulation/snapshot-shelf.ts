/**
 * The snapshots that members have, written by the real writer from the real store. Members take theirs at the same
 * boundaries and theirs are equal, so one store a history is enough: it is made when somebody first asks, of the blocks
 * that members have agreed on, and each member shows of it what it would have.
 */
import { rmSync } from 'node:fs'
import { servedSnapshots } from '@chengxin/ledger/joining/served-snapshots'
import type { SnapshotCalls } from '@chengxin/ledger/ordering/application'
import { pruneSnapshots } from '@chengxin/ledger/snapshots'
import type { BlockToStore, SettledBoundary, StateSettler, Store } from '@chengxin/ledger/storage/face'
import { openStateSettler, openStore } from '@chengxin/ledger/storage/store'
import { newDirectory } from './storage.ts'
import { townGroup } from './town.ts'

/** Where the state was taken: its block, and the roots that members sign. */
export interface TakenBoundary extends Pick<SettledBoundary, 'height' | 'size' | 'timeMs' | 'root'> {
  readonly logRoot: Uint8Array
}

/** As a node does unless it is told otherwise. */
const kept = 2

export class SnapshotShelf {
  readonly #blocks: readonly BlockToStore[]
  readonly #taken: TakenBoundary[] = []
  #open: { readonly directory: string; readonly store: Store; readonly settler: StateSettler } | undefined
  #fed = 0

  /** Of all blocks that members have agreed on, genesis first; the list grows. */
  constructor(blocks: readonly BlockToStore[]) {
    this.#blocks = blocks
  }

  /** The boundaries whose snapshots are kept, newest last. */
  boundaries(): readonly TakenBoundary[] {
    this.#bring()
    return this.#taken.slice(-kept)
  }

  /** What a member serves that has so many of them. */
  served(has: (height: number) => boolean): Pick<SnapshotCalls, 'listSnapshots' | 'loadSnapshotChunk'> {
    const calls = () => {
      this.#bring()
      return servedSnapshots(this.#opened().directory)
    }
    return {
      listSnapshots: () =>
        calls()
          .listSnapshots()
          .filter(({ height }) => has(height)),
      loadSnapshotChunk: (offer, index) => (has(offer.height) ? calls().loadSnapshotChunk(offer, index) : undefined),
    }
  }

  /** Every row as it was after a block. */
  rowsAfter(height: number): ReadonlyMap<string, string> {
    const rows = new Map<string, string>()
    for (const { writes } of this.#blocks.slice(0, height + 1)) {
      for (const { key, value } of writes) {
        if (value === undefined) rows.delete(key)
        else rows.set(key, value)
      }
    }
    return rows
  }

  remove(): void {
    if (this.#open === undefined) return
    const { directory, store, settler } = this.#open
    settler.close()
    store.close()
    this.#open = undefined
    rmSync(directory, { recursive: true, force: true })
  }

  #bring(): void {
    if (this.#fed === this.#blocks.length) return
    const { directory, store, settler } = this.#opened()
    const fresh = this.#blocks.slice(this.#fed)
    for (const block of fresh) store.commit(block)
    this.#fed = this.#blocks.length
    const wanted = new Set(
      fresh
        .filter(({ boundary }) => boundary)
        .map(({ head }) => head.height)
        .slice(-kept),
    )
    settler.settle((at) => {
      if (wanted.has(at.height)) at.writeSnapshot(townGroup)
      const { height, size, timeMs, root } = at
      this.#taken.push({ height, size, timeMs, root, logRoot: this.#blocks[height]?.head.root as Uint8Array })
    })
    pruneSnapshots(directory, kept)
  }

  #opened() {
    if (this.#open === undefined) {
      const directory = newDirectory()
      const store = openStore(directory, { createFresh: true, isSettledElsewhere: true })
      this.#open = { directory, store, settler: openStateSettler(directory) }
    }
    return this.#open
  }
}
