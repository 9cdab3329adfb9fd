/**
 * Reads everything that a store has on disk and names what is damaged: both state databases page by page and value by
 * value, every frame of the log, the tree's files against the tree of the leaves, every index entry, and the tree over the
 * state against the rows. Runs to its end without giving way, in a thread or program of its own; its memory does not grow
 * with the log.
 */
import { join } from 'node:path'
import { CommitWitness, witnessName } from './commit-witness.ts'
import { type Damage, StoreDamaged } from './face.ts'
import { checkPages } from './lmdb-pages.ts'
import { stateDamage } from './lmdb-tables.ts'
import { recentFile } from './recent-database.ts'
import { checkEntry } from './scrub-entries.ts'
import { scrubLog } from './scrub-log.ts'
import { scrubTree } from './scrub-tree.ts'
import { settledFile } from './settled-database.ts'
import { Reading } from './store-reader.ts'

export interface ScrubProgress {
  readonly part: 'recent' | 'settled' | 'log' | 'tree'
  /** Entries, leaves or rows read of this part, and how many there are, when that is known. */
  readonly done: number
  readonly total?: number
}

export interface ScrubOptions {
  readonly onProgress?: (progress: ScrubProgress) => void
  /** Told of each block of the log that is whole, in order, for whoever holds something else against it. */
  readonly onBlock?: (block: ScrubbedBlock) => void
  /** Whether a node has the store open. Otherwise the pages of LMDB are looked at before LMDB is. */
  readonly isLive?: boolean
}

export interface ScrubbedBlock {
  readonly height: number
  readonly timeMs: number
  /** Leaves up to this block, and their root. */
  readonly size: number
  readonly root: Uint8Array
  /** Of the log's first leaf, in the block that has it: which group its signer meant. */
  readonly signedFor?: unknown
}

/** More than this is not worth telling apart. */
const mostDamages = 1000

/** Takes in what it is told, up to a limit. */
export class Findings {
  readonly damages: Damage[] = []

  add(damage: Damage): void {
    if (this.damages.length < mostDamages) this.damages.push(damage)
  }

  /** Runs a check that throws what it finds. */
  try(check: () => void): void {
    try {
      check()
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      this.add(error.damage)
    }
  }
}

export function scrub(directory: string, { onProgress, onBlock, isLive = false }: ScrubOptions = {}): Damage[] {
  const findings = new Findings()
  const progress = onProgress ?? (() => {})
  const checkStructure = (): void => {
    for (const part of [recentFile, settledFile] as const) scrubDatabase(directory, part, findings, progress)
  }
  if (!isLive) {
    checkStructure()
    if (findings.damages.length > 0) return findings.damages
  }
  let reading: Reading | undefined
  try {
    reading = new Reading(directory, false)
    // Reading something keeps LMDB from reusing the pages of this state until the next look at the disk.
    const committed = reading.committed()
    if (isLive) checkStructure()
    findings.try(() => checkWitness(directory, committed?.head.height ?? -1))
    if (committed) {
      scrubTree(reading, findings, progress)
      scrubLog(reading, committed, findings, { progress, onBlock: onBlock ?? (() => {}) })
    }
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error
    findings.add(error.damage)
  } finally {
    reading?.close()
  }
  return findings.damages
}

function scrubDatabase(
  directory: string,
  part: 'recent' | 'settled',
  findings: Findings,
  progress: (progress: ScrubProgress) => void,
): void {
  let done = 0
  checkPages(
    join(directory, 'state', part, 'data.mdb'),
    (table, key, value) => {
      findings.try(() => checkEntry(part, table, key, value))
      if (++done % 65_536 === 0) progress({ part, done })
    },
    ({ page, sentence }) => findings.add(stateDamage(part, `page ${page}`, sentence).damage),
  )
  progress({ part, done })
}

function checkWitness(directory: string, height: number): void {
  const witness = new CommitWitness(directory)
  try {
    const known = witness.height()
    const advice = 'It is written again with the next commit. Look for other damage of this disk.'
    const file = `state/${witnessName}`
    if (known === undefined) throw new StoreDamaged({ code: 'state_damaged', file, at: 'byte 0', advice })
    if (known > height)
      throw stateDamage(recentFile, `height ${height}`, `Block ${known} was acknowledged and is not there.`)
  } finally {
    witness.close()
  }
}
