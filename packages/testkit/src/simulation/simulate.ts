/** Many histories, one after another, until one breaks or the time is over; and the shortest form of one that broke. */

export { fileMoments } from './file-crash.ts'

import { type HistoryOptions, type HistoryReport, runHistory } from './history.ts'
import type { Broken } from './invariants.ts'
import { type Pool, signPool } from './town.ts'

export interface SimulationOptions {
  readonly seed: string
  /** The number of the first history; 0 if absent. */
  readonly first?: number
  /** Whichever comes first ends it. */
  readonly histories: number
  readonly untilMs?: number
  readonly now?: () => number
  readonly faults?: HistoryOptions['faults']
  readonly alwaysJoins?: boolean
  /** One history in so many has its first member on the real store; none if absent. */
  readonly realStoreEvery?: number
  /** Whether the steps of a history that broke are reduced to those that are needed; true if absent. */
  readonly isShortened?: boolean
  readonly onProgress?: (done: SimulationSum) => void
}

export interface SimulationSum {
  histories: number
  blocks: number
  leaves: number
  crashes: number
  readonly happened: Map<string, number>
}

export interface SimulationFailure {
  readonly history: number
  readonly broken: Broken
  /** Steps that were needed, of how many. */
  readonly steps: number
  readonly ofSteps: number
  readonly trace: readonly string[]
}

export interface SimulationResult {
  readonly sum: SimulationSum
  readonly failure?: SimulationFailure
}

const poolSize = 1_500
const pools = new Map<string, Pool>()

/** Signing costs as much as some hundred histories, so texts are signed once for a seed. */
export function poolOf(seed: string): Pool {
  const known = pools.get(seed)
  if (known !== undefined) return known
  const pool = signPool(seed, poolSize)
  pools.set(seed, pool)
  return pool
}

export function simulate(options: SimulationOptions): SimulationResult {
  const {
    seed,
    first = 0,
    histories,
    untilMs = Infinity,
    now = () => 0,
    faults,
    alwaysJoins = false,
    realStoreEvery,
    onProgress,
    isShortened = true,
  } = options
  const pool = poolOf(seed)
  const sum: SimulationSum = { histories: 0, blocks: 0, leaves: 0, crashes: 0, happened: new Map() }
  for (let history = first; history < first + histories && now() < untilMs; history++) {
    const one: HistoryOptions = {
      seed: `${seed} ${history}`,
      pool,
      ...(faults && { faults }),
      onWire: true,
      alwaysJoins,
      ...(realStoreEvery !== undefined && history % realStoreEvery === 0 && { onRealStore: true }),
    }
    const report = runHistory(one)
    add(sum, report)
    if (report.broken !== undefined) {
      const { broken, steps } = report
      const short = isShortened ? shorten(one, report) : { broken, steps, ofSteps: steps, trace: [] }
      return { sum, failure: { history, ...short } }
    }
    onProgress?.(sum)
  }
  return { sum }
}

function add(sum: SimulationSum, { blocks, leaves, crashes, happened }: HistoryReport): void {
  sum.histories++
  sum.blocks += blocks
  sum.leaves += leaves
  sum.crashes += crashes
  for (const [name, count] of happened) sum.happened.set(name, (sum.happened.get(name) ?? 0) + count)
}

/** Leaves out halves, quarters, … of the steps as long as the same invariant breaks. */
export function shorten(options: HistoryOptions, report: HistoryReport): Omit<SimulationFailure, 'history'> {
  const first = report.broken as Broken & { readonly step: number }
  const until = first.step + 1
  let kept = Array.from({ length: until }, (_nothing, step) => step)
  const without = (steps: readonly number[]) => {
    const rest = new Set(steps)
    return new Set(Array.from({ length: until }, (_nothing, step) => step).filter((step) => !rest.has(step)))
  }
  const breaks = (steps: readonly number[]) =>
    runHistory({ ...options, until, without: without(steps) }).broken?.invariant === first.invariant
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (breaks(fewer)) kept = fewer
      else at += size
    }
  }
  const trace: string[] = []
  const last = runHistory({ ...options, until, without: without(kept), trace: (line) => trace.push(line) })
  return { broken: last.broken ?? first, steps: kept.length, ofSteps: until, trace }
}
