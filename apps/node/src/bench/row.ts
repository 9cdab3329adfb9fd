/** One line of the benchmark's table. Rates are of this machine in this run: compare rows with each other only. */
export interface BenchRow {
  readonly name: string
  /** Operations a second: transfers where a transaction has several actions. */
  readonly perSecond: number
  /** From handing it in to its durable answer, in milliseconds; absent where single answers are not timed. */
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** Signatures a second beside the raw verification limit of the same run. */
  readonly ratioToLimit?: number
  /** What was run: mix, clients, settings, engine. */
  readonly how: string
  readonly facts?: { readonly [name: string]: string | number }
  /** Why a row is below its aim, where it is. */
  readonly note?: string
}

/** A peer that is not installed: the row says so instead of pretending a number. */
export interface MissingRow {
  readonly name: string
  readonly missing: string
}

/** Fractions of sorted samples by nearest rank. */
export function percentile(sortedMs: readonly number[], fraction: number): number {
  if (sortedMs.length === 0) return Number.NaN
  const rank = Math.ceil(fraction * sortedMs.length) - 1
  return sortedMs[Math.max(0, rank)] as number
}

export function percentiles(samplesMs: number[]): { p50Ms: number; p99Ms: number } {
  samplesMs.sort((left, right) => left - right)
  return { p50Ms: percentile(samplesMs, 0.5), p99Ms: percentile(samplesMs, 0.99) }
}
