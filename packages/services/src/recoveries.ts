/** Recoveries of DIDs that the ledger completed, as whoever relied on the old keys follows them. */
import type { GroupClient } from '@chengxin/client'

/** A recovery that the ledger completed. */
export interface CompletedRecovery {
  readonly did: string
  /** Grows with each; names this one. */
  readonly seq: string
  readonly atMs: number
}

/** Completed recoveries after one, oldest first. */
export type RecoveriesAfter = (seq: string | undefined) => Promise<readonly CompletedRecovery[]>

export function recoveriesOf(group: GroupClient): RecoveriesAfter {
  interface Page {
    readonly recoveries: readonly (CompletedRecovery & object)[]
    readonly next?: string
  }
  return async (seq) => {
    const found: CompletedRecovery[] = []
    let before: string | undefined
    do {
      const query = before === undefined ? '' : `&before=${encodeURIComponent(before)}`
      const page = (await group.get(`/recoveries?limit=100${query}`)) as Page
      const newer = page.recoveries.filter((one) => seq === undefined || BigInt(one.seq) > BigInt(seq))
      found.push(...newer)
      before = newer.length === page.recoveries.length ? page.next : undefined
    } while (before !== undefined)
    return found.toReversed()
  }
}
