/**
 * Claiming: a resident shows the bureau's certificate of identity by OpenID4VP, and gets an offer for each entitlement that
 * its document number leads to. What was shown is erased once it is matched.
 */
import { type GroupClient } from '@chengxin/client'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { Person } from '../../desk/person.ts'
import { randomId } from '../../desk/random-id.ts'
import { type Collection, changeRecord, type Marks, type Vault } from '../../vault/face.ts'
import { everyRecord } from '../../vault/kept-in-vault.ts'
import { type Asking, ask, look } from '../../verifier/ask.ts'
import { askedRecords } from '../../verifier/asked.ts'
import type { VerifierOffice } from '../../verifier/office.ts'
import type { Trusted } from '../../verifier/trusted.ts'
import type { IssuingOffice, OfferMade } from '../issuing-office.ts'
import { type Doubt, differencesOf, type Entitlement, type EntitlementBook, type Identity } from './entitlements.ts'
import { weidField } from './fields.ts'
import type { TypeBook } from './type-book.ts'

/** What an office must be registered for to take claims. */
export const claimPurpose = 'claim-certificate'
export const identityTypeId = 'type_identity'
export const identityFields = ['family_name', 'given_name', 'birth_date', 'document_type', 'document_number'] as const

export type ClaimRecord = {
  readonly accountId: string
  readonly did?: string
  readonly requestId: string
  readonly state: 'asked' | 'matched' | 'refused'
  readonly refusedWith?: string
  readonly entitlementIds: readonly string[]
  readonly doubtIds: readonly string[]
  /** Entitlement → the offer made last. */
  readonly offers: { readonly [entitlementId: string]: ClaimOffer }
  readonly askedAtMs: number
}

type ClaimOffer = {
  readonly uri: string
  readonly untilMs: number
  /** The certificate that the new one takes the place of, because its keys were lost. */
  readonly replaces?: string
}

export interface ClaimBook {
  /** Refusals: `claims_not_taken`, those of `ask`. */
  start(person: Person): Promise<JsonObject | Refusal>
  /** The same without a certificate: for whom the office itself knows by a document that its officer has seen. */
  recognise(person: Person, identity: Identity): Promise<void>
  /** Refusals: `claim_not_found`. */
  look(claimId: string, person: Person): Promise<JsonObject | Refusal>
  mine(person: Person): Promise<readonly JsonObject[]>
  /** Under which names the office keeps what this account's holder has claimed. */
  subjectsOf(accountId: string): Promise<readonly string[]>
  /** Whose accounts claimed here in the name of a DID that the ledger knew then, and under which names. */
  holdersOf(did: string): Promise<readonly { readonly accountId: string; readonly subjects: readonly string[] }[]>
  doubts(): Promise<readonly { readonly doubtId: string; readonly doubt: Doubt; readonly entitlement: Entitlement }[]>
  /** Refusals: `doubt_not_found`, `entitlement_not_open`. */
  decide(doubtId: string, isGranted: boolean, officer: Person): Promise<Doubt | Refusal>
}

export interface ClaimBookOptions {
  readonly office: IssuingOffice
  readonly vault: Vault
  readonly group: GroupClient
  readonly entitlements: EntitlementBook
  readonly types: TypeBook
  /** The office as one that asks; absent where it takes no claims. */
  readonly asks?: VerifierOffice
  readonly trusted: Trusted
  readonly nowMs: () => number
  /** The offer of a new certificate in the place of one whose keys were lost, once a clerk has agreed; a refusal else. */
  readonly renewed: (reference: string, accountId: string) => Promise<OfferMade | Refusal>
}

const offerForMs = 10 * 60_000

