/**
 * Fetches the part of the log that is older than a snapshot, from whoever has it, while the node serves what is there.
 * The ledger checks every leaf against the log's root; what that does not cover, genesis events and the times of blocks
 * without leaves, must be the same at more than a third of the members: then one of them at least is honest.
 */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isRefusal } from '@chengxin/kernel'
import type { LedgerArchive } from '@chengxin/ledger/face'
import type { MemberNode } from './member-node.ts'

export interface FillOptions {
  readonly archive: LedgerArchive
  readonly nodes: readonly MemberNode[]
  readonly signal: AbortSignal
  readonly notice: (
    level: 'info' | 'warn',
    facts: { readonly [name: string]: string | number },
    sentence: string,
  ) => void
}

const blocksAtOnce = 256
const retryMs = 5_000

/** Runs until nothing is lacking or the signal; never rejects for what others do. */
export async function fillHistory(options: FillOptions): Promise<void> {
  const { archive, signal, notice } = options
  let [turn, isWaiting] = [0, false]
  for (let lacking = archive.lacking(); lacking !== undefined && !signal.aborted; lacking = archive.lacking()) {
    const { fromHeight, toHeight } = lacking
    const fault = await fillSome(options, fromHeight, Math.min(blocksAtOnce, toHeight - fromHeight), turn++)
    if (fault === undefined) {
      isWaiting = false
      continue
    }
    if (!isWaiting)
      notice('warn', { height: fromHeight, code: fault }, 'Older entries cannot be fetched at the moment.')
    isWaiting = true
    // Another member is asked at once; when all have been asked there is a pause.
    if (turn % options.nodes.length === 0) await delay(retryMs, undefined, { signal }).catch(() => undefined)
  }
  if (!signal.aborted) notice('info', {}, 'The log is whole.')
}

/** A code where nothing could be taken. */
async function fillSome(
  { archive, nodes }: FillOptions,
  height: number,
  count: number,
  turn: number,
): Promise<string | undefined> {
  const source = nodes[turn % nodes.length]
  const bytes = await source?.rawBlocks(height, count)
  if (source === undefined || bytes === undefined) return 'unreachable'
  const sha256 = createHash('sha256').update(bytes).digest('base64url')
  const others = nodes.filter((node) => node !== source)
  const digests = await Promise.all(others.map((node) => node.rawDigest(height, count)))
  const same = 1 + digests.filter((digest) => digest === sha256).length
  if (same < witnessesOf(nodes.length + 1)) return 'not_confirmed_by_others'
  const refusal = await archive.fill(bytes)
  return isRefusal(refusal) ? refusal.refused : undefined
}

/** More than a third of all members, this one included. */
function witnessesOf(members: number): number {
  return Math.floor(members / 3) + 1
}
