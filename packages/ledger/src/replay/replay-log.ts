/** Proves a log by running it again, and makes a lost state anew from it. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { ExecutorHead } from '../execution/executor.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { rulesFromShelf } from '../execution/ruleset-shelf.ts'
import { openStore } from '../storage/store.ts'
import { walkLog } from './log-walk.ts'
import { type ReplayDifference, ReplayRun } from './replay-run.ts'

export interface ReplayOptions {
  /** Rules by their hash; those on the group's shelf, in the realm, if absent. */
  readonly rulesOf?: (hash: string) => RulesIndex
  /** Told of each block that was run and found equal. */
  readonly onProgress?: (progress: { readonly height: number; readonly size: number }) => void
}

export interface ReplayReport {
  readonly height: number
  readonly size: number
  readonly stateHash: string
  readonly agreedHash: string
  /** Whether every block came out as it was logged. */
  readonly equal: boolean
  readonly firstDifference?: ReplayDifference
}

/**
 * Runs a group's whole log again, each range with its own rules, over an empty store beside it that is removed in the
 * end, and compares every leaf and hash. The ledger may be open meanwhile; what is committed later is not looked at.
 */
export function replayLog(directory: string, options: ReplayOptions = {}): ReplayReport {
  const scratch = join(directory, 'replay.tmp')
  try {
    return replayInto(directory, scratch, options)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

/**
 * Makes state and tiles anew from the log, when they are lost or damaged. Refuses to replace anything unless the whole log
 * came out equal. The ledger must be closed.
 */
export function rebuildState(directory: string, options: ReplayOptions = {}): ReplayReport {
  const scratch = join(directory, 'rebuild.tmp')
  const report = replayInto(directory, scratch, options)
  if (!report.equal) {
    fs.rmSync(scratch, { recursive: true, force: true })
    return report
  }
  for (const part of ['log', 'tiles', 'state']) {
    const [place, old] = [join(directory, part), join(directory, `${part}.old`)]
    fs.rmSync(old, { recursive: true, force: true })
    if (fs.existsSync(place)) fs.renameSync(place, old)
    fs.renameSync(join(scratch, part), place)
  }
  for (const part of ['log', 'tiles', 'state'])
    fs.rmSync(join(directory, `${part}.old`), { recursive: true, force: true })
  fs.rmSync(scratch, { recursive: true, force: true })
  return report
}

function replayInto(directory: string, scratch: string, options: ReplayOptions): ReplayReport {
  const { rulesOf = rulesFromShelf(directory), onProgress = () => {} } = options
  const genesis = JSON.parse(fs.readFileSync(join(directory, 'genesis.json'), 'utf8')) as GenesisDocument
  fs.rmSync(scratch, { recursive: true, force: true })
  fs.mkdirSync(scratch, { recursive: true })
  const store = openStore(scratch, { createFresh: true })
  try {
    const run = new ReplayRun(genesis, store, rulesOf)
    for (const block of walkLog(directory)) {
      const firstDifference = run.next(block)
      if (firstDifference !== undefined) return { ...reportOf(run.head), equal: false, firstDifference }
      onProgress({ height: block.height, size: block.size })
    }
    return { ...reportOf(run.head), equal: true }
  } finally {
    store.close()
  }
}

function reportOf(head: ExecutorHead | undefined) {
  const { height = -1, size = 0, stateHash = '', agreedHash = '' } = head ?? {}
  return { height, size, stateHash, agreedHash }
}
