/**
 * Certificates whose holder has lost the keys. What the resident alone kept is marked as superseded at once and waits here until a
 * clerk lets it be issued anew, to the resident's new keys; what lies in a wallet of another make is revoked. Where the
 * resident's user agent is another node's, nobody knows which keys were lost: then it is suspended until the clerk decides.
 * Everything is found by its certificate, so that being told twice, or going on after an interruption, changes nothing.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { type Collection, changeRecord, type Marks, type Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { IssuingOffice, OfferMade } from './issuing-office.ts'
import type { CertificateRecord } from './office-records.ts'

export type Renewal = {
  readonly accountId: string
  readonly subject: string
  readonly typeId: string
  readonly state: 'queued' | 'granted' | 'refused'
  readonly askedAtMs: number
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  /** Where the holder's user agent is another node's: the recovery that it waits for. The certificate is suspended meanwhile. */
  readonly recovery?: string
}

export interface RenewalView extends Omit<Renewal, 'state'> {
  readonly reference: string
  /** `done`: the holder has fetched the new certificate. */
  readonly state: Renewal['state'] | 'done'
}

export interface Loss {
  readonly accountId: string
  /** Thumbprints of the keys that were lost with the resident's own vault. */
  readonly lost: readonly string[]
  /**
   * Present after a recovery: thumbprints of keys that the user agent holds, which pass to the new passkey. All else that the
   * resident holds of this office lies elsewhere.
   */
  readonly kept?: readonly string[]
  /** When it was lost: certificates of a later day are of the new keys. */
  readonly lostAtMs: number
}

/** A recovery of somebody whose user agent is another node's. */
export interface LossElsewhere {
  readonly accountId: string
  /** Under which names the office keeps what the holder claimed. */
  readonly subjects: readonly string[]
  /** Names the recovery. */
  readonly recovery: string
  readonly lostAtMs: number
}

export interface RenewalBook {
  readonly office: IssuingOffice
  /** Queues what was lost, and revokes what lies elsewhere. Resolves when readers can see it. */
  take(loss: Loss): Promise<void>
  /** Queues what such a holder has, and suspends it until a clerk decides. Resolves when readers can see it. */
  takeElsewhere(loss: LossElsewhere): Promise<void>
  queued(after?: string): Promise<readonly RenewalView[]>
  count(): Promise<number>
  /** Refusals: `renewal_not_open`. */
  decide(reference: string, isGranted: boolean, officer: string): Promise<Refusal | undefined>
  ofAccount(accountId: string): Promise<readonly RenewalView[]>
  /** A new offer in the place of the old certificate. Refusals: `renewal_not_open`, those of `offer`. */
  offer(reference: string, accountId: string): Promise<OfferMade | Refusal>
}

export interface RenewalBookOptions {
  readonly office: IssuingOffice
  readonly vault: Vault
  readonly nowMs: () => number
  /** Under which subjects this office keeps what it says of an account's holder. */
  readonly subjectsOf: (accountId: string) => Promise<readonly string[]>
}

