/** What every part of the bureau works with. */
import { type Did, type Refusal, refuse } from '@chengxin/kernel'
import type { DeskCall, DeskFile } from '../desk/endpoint.ts'
import type { OfficersWords } from '../desk/officers-word.ts'
import type { IssuingOffice } from '../issuer/issuing-office.ts'
import type { RenewalBook } from '../issuer/renewals.ts'
import type { Accounts } from '../sign-in/accounts.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import type { BureauLedger } from './bureau-ledger.ts'
import type { Photos } from './photos.ts'
import type { BureauVault } from './records.ts'

export interface Bureau {
  readonly kept: BureauVault
  readonly photos: Photos
  readonly ledger: BureauLedger
  readonly accounts: Accounts
  readonly sessions: Sessions
  /** Issues identity certificates; absent where the node's address is one that wallets do not accept. */
  readonly office: IssuingOffice | undefined
  /** Identity certificates whose holders have lost their keys; absent where none are issued. */
  readonly renewals: RenewalBook | undefined
  /** What officers' keys sign before an act that weighs. */
  readonly words: OfficersWords
  readonly groupId: string
  readonly nowMs: () => number
  /** How long photographs stay after a decision. */
  readonly photosKeptMs: number
  /** Begins a session of another account in the browser of who asks, for so long at most. */
  readonly signInAs: (call: DeskCall, accountId: string, forMs: number) => Promise<DeskFile>
}

/** Puts a resident's DID onto the ledger if it is not there. Refusals: `key_proof_needed`, `ledger_refused`. */
export async function ensureOnLedger(bureau: Bureau, accountId: string, did: Did): Promise<Refusal | undefined> {
  const { accounts, kept, ledger } = bureau
  if (!(await ledger.stands(did))) {
    const proof = (await kept.proofs.get(accountId))?.value
    if (proof === undefined) return refuse('key_proof_needed')
    const refused = await ledger.bringIn(did, proof)
    if (refused !== undefined) return refused
    await kept.proofs.erase(accountId)
  }
  if ((await accounts.find(accountId))?.onLedger === false) await accounts.markOnLedger(accountId)
  return undefined
}
