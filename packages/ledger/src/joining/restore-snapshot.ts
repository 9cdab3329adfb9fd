/**
 * A store made from a snapshot on disk, without an engine: held to notes that the members of the genesis have signed, then
 * brought up to the end of a log by running what is newer and taking over what is older.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Ed25519PublicJwk } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import { groupIdOf } from '../execution/genesis.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { rulesFromShelf } from '../execution/ruleset-shelf.ts'
import { walkLog } from '../replay/log-walk.ts'
import { type ReplayDifference, ReplayRun } from '../replay/replay-run.ts'
import type { StoredHead } from '../storage/face.ts'
import { decodeManifest, headOf, readManifest } from '../storage/snapshot/manifest.ts'
import { SnapshotRestore } from '../storage/snapshot/restore.ts'
import { chunkName, manifestName } from '../storage/snapshot/write-snapshot.ts'
import { openStore } from '../storage/store.ts'
import { agreedHashOfHead } from './agreed-hash.ts'
import { type ClaimedSnapshot, endorsedBoundaries } from './endorsed-boundaries.ts'

export interface RestoreOptions {
  /** The group's own directory: without log, tiles and state. */
  readonly directory: string
  /** The snapshot's folder, with its manifest and chunks. */
  readonly folder: string
  readonly genesis: GenesisDocument
  /** What members have signed of it. */
  readonly claims: readonly Omit<ClaimedSnapshot, 'height'>[]
}

/**
 * The head that was restored, or why not: `snapshot_not_agreed` where fewer than the quorum of the genesis' members signed
 * this boundary, and the refusals of `readManifest` and `SnapshotRestore`. Of the head, the chained state hash is confirmed
 * by whatever block is run next.
 */
export function restoreSnapshot({ directory, folder, genesis, claims }: RestoreOptions): StoredHead | Refusal {
  const bytes = fs.readFileSync(join(folder, manifestName))
  const said = decodeManifest(bytes)
  if (isRefusal(said)) return said
  const { height } = said.head
  const boundaries = endorsedBoundaries(
    claims.map((claim) => ({ ...claim, height })),
    { origin: genesis.origin, members: membersOf(genesis), sha256, verify: createVerifier().verify },
  )
  const boundary = boundaries.find(({ size, timeMs }) => size === said.head.size && timeMs === said.head.timeMs)
  if (boundary === undefined) return refuse('snapshot_not_agreed')
  const agreedHash = agreedHashOfHead(headOf(said))
  const manifest = readManifest(bytes, { ...boundary, group: groupIdOf(genesis), agreedHash }, agreedHashOfHead)
  if (isRefusal(manifest)) return manifest
  const restore = new SnapshotRestore(directory, manifest)
  for (const index of manifest.chunks.keys()) {
    const applied = restore.apply(index, readChunk(join(folder, chunkName(index))))
    if (!isRefusal(applied)) continue
    restore.abandon()
    return applied
  }
  return headOf(manifest)
}

function readChunk(path: string): Uint8Array {
  return fs.existsSync(path) ? fs.readFileSync(path) : new Uint8Array(0)
}

function membersOf({ members }: GenesisDocument) {
  return members.map(({ memberId, logKey }) => ({ memberId, logKey: logKey as Ed25519PublicJwk }))
}

export interface CaughtUp {
  readonly height: number
  readonly size: number
  /** Blocks that were run, and older ones that were taken over. */
  readonly run: number
  readonly filled: number
  /** Where a block came out otherwise than it was logged; the store ends before it. */
  readonly difference?: ReplayDifference
}

export interface CatchUpOptions {
  readonly directory: string
  /** A directory with the whole log of the group, of this member's own. */
  readonly log: string
  readonly genesis: GenesisDocument
  readonly rulesOf?: (hash: string) => RulesIndex
}

/** Fills the older part of a restored store from a log, and runs what the log has beyond it. `history_differs` as in `backfill`. */
export function catchUpFromLog({ directory, log, genesis, rulesOf }: CatchUpOptions): CaughtUp | Refusal {
  const store = openStore(directory, { createFresh: false })
  try {
    const run = new ReplayRun(genesis, store, rulesOf ?? rulesFromShelf(directory))
    const restored = store.head()?.height ?? -1
    let filled = 0
    for (const block of walkLog(log)) {
      if (block.height > restored) {
        const difference = run.next(block)
        if (difference !== undefined) return { ...headFacts(run), run: block.height - restored - 1, filled, difference }
      } else if (block.height === store.wantedHeight()) {
        const refusal = store.backfill([block.bytes()])
        if (refusal !== undefined) return refusal
        filled++
      }
    }
    const { height, size } = headFacts(run)
    return { height, size, run: height - restored, filled }
  } finally {
    store.close()
  }
}

function headFacts({ head }: ReplayRun): { readonly height: number; readonly size: number } {
  return { height: head?.height ?? -1, size: head?.size ?? 0 }
}
