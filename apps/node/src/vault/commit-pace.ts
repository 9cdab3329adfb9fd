/**
 * When to commit. A commit holds up the thread until the disk has it, so many small ones in a row leave no time for the
 * work that would fill the next; after each there is a rest, in which changes gather. Where nothing gathers, because one
 * writer waits for each of its changes, resting would only slow it down, and is left out for a while.
 */

export interface CommitPace {
  /** How long the next commit should wait for others to come along; nought: not at all. */
  waitMs(nowMs: number): number
  /** Notes a commit of so many changes. */
  committed(changes: number, startedMs: number, endedMs: number): void
}

/** Of the thread's time commits take a third at most. */
const restsPerCommit = 2
/** However slow the disk: nobody waits longer than this for company. */
const longestRestMs = 20
/** Shorter ones no timer keeps. */
const shortestRestMs = 1
/** After a rest in vain, so many commits go without. */
const unrestedCommits = 32

export function createCommitPace(): CommitPace {
  let restUntilMs = 0
  let unrested = 0
  let hasRested = false
  return {
    waitMs(nowMs) {
      const left = restUntilMs - nowMs
      hasRested = unrested === 0 && left >= shortestRestMs
      if (unrested > 0) unrested--
      return hasRested ? left : 0
    },
    committed(changes, startedMs, endedMs) {
      if (changes > 1) unrested = 0
      else if (hasRested) unrested = unrestedCommits
      restUntilMs = endedMs + Math.min(longestRestMs, restsPerCommit * (endedMs - startedMs))
    },
  }
}
