/** The identity bureau's desk: it finds out who somebody is, says so on the ledger by a commitment, and keeps the rest. */
import type { GroupClient, Signer } from '@chengxin/client'
import type { Desk } from '../desk/endpoint.ts'
import { createOfficersWords } from '../desk/officers-word.ts'
import type { IssuingOffice } from '../issuer/issuing-office.ts'
import { openRenewals, type RenewalBook } from '../issuer/renewals.ts'
import type { Accounts } from '../sign-in/accounts.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import type { Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { carryOut } from './acts.ts'
import { finishOpen } from './applications.ts'
import type { Bureau } from './bureau.ts'
import { createBureauLedger } from './bureau-ledger.ts'
import { officerEndpoints } from './officer-endpoints.ts'
import { createPhotos } from './photos.ts'
import { bureauVault } from './records.ts'
import { watchRecoveries } from './recovery.ts'
import { bureauRefusals } from './refusals.ts'
import { residentEndpoints } from './resident-endpoints.ts'

export interface BureauDeskOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly publicUrl: string
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly registrar: Signer
  readonly bureau: Signer
  /** Issues identity certificates. */
  readonly office?: IssuingOffice
  readonly nowMs: () => number
  /** How long photographs stay after a decision; thirty days if absent. */
  readonly photosKeptMs?: number
  /** Begins a session of another account in the browser of who asks, for so long at most. */
  readonly signInAs: Bureau['signInAs']
  /** A failure that nobody waits for; it is tried again. */
  readonly failed?: (error: unknown) => void
}

export interface BureauDesk extends Desk {
  /** Certificates whose holders have lost their keys. */
  readonly renewals: RenewalBook | undefined
  /** What is due: photographs, recoveries, and what broke off. Runs by itself every minute. */
  upkeep(): Promise<void>
}

const upkeepEveryMs = 60_000
/** Not at once: the desk may be opened before the door to its ledger is. */
const firstUpkeepMs = 8_000

export function createBureauDesk(options: BureauDeskOptions): BureauDesk {
  const { group, vault, publicUrl, accounts, sessions, registrar, office, nowMs, failed = () => {} } = options
  const kept = bureauVault(vault)
  const { hostname, origin } = new URL(publicUrl)
  const relyingParty = { rpId: hostname, origins: [origin] }
  const bureau: Bureau = {
    kept,
    photos: createPhotos(kept, nowMs),
    ledger: createBureauLedger({ group, registrar, bureau: options.bureau, nowMs }),
    ...{ accounts, sessions, office, nowMs, groupId: group.groupId, signInAs: options.signInAs },
    renewals: office && openRenewals({ office, vault, nowMs, subjectsOf: async () => [] }),
    words: createOfficersWords({
      ...{ desk: 'bureau', group: group.groupId, vault, relyingParty, nowMs },
      keysOf: accounts.signingKeys,
    }),
    photosKeptMs: options.photosKeptMs ?? 30 * 86_400_000,
  }

  async function upkeep(): Promise<void> {
    await bureau.photos.sweep()
    await finishOpen(bureau)
    for await (const { id, value } of everyRecord(kept.acts, ['status', 'approved'])) {
      // A recovery that was asked for waits for its time; asking twice would only be refused.
      if (value.kind !== 'recover' || value.completableAtMs === undefined) await carryOut(bureau, id)
    }
    await watchRecoveries(bureau)
  }

  let running: Promise<void> = Promise.resolve()
  const turn = () => {
    running = running.then(upkeep).catch(failed)
  }
  const timers = [setTimeout(turn, firstUpkeepMs), setInterval(turn, upkeepEveryMs)]
  for (const timer of timers) timer.unref()

  return {
    name: 'bureau',
    renewals: bureau.renewals,
    endpoints: [...residentEndpoints(bureau, relyingParty), ...officerEndpoints(bureau)],
    refusals: bureauRefusals,
    upkeep,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      await running
    },
  }
}
