/** Blocks pulled ahead of the fold, up to a bound: while the database commits one batch, the next is being read. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { CommittedBlock, StoredEvent } from '@chengxin/module-kit'

/** What is read from a log before others have the thread. */
const turnWeight = 1000

export interface BlockFeed {
  /** Resolves when blocks of this weight have been read, after so long, or when somebody is in a hurry. */
  gather(enough: number, withinMs: number): Promise<void>
  /** Somebody waits for what is there: a gathering ends. */
  hurry(): void
  /** At least one block, at most about this many events; none when the source has ended. Throws what the source throws. */
  take(maxEvents: number): Promise<CommittedBlock[]>
  /** The next block that would be taken, if it has been read already. */
  next(): CommittedBlock | undefined
  close(): void
}

/** About how many rows a block comes to, long events counted by the kilobyte: what a batch may hold is bounded by it. */
export function weightOf(block: CommittedBlock): number {
  let weight = 1
  for (const event of block.genesisEvents ?? []) weight += eventWeight(event)
  for (const { events } of block.transactions) {
    weight++
    for (const event of events) weight += eventWeight(event)
  }
  return weight
}

function eventWeight(event: StoredEvent): number {
  let chars = 0
  for (const name in event) {
    const member = event[name]
    if (typeof member === 'string') chars += member.length
    else if (Array.isArray(member)) chars += member.length * 64
  }
  return 1 + (chars >> 10)
}

export function createBlockFeed(
  blocks: (signal: AbortSignal) => AsyncIterable<CommittedBlock>,
  maxWeight: number,
): BlockFeed {
  const stop = new AbortController()
  const queue: CommittedBlock[] = []
  let weight = 0
  let sinceTurn = 0
  let hurried = false
  let ended = false
  let failure: unknown
  let wake = (): void => {}
  let changed = new Promise<void>((resolve) => (wake = resolve))
  const change = (): void => {
    wake()
    changed = new Promise<void>((resolve) => (wake = resolve))
  }

  const pull = async (): Promise<void> => {
    for await (const block of blocks(stop.signal)) {
      if (stop.signal.aborted) return
      queue.push(block)
      const blockWeight = weightOf(block)
      weight += blockWeight
      sinceTurn += blockWeight
      change()
      if (sinceTurn > turnWeight) {
        sinceTurn = 0
        await othersTurn()
      }
      while (weight >= maxWeight && !stop.signal.aborted) await changed
    }
  }
  pull()
    .catch((error: unknown) => {
      failure = error
    })
    .finally(() => {
      ended = true
      change()
    })

  const hurry = (): void => {
    hurried = true
    change()
  }

  return {
    next: () => queue[0],
    hurry,
    gather: async (enough, withinMs) => {
      hurried = false
      const timer = setTimeout(hurry, withinMs)
      while (weight < enough && !hurried && !ended && !stop.signal.aborted) await changed
      clearTimeout(timer)
    },
    take: async (maxEvents) => {
      while (queue.length === 0 && !ended && !stop.signal.aborted) await changed
      if (queue.length === 0 && failure !== undefined && !stop.signal.aborted) throw failure
      let count = 0
      let taken = 0
      while (count < queue.length && (count === 0 || taken < maxEvents))
        taken += weightOf(queue[count++] as CommittedBlock)
      weight -= taken
      const head = queue.splice(0, count)
      change()
      return head
    },
    close: () => {
      stop.abort()
      change()
    },
  }
}
