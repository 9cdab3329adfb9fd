/**
 * At which boundaries snapshots are taken: at the first of each stretch of block time, and at every one where that is
 * zero. A snapshot carries the rows and the newest minutes of the log, so its cost stays a part of what that time costs
 * anyway. The rule looks at the log alone: members with the same stretch take theirs at the same boundaries, and whoever
 * joins gets chunks of one snapshot from all of them.
 */
export function isSnapshotDue(everyMs: number, timeMs: number, previousMs: number | undefined): boolean {
  if (previousMs === undefined || everyMs === 0) return true
  return Math.floor(timeMs / everyMs) > Math.floor(previousMs / everyMs)
}
