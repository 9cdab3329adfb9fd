/** The snapshots that a store has to offer. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { snapshotHash } from './manifest.ts'
import { chunkName, manifestName } from './write-snapshot.ts'

export interface StoredSnapshot {
  readonly height: number
  /** Names the contents: equal on all members that took it. */
  readonly hash: string
  readonly chunks: number
  readonly manifest: Uint8Array
}

/** Newest first. */
export function listSnapshots(directory: string): StoredSnapshot[] {
  return heights(directory).map((height) => {
    const folder = join(directory, 'snapshots', String(height))
    const manifest = fs.readFileSync(join(folder, manifestName))
    const chunks = fs.readdirSync(folder).filter((name) => name.endsWith('.chunk')).length
    return { height, hash: snapshotHash(sha256, manifest), chunks, manifest }
  })
}

export function loadSnapshotChunk(directory: string, height: number, index: number): Uint8Array | undefined {
  const path = join(directory, 'snapshots', String(height), chunkName(index))
  return fs.existsSync(path) ? fs.readFileSync(path) : undefined
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
