/**
 * What a consortium uses while nobody asks anything of it. Engines look for what their peers lack a hundred times a second,
 * so that on a busy machine, where transactions come slowly, a good part of what each seems to cost is the passing of time.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Tree, usedBetween } from './process-tree.ts'

/** Time for what was asked before to reach disks and lists. */
const settleMs = 5_000

/** Processor time of engines and of all else, in microseconds a second, over so many seconds. */
export async function cpuAtRest(
  trees: () => readonly Tree[],
  seconds: number,
): Promise<{ readonly engines: number; readonly others: number }> {
  await delay(settleMs)
  const [before, startedMs] = [trees(), performance.now()]
  await delay(seconds * 1000)
  const used = trees().map((tree, index) => usedBetween(before[index] ?? new Map(), tree))
  const took = (performance.now() - startedMs) / 1000
  return {
    engines: used.reduce((sum, { engines }) => sum + engines.cpuMicros, 0) / took,
    others: used.reduce((sum, { others }) => sum + others.cpuMicros, 0) / took,
  }
}