export function openClaims(options: ClaimBookOptions): ClaimBook {
  const { office, vault, group, entitlements, types, asks, trusted, nowMs } = options
  const claims: Collection<ClaimRecord> = vault.collection(`issuer-${office.office}-claims`)
  const doubts: Collection<Doubt> = vault.collection(`issuer-${office.office}-doubts`)
  const asking: Asking = { group, records: askedRecords(vault), trusted, nowMs }

  /** Notes the person as the one who is entitled; false where somebody was before. */
  async function give(entitlementId: string, did: string | undefined): Promise<boolean> {
    const entitlement = await entitlements.get(entitlementId)
    if (entitlement === undefined) return false
    const type = await types.get(entitlement.typeId)
    // Types that must not link anybody's certificates name nobody.
    const holder = type?.linkage === 'identified' && did !== undefined ? { [weidField]: did } : {}
    // The words first: an entitlement that is claimed and says nothing would help nobody.
    await office.keepClaims(entitlementId, entitlement.typeId, { ...entitlement.claims, ...holder })
    return entitlements.claim(entitlementId)
  }

  async function match(claimId: string, claim: ClaimRecord, identity: Identity): Promise<void> {
    const given: string[] = []
    const raised: string[] = []
    for (const { entitlementId, entitlement } of await entitlements.findFor(
      identity.documentType,
      identity.documentNumber,
    )) {
      if (entitlement.state !== 'open') continue
      const type = await types.get(entitlement.typeId)
      const differs = differencesOf(entitlement.claims, type?.fields ?? [], identity)
      if (differs.length === 0) {
        if (await give(entitlementId, claim.did)) given.push(entitlementId)
        continue
      }
      const { accountId } = claim
      const doubtId = randomId('doubt')
      const { typeId } = entitlement
      const doubt: Doubt = {
        claimId,
        accountId,
        entitlementId,
        typeId,
        identity,
        differs,
        raisedAtMs: nowMs(),
        state: 'open',
      }
      await doubts.insert(doubtId, doubt, { state: 'open' })
      raised.push(doubtId)
    }
    await changeRecord<ClaimRecord, boolean>(claims, claimId, (value) => ({
      value: { ...value, state: 'matched', entitlementIds: given, doubtIds: raised },
      result: true,
    }))
    await asking.records.erase(claim.requestId)
  }

  /** Looks whether the resident has answered. */
  async function follow(claimId: string, claim: ClaimRecord): Promise<void> {
    const asked = asks && (await look(asking, asks, claim.requestId))
    if (asked === undefined || isRefusal(asked) || asked.outcome === undefined) return
    if (asked.outcome.status === 'accepted') {
      await match(claimId, claim, identityOf(asked.outcome.shown.claims))
      return
    }
    const { code } = asked.outcome
    await changeRecord<ClaimRecord, boolean>(claims, claimId, (value) => ({
      value: { ...value, state: 'refused', refusedWith: code },
      result: true,
    }))
    await asking.records.erase(claim.requestId)
  }

  /** The offer for an entitlement: the one made before while it holds, and none once the certificate is there. */
  async function offerFor(claimId: string, entitlementId: string): Promise<JsonObject> {
    const entitlement = await entitlements.get(entitlementId)
    const typeId = entitlement?.typeId ?? ''
    const certificate = (await office.recordsOf(entitlementId)).at(-1)
    const claim = (await claims.get(claimId))?.value
    const before = claim?.offers[entitlementId]
    const replaces = certificate?.reference
    const isStillOffered = before !== undefined && before.untilMs > nowMs() && before.replaces === replaces
    if (isStillOffered) return { typeId, state: 'offered', uri: before.uri, untilMs: before.untilMs }
    const made = await (replaces === undefined
      ? office.offer(entitlementId, typeId)
      : options.renewed(replaces, claim?.accountId ?? ''))
    if (isRefusal(made)) {
      return certificate === undefined
        ? { typeId, state: 'withdrawn' }
        : { typeId, state: 'issued', status: certificate.status }
    }
    const offer = { uri: made.uri, untilMs: nowMs() + offerForMs, ...(replaces !== undefined && { replaces }) }
    await changeRecord(claims, claimId, (value) => ({
      value: { ...value, offers: { ...value.offers, [entitlementId]: offer } },
      result: true,
    }))
    return { typeId, state: 'offered', uri: offer.uri, untilMs: offer.untilMs }
  }

  async function view(claimId: string): Promise<JsonObject> {
    const claim = (await claims.get(claimId))?.value as ClaimRecord
    const decided = await Promise.all(claim.doubtIds.map(async (id) => (await doubts.get(id))?.value))
    const certificates: JsonObject[] = []
    for (const entitlementId of claim.entitlementIds) certificates.push(await offerFor(claimId, entitlementId))
    return {
      claimId,
      office: office.office,
      state: claim.state,
      ...(claim.refusedWith !== undefined && { refusedWith: claim.refusedWith }),
      certificates,
      withClerk: decided.filter((doubt) => doubt?.state === 'open').length,
      refusedByClerk: decided.filter((doubt) => doubt?.state === 'refused').length,
      askedAtMs: claim.askedAtMs,
    }
  }

  return {
    async start({ accountId, did }) {
      if (asks === undefined) return refuse('claims_not_taken')
      const wish = { purposeId: claimPurpose, typeId: identityTypeId, fields: identityFields }
      const asked = await ask(asking, asks, { ...wish, device: 'other', askedBy: accountId })
      if (isRefusal(asked)) return asked
      const claimId = randomId('claim')
      const claim: ClaimRecord = {
        ...{ accountId, requestId: asked['requestId'] as string, state: 'asked', askedAtMs: nowMs() },
        ...{ entitlementIds: [], doubtIds: [], offers: {} },
        ...(did !== undefined && { did }),
      }
      await claims.insert(claimId, claim, marksOf(claim))
      return { claimId, link: asked['link'] ?? '', untilMs: asked['untilMs'] ?? 0 }
    },
    async recognise({ accountId, did }, identity) {
      const claimId = randomId('claim')
      const claim: ClaimRecord = {
        ...{ accountId, requestId: randomId('request'), state: 'asked', askedAtMs: nowMs() },
        ...{ entitlementIds: [], doubtIds: [], offers: {} },
        ...(did !== undefined && { did }),
      }
      await claims.insert(claimId, claim, marksOf(claim))
      await match(claimId, claim, identity)
    },
    async look(claimId, { accountId }) {
      const claim = (await claims.get(claimId))?.value
      if (claim?.accountId !== accountId) return refuse('claim_not_found')
      if (claim.state === 'asked') await follow(claimId, claim)
      return view(claimId)
    },
    async mine({ accountId }) {
      const found = await claims.find('account', accountId, { newestFirst: true, limit: 20 })
      const shown: JsonObject[] = []
      for (const { id, value } of found) {
        // Questions that nobody answered are no news.
        if (value.state === 'matched') shown.push(await view(id))
      }
      return shown
    },
    async subjectsOf(accountId) {
      const found: string[] = []
      for await (const { value } of everyRecord(claims, ['account', accountId])) found.push(...value.entitlementIds)
      return found
    },
    async holdersOf(did) {
      const found: { readonly accountId: string; readonly subjects: readonly string[] }[] = []
      for await (const { value } of everyRecord(claims, ['did', did])) {
        found.push({ accountId: value.accountId, subjects: value.entitlementIds })
      }
      return found
    },
    async doubts() {
      const open = await doubts.find('state', 'open', { limit: 100 })
      const shown = await Promise.all(
        open.map(async ({ id, value }) => ({
          doubtId: id,
          doubt: value,
          entitlement: await entitlements.get(value.entitlementId),
        })),
      )
      return shown.flatMap(({ entitlement, ...rest }) => (entitlement ? [{ ...rest, entitlement }] : []))
    },
    async decide(doubtId, isGranted, officer) {
      const doubt = (await doubts.get(doubtId))?.value
      if (doubt?.state !== 'open') return refuse('doubt_not_found')
      const claim = (await claims.get(doubt.claimId))?.value
      if (isGranted && !(await give(doubt.entitlementId, claim?.did))) return refuse('entitlement_not_open')
      const state = isGranted ? 'granted' : 'refused'
      const decided: Doubt = { ...doubt, state, decidedBy: officer.accountId }
      await changeRecord(doubts, doubtId, () => ({ value: decided, marks: { state }, result: true }))
      if (isGranted) {
        await changeRecord(claims, doubt.claimId, (value) => ({
          value: { ...value, entitlementIds: [...new Set([...value.entitlementIds, doubt.entitlementId])] },
          result: true,
        }))
      }
      return decided
    },
  }
}

function marksOf({ accountId, did }: ClaimRecord): Marks {
  return { account: accountId, ...(did !== undefined && { did }) }
}

function identityOf(shown: JsonObject): Identity {
  const text = (name: (typeof identityFields)[number]) => (typeof shown[name] === 'string' ? shown[name] : '')
  return {
    familyName: text('family_name'),
    givenName: text('given_name'),
    birthDate: text('birth_date'),
    documentType: text('document_type'),
    documentNumber: text('document_number'),
  }
}
