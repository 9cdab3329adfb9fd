/** The snapshots that a store has to offer. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, isRefusal } from '@chengxin/kernel'
import { bytesOf, decodeManifest, type SnapshotManifest, snapshotHash } from './manifest.ts'
import { chunkName, manifestName } from './write-snapshot.ts'

export interface StoredSnapshot {
  readonly height: number
  /** Names the contents: equal on all members that took it. */
  readonly hash: string
  readonly chunks: number
  readonly manifest: Uint8Array
}

/** What a snapshot covers and takes. */
export interface SnapshotFacts {
  readonly height: number
  /** Leaves in the log then, and the time of its block. */
  readonly size: number
  readonly timeMs: number
  readonly hash: string
  readonly chunks: number
  /** On disk, all chunks together. */
  readonly bytes: number
}

/** Newest first. */
export function listSnapshots(directory: string): StoredSnapshot[] {
  return heights(directory).flatMap((height) => {
    const folder = folderOf(directory, height)
    const manifest = readIfThere(join(folder, manifestName))
    if (manifest === undefined) return []
    const chunks = fs.readdirSync(folder).filter((name) => name.endsWith('.chunk')).length
    return [{ height, hash: snapshotHash(sha256, manifest), chunks, manifest }]
  })
}

/** Newest first; what cannot be read is left out. */
export function describeSnapshots(directory: string): SnapshotFacts[] {
  return listSnapshots(directory).flatMap(({ height, hash, chunks, manifest }) => {
    const read = decodeManifest(manifest)
    if (isRefusal(read)) return []
    const { size, timeMs } = read.head
    return [{ height, size, timeMs, hash, chunks, bytes: bytesIn(folderOf(directory, height)) }]
  })
}

/** A chunk as it was taken; nothing where there is none, or where its bytes are no longer those that the manifest names. */
export function loadSnapshotChunk(directory: string, height: number, index: number): Uint8Array | undefined {
  const folder = folderOf(directory, height)
  const manifest = readIfThere(join(folder, manifestName))
  const read = manifest && decodeManifest(manifest)
  const named = read === undefined || isRefusal(read) ? undefined : read.chunks[index]
  const chunk = named && readIfThere(join(folder, chunkName(index)))
  return chunk && equalBytes(sha256(chunk), bytesOf(named.hash)) ? chunk : undefined
}

/** Notes that the member has signed of a boundary, in the folder of its snapshot. */
export interface SignedNotes {
  readonly state: string
  readonly log: string
}

const signedName = 'signed.json'

/** What cannot be written now is signed again when somebody asks. */
export function keepSigned(directory: string, height: number, notes: SignedNotes): void {
  const path = join(folderOf(directory, height), signedName)
  try {
    if (!fs.existsSync(path)) fs.writeFileSync(path, `${JSON.stringify(notes, undefined, 2)}\n`)
  } catch {
    // The snapshot has just been removed, or there is no room.
  }
}

/** The notes in the folder of a snapshot; nothing where there are none. */
export function readSigned(folder: string): SignedNotes | undefined {
  const text = readIfThere(join(folder, signedName))?.toString('utf8')
  return text === undefined ? undefined : (JSON.parse(text) as SignedNotes)
}

/** Asks whoever keeps this store to take a snapshot at the next boundary, whether one is due there or not. */
export function wishForSnapshot(directory: string): void {
  fs.writeFileSync(join(directory, wishName), '')
}

/** Whether somebody asked; asked once. */
export function takeWish(directory: string): boolean {
  const path = join(directory, wishName)
  const isAsked = fs.existsSync(path)
  if (isAsked) fs.rmSync(path, { force: true })
  return isAsked
}

const wishName = 'snapshot.wanted'

/** The manifest of the snapshot at a height, and the numbers of chunks that are missing or damaged. */
export function verifySnapshot(
  directory: string,
  height: number,
): { readonly manifest: SnapshotManifest; readonly damaged: readonly number[] } | undefined {
  const bytes = readIfThere(join(folderOf(directory, height), manifestName))
  const manifest = bytes && decodeManifest(bytes)
  if (manifest === undefined || isRefusal(manifest)) return undefined
  const indexes = [...manifest.chunks.keys()]
  return { manifest, damaged: indexes.filter((index) => loadSnapshotChunk(directory, height, index) === undefined) }
}

/** Removes all but the newest, and what a killed process left unfinished. */
export function pruneSnapshots(directory: string, keep: number): void {
  const folder = join(directory, 'snapshots')
  if (!fs.existsSync(folder)) return
  const kept = new Set(heights(directory).slice(0, keep).map(String))
  for (const name of fs.readdirSync(folder)) {
    if (!kept.has(name)) fs.rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function heights(directory: string): number[] {
  const folder = join(directory, 'snapshots')
  if (!fs.existsSync(folder)) return []
  const names = fs.readdirSync(folder).filter((name) => /^[0-9]+$/.test(name))
  return names.map(Number).sort((left, right) => right - left)
}

function folderOf(directory: string, height: number): string {
  return join(directory, 'snapshots', String(height))
}

/** Another thread may just be removing it. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return fs.readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function bytesIn(folder: string): number {
  return fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(join(folder, name)).size, 0)
}
