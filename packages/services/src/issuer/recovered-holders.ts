/**
 * Holders who recovered their DID and whose user agent is not of this node. The ledger tells of the recovery; no agent tells this office
 * which keys were lost with it, so that what the DID claimed here is suspended at once and waits for a clerk. What this node's own
 * agent keeps, that agent speaks for, see `agent/losses.ts`.
 */
import type { Did } from '@chengxin/kernel'
import type { RecoveriesAfter } from '../recoveries.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import type { ClaimBook } from './desk/claims.ts'
import type { RenewalBook } from './renewals.ts'

export interface RecoveredHoldersOptions {
  readonly office: string
  readonly vault: Vault
  readonly recoveries: RecoveriesAfter
  /** Whether a user agent of this node answers for the DID. */
  readonly isHere: (did: Did) => Promise<boolean>
  readonly claims: ClaimBook
  readonly renewals: RenewalBook
  readonly failed: (error: unknown) => void
}

export interface RecoveredHolders {
  /** Looks what the ledger has completed since; done again after an interruption, it changes nothing. */
  turn(): Promise<void>
  stop(): Promise<void>
}

const cursorId = 'cursor'
const followEveryMs = 15_000

/** Follows the ledger by itself until it is stopped; what fails is tried again. */
export function followRecoveredHolders(options: RecoveredHoldersOptions): RecoveredHolders {
  let round: Promise<void> = Promise.resolve()
  const begin = () => {
    round = round.catch(() => undefined).then(() => follow(options))
    return round
  }
  const timer = setInterval(() => void begin().catch(options.failed), followEveryMs).unref()
  return {
    turn: begin,
    async stop() {
      clearInterval(timer)
      await round.catch(() => undefined)
    },
  }
}

async function follow({ office, vault, recoveries, isHere, claims, renewals }: RecoveredHoldersOptions): Promise<void> {
  const seen: Collection<{ readonly seq: string }> = vault.collection(`issuer-${office}-recoveries-seen`)
  const last = (await seen.get(cursorId))?.value.seq
  for (const { did, seq, atMs } of await recoveries(last)) {
    if (!(await isHere(did as Did))) {
      for (const { accountId, subjects } of await claims.holdersOf(did)) {
        await renewals.takeElsewhere({ accountId, subjects, recovery: seq, lostAtMs: atMs })
      }
    }
    // Only what is done is seen: whoever is cut off before looks at this recovery again.
    if (await seen.insert(cursorId, { seq })) continue
    await changeRecord(seen, cursorId, () => ({ value: { seq }, result: undefined }))
  }
}
