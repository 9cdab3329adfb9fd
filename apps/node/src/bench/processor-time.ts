/**
 * Processor time, which is what an operation costs whether or not others use the machine meanwhile. What a system without
 * /proc does not tell is nought.
 */
import { readFileSync } from 'node:fs'

/** Linux counts it in hundredths of a second for every program, whatever its kernel's own clock. */
const tickMs = 10

/** User and system time of what a `stat` file of /proc tells of: a process, or one thread. */
export function processorMs(path: string): number {
  try {
    const text = readFileSync(path, 'utf8')
    // The name in parentheses may hold anything; fields are counted behind it, from the third.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    return 0
  }
}

/** Of the thread that asks. */
export function threadProcessorMs(): number {
  return processorMs('/proc/thread-self/stat')
}

/** Begins to measure; the answer is the processor time of this process since, all its threads together. */
export function ownProcessorTime(): () => number {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}

/** Milliseconds of so many operations, each, with two digits. */
export function eachMs(totalMs: number, count: number): string {
  return (totalMs / count).toFixed(2)
}
