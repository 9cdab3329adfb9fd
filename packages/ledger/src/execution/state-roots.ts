/**
 * When state roots are taken and when members agree on them. A root is taken at the end of the block whose size is the
 * first to reach another multiple of K; it enters the agreed hash at the first later block with leaves that ends half of
 * K beyond the multiple, so that it can be computed beside the work. One root is on its way at a time: the next is taken
 * K later at the earliest.
 */
import type { StoreReader } from '../storage/face.ts'

export function stateRootLag(every: number): number {
  return Math.ceil(every / 2)
}

/** Whether a block that takes the log from one size to the other ends at a boundary. */
export function reachesBoundary(every: number, sizeBefore: number, size: number): boolean {
  return Math.floor(size / every) > Math.floor(sizeBefore / every)
}

/** Whether the root taken at a boundary has to be agreed on by a block that ends at this size. */
export function isRootDue(every: number, boundary: number, size: number): boolean {
  return size >= Math.floor(boundary / every) * every + stateRootLag(every)
}

/** The boundary whose root has not been agreed on yet, found again from the log at start. */
export function pendingBoundary(
  reader: Pick<StoreReader, 'head' | 'leaf' | 'block'>,
  every: number,
): number | undefined {
  const head = reader.head()
  const reached = head === undefined ? 0 : Math.floor(head.size / every) * every
  if (reached === 0) return undefined
  const leaf = reader.leaf(reached - 1)
  const block = leaf && reader.block(leaf.height)
  if (block === undefined) throw new Error(`The block that reached ${reached} leaves is not in the log.`)
  return block.size === head?.stateRoot?.size ? undefined : block.size
}