export function openRenewals({ office, vault, nowMs, subjectsOf }: RenewalBookOptions): RenewalBook {
  const renewals: Collection<Renewal> = vault.collection(`issuer-${office.office}-renewals`)

  async function referencesOf(thumbprints: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await Promise.all(thumbprints.map((print) => office.records.holderKeys.get(print)))
    return new Set(found.flatMap((bound) => bound?.value.reference ?? []))
  }

  async function certificatesOf(accountId: string): Promise<readonly CertificateRecord[]> {
    const found: CertificateRecord[] = []
    for (const subject of new Set([accountId, ...(await subjectsOf(accountId))])) {
      found.push(...(await office.recordsOf(subject)))
    }
    return found
  }

  /**
   * Whether a certificate that stands in the queue waits for this recovery: of an earlier round, or anew where a clerk refused it
   * after another one. One that a clerk has decided on waits no more.
   */
  async function isQueuedAgain(reference: string, renewal: Renewal): Promise<boolean> {
    const isQueued = await changeRecord<Renewal, boolean>(renewals, reference, (value) => {
      if (value.recovery === renewal.recovery) return { result: value.state === 'queued' }
      if (value.state !== 'refused') return { result: value.state === 'queued' }
      return { value: renewal, marks: marksOf(renewal), result: true }
    })
    return isQueued === true
  }

  async function resume(reference: string): Promise<void> {
    const record = await office.recordOf(reference)
    if (record?.status !== 'suspended' || record.reasonCode !== 'key_lost') return
    const resumed = await office.resume(reference, 'review_ended')
    if (isRefusal(resumed)) throw new Error(`A certificate could not be resumed: ${resumed.refused}.`)
  }

  async function view(reference: string, renewal: Renewal): Promise<RenewalView> {
    const isDone = (await office.recordOf(reference))?.replacedBy !== undefined
    return { reference, ...renewal, ...(isDone && { state: 'done' as const }) }
  }

  return {
    office,
    async take({ accountId, lost, kept, lostAtMs }) {
      const lostHere = await referencesOf(lost)
      const keptHere = await referencesOf(kept ?? [])
      const older = (await certificatesOf(accountId)).filter(({ issuedOnMs }) => issuedOnMs <= lostAtMs)
      const superseded = older.filter((one) => lostHere.has(one.reference) && isToBe(one, 'superseded'))
      for (const { reference, subject, typeId } of superseded) {
        const renewal: Renewal = { accountId, subject, typeId, state: 'queued', askedAtMs: nowMs() }
        await renewals.insert(reference, renewal, marksOf(renewal))
      }
      const isElsewhere = ({ reference }: CertificateRecord) => !lostHere.has(reference) && !keptHere.has(reference)
      const elsewhere = kept === undefined ? [] : older.filter((one) => isElsewhere(one) && isToBe(one, 'revoked'))
      // The queue stands before the status changes: whoever is cut off in between finds all of it again.
      await setAll(office, superseded, 'superseded')
      await setAll(office, elsewhere, 'revoked')
    },
    async takeElsewhere(loss) {
      const { accountId, subjects, recovery, lostAtMs } = loss
      const found = (await Promise.all(subjects.map((subject) => office.recordsOf(subject)))).flat()
      const waiting: CertificateRecord[] = []
      for (const one of found.filter(({ issuedOnMs }) => issuedOnMs <= lostAtMs)) {
        if (!isToBe(one, 'suspended')) continue
        const { reference, subject, typeId } = one
        const renewal: Renewal = { accountId, subject, typeId, state: 'queued', askedAtMs: nowMs(), recovery }
        const isNew = await renewals.insert(reference, renewal, marksOf(renewal))
        if (isNew || (await isQueuedAgain(reference, renewal))) waiting.push(one)
      }
      await setAll(office, waiting, 'suspended')
    },
    async queued(after) {
      const page = { limit: 50, ...(after !== undefined && { after }) }
      const found = await renewals.find('state', 'queued', page)
      return Promise.all(found.map(({ id, value }) => view(id, value)))
    },
    count: () => renewals.count('state', 'queued'),
    async decide(reference, isGranted, officer) {
      const state = isGranted ? 'granted' : 'refused'
      const before = (await renewals.get(reference))?.value
      if (before?.state !== 'queued') return refuse('renewal_not_open')
      // Nothing was lost, the clerk finds: the certificate is good again before the queue forgets it.
      if (!isGranted && before.recovery !== undefined) await resume(reference)
      const decided = await changeRecord<Renewal, boolean>(renewals, reference, (value) => {
        if (value.state !== 'queued') return { result: false }
        const next: Renewal = { ...value, state, decidedBy: officer, decidedAtMs: nowMs() }
        return { value: next, marks: marksOf(next), result: true }
      })
      return decided === true ? undefined : refuse('renewal_not_open')
    },
    async ofAccount(accountId) {
      const found: RenewalView[] = []
      for await (const { id, value } of everyRecord(renewals, ['account', accountId])) found.push(await view(id, value))
      return found
    },
    async offer(reference, accountId) {
      const renewal = (await renewals.get(reference))?.value
      const isTheirs = renewal?.accountId === accountId && renewal.state === 'granted'
      if (!isTheirs || (await office.recordOf(reference))?.replacedBy !== undefined) return refuse('renewal_not_open')
      return office.offer(renewal.subject, renewal.typeId, { replaces: reference })
    },
  }
}

/**
 * Live, or marked by a round before that may have been cut off between its records and its readers: setting the same word again
 * publishes what is not published yet.
 */
function isToBe({ status, reasonCode }: CertificateRecord, word: 'superseded' | 'revoked' | 'suspended'): boolean {
  return status === 'valid' || status === 'suspended' || (status === word && reasonCode === 'key_lost')
}

function marksOf({ accountId, state }: Renewal): Marks {
  return { account: accountId, state }
}

async function setAll(
  office: IssuingOffice,
  records: readonly CertificateRecord[],
  word: 'superseded' | 'revoked' | 'suspended',
): Promise<void> {
  if (records.length === 0) return
  const references = records.map(({ reference }) => reference)
  const outcomes = await office.setStatus(references, word, 'key_lost')
  // What somebody else has revoked meanwhile needs nothing more of us.
  const fault = outcomes.filter(isRefusal).find(({ refused }) => refused !== 'certificate_revoked')
  if (fault !== undefined) {
    throw new Error(`A certificate's status could not be changed: ${fault.refused}.`)
  }
}
