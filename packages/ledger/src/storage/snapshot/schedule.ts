/**
 * At which boundaries snapshots are taken: at each while the log is short, at ever fewer while it grows, so that the work
 * for one, which follows the size of the state, stays a fixed part of all work. It depends on the log alone: members take
 * theirs at the same boundaries, and whoever joins gets chunks of one snapshot from all of them.
 */

/** A log grows by this part, at most, from one snapshot to the next. */
const partOfLog = 8

/** Boundaries from one snapshot to the next, when so many have been passed. */
export function boundariesApart(passed: number): number {
  let apart = 1
  while (apart * partOfLog * 2 <= passed) apart *= 2
  return apart
}

/** Whether the block that took the log from one size to the other has a snapshot; roots are taken at every `every` leaves. */
export function isSnapshotDue(every: number, sizeBefore: number, size: number): boolean {
  const passed = Math.floor(size / every)
  const apart = boundariesApart(passed)
  return Math.floor(passed / apart) > Math.floor(Math.floor(sizeBefore / every) / apart)
}
