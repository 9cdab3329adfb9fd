/** The order of facts as one number, for lists that are paged: leaf by leaf, and within a transaction event by event. */
import type { EventMeta } from '@chengxin/module-kit'

/** A transaction has far fewer events than this; genesis events come out below zero. */
export const eventsOfOneLeaf = 65_536

export function sequenceOf({ leafIndex, eventIndex }: EventMeta): number {
  return leafIndex * eventsOfOneLeaf + eventIndex
}
