/** The life of one request for a licence: asked, agreed or refused by the resident, looked at, withdrawn. */
import { randomBytes } from 'node:crypto'
import type { GroupClient } from '@chengxin/client'
import type { RelyingParty } from '@chengxin/crypto'
import { type LedgerView, purposeFor } from '@chengxin/holder'
import { canonicalize, type Did, isRefusal, type JsonObject, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { checkAssertion } from '../agent/assertion.ts'
import { isRecovering } from '../agent/authorisation.ts'
import { type Assertion } from '../desk/assertion.ts'
import type { Person } from '../desk/person.ts'
import { randomId } from '../desk/random-id.ts'
import { changeRecord } from '../vault/face.ts'
import { refuseUnregistered, type VerifierOffice } from '../verifier/office.ts'
import type { Trusted } from '../verifier/trusted.ts'
import type { DocumentMark, Licence, LicenceRegister, LicenceSource } from './licence-source.ts'
import { type Access, asJson, partyOf, type Share, type ShareBooks, stateOf } from './shares.ts'
import type { StatementKeeper } from './statement-keeper.ts'

export interface Sharing {
  readonly group: GroupClient
  readonly ledger: LedgerView
  readonly books: ShareBooks
  readonly register: LicenceRegister
  readonly keeper: StatementKeeper
  readonly offices: readonly VerifierOffice[]
  readonly sources: readonly LicenceSource[]
  readonly trusted: Trusted
  readonly relyingParty: RelyingParty
  readonly nowMs: () => number
}

export interface LicenceWish {
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
  readonly document: DocumentMark
}

const dayMs = 86_400_000
const decideWithinMs = 7 * dayMs

/** Asks. Refusals, in the order they are checked: those of `purposeFor`, `licence_source_missing`, those of `refuseUnregistered`. */
export async function askForLicence(
  { group, books, register, sources, trusted, nowMs }: Sharing,
  office: VerifierOffice,
  person: Person,
  wish: LicenceWish,
): Promise<{ readonly shareId: string; readonly share: Share } | Refusal> {
  const purpose = purposeFor(office.registration, wish)
  if (isRefusal(purpose)) return purpose
  const source = sources.find(({ type }) => type.typeId === wish.typeId)
  if (!source) return refuse('licence_source_missing')
  const atMs = nowMs()
  const refused = await refuseUnregistered(group, office, trusted, atMs)
  if (refused) return refused
  const licence = await register.find(wish.typeId, wish.document)
  const { ground, keepDays } = purpose
  const share: Share = {
    consumer: office.office,
    consumerDid: office.registration.verifier,
    source: source.office,
    sourceDid: source.did,
    askedBy: person.accountId,
    askedAtMs: atMs,
    decideByMs: atMs + Math.min(decideWithinMs, keepDays * dayMs),
    untilMs: atMs + keepDays * dayMs,
    purposeId: wish.purposeId,
    ground: ground.kind,
    ...(ground.kind === 'law' && { law: ground.reference }),
    typeId: wish.typeId,
    fields: wish.fields,
    document: wish.document,
    ...(licence && { holder: licence.holder }),
    nonce: toBase64url(randomBytes(16)),
  }
  const shareId = randomId('share')
  await books.shares.insert(shareId, asJson(share), marksOf(share))
  return { shareId, share }
}

function marksOf({ consumer, source, holder }: Pick<Share, 'consumer' | 'source' | 'holder'>) {
  return { consumer, source, ...(holder !== undefined && { holder }) }
}

/** What the resident signs, byte for byte: who may see what, from whom, for what, until when. */
export function consentStatement(group: string, shareId: string, share: Share): string {
  const { consumerDid, sourceDid, holder, purposeId, typeId, fields, untilMs, nonce } = share
  const says: JsonObject = {
    v: 1,
    purpose: 'share',
    group,
    shareId,
    consumer: consumerDid,
    source: sourceDid,
    resident: holder ?? '',
    forPurpose: purposeId,
    typeId,
    fields: [...fields],
    untilMs,
    nonce,
  }
  return canonicalize(says)
}

/** A request to this resident. Refuses with `share_not_found`. */
export async function shareOf({ books, nowMs }: Sharing, holder: Did, shareId: string): Promise<Share | Refusal> {
  const share = (await books.shares.get(shareId))?.value
  const isTheirs = share?.holder === holder && nowMs() < share.untilMs
  return isTheirs ? share : refuse('share_not_found')
}

/**
 * The resident agrees, by a key that is live now, to exactly the statement. Refusals, in the order they are checked:
 * `share_not_found`, `share_decided_before`, `resident_recovering`, those of `checkAssertion`.
 */
export async function agree(
  sharing: Sharing,
  resident: Person & { readonly did: Did },
  shareId: string,
  assertion: Assertion,
): Promise<Share | Refusal> {
  const { group, books, keeper, ledger, relyingParty, nowMs } = sharing
  const share = await shareOf(sharing, resident.did, shareId)
  if (isRefusal(share)) return share
  if (stateOf(share, nowMs()) !== 'waiting') return refuse('share_decided_before')
  const standing = await ledger.standingOf(resident.did)
  if (!standing?.isActive || isRecovering(standing, nowMs())) return refuse('resident_recovering')
  const principal = { account: resident.accountId, did: resident.did, standing }
  const statement = consentStatement(group.groupId, shareId, share)
  const evidence = checkAssertion({ relyingParty, nowMs }, principal, statement, assertion)
  if (isRefusal(evidence)) return evidence
  const atMs = nowMs()
  const statementId = await keeper.keep(heldOf('consent', shareId, share, { atMs }), partiesOf(share))
  const decision = { kind: 'agreed', atMs, evidence, statementId } as const
  const decided = await decide(books, shareId, decision)
  return decided ?? refuse('share_decided_before')
}

/** Refuses with `share_not_found` or `share_decided_before`. */
export async function decline(sharing: Sharing, holder: Did, shareId: string): Promise<Share | Refusal> {
  const share = await shareOf(sharing, holder, shareId)
  if (isRefusal(share)) return share
  if (stateOf(share, sharing.nowMs()) !== 'waiting') return refuse('share_decided_before')
  const decided = await decide(sharing.books, shareId, { kind: 'refused', atMs: sharing.nowMs() })
  return decided ?? refuse('share_decided_before')
}

/** Undefined where somebody else decided in between. */
async function decide(
  { shares }: ShareBooks,
  shareId: string,
  decision: Share['decision'],
): Promise<Share | undefined> {
  return changeRecord(shares, shareId, (stored) => {
    const share: Share = stored
    if (share.decision) return { result: undefined }
    const decided = { ...share, decision } as Share
    return { value: asJson(decided), result: decided }
  })
}

/** From now on the licence is shown no more. Refuses with `share_not_found` or `consent_not_in_force`. */
export async function withdraw(sharing: Sharing, holder: Did, shareId: string): Promise<Share | Refusal> {
  const { books, keeper, nowMs } = sharing
  const share = await shareOf(sharing, holder, shareId)
  if (isRefusal(share)) return share
  if (stateOf(share, nowMs()) !== 'agreed') return refuse('consent_not_in_force')
  const atMs = nowMs()
  const statementId = await keeper.keep(heldOf('withdrawal', shareId, share, { atMs }), partiesOf(share))
  const withdrawn = await changeRecord(books.shares, shareId, (stored) => {
    const before: Share = stored
    if (before.withdrawal) return { result: undefined }
    const after: Share = { ...before, withdrawal: { atMs, statementId } }
    return { value: asJson(after), result: after }
  })
  return withdrawn ?? refuse('consent_not_in_force')
}

export interface Shown {
  readonly accessId: string
  readonly access: Access
  readonly licence: Licence
}

/**
 * Shows the licence to who asked, and writes that down for all three before anything is shown. Refusals, in the order they are
 * checked: `share_not_found`, `share_not_agreed`, `share_refused`, `share_withdrawn`, `share_ended`, those of
 * `refuseUnregistered`, `licence_not_found`.
 */
export async function showLicence(
  { group, books, keeper, register, trusted, nowMs }: Sharing,
  office: VerifierOffice,
  shareId: string,
): Promise<Shown | Refusal> {
  const share = (await books.shares.get(shareId))?.value as Share | undefined
  if (share?.consumer !== office.office) return refuse('share_not_found')
  const atMs = nowMs()
  const shut = shutBy[stateOf(share, atMs)]
  if (shut !== undefined) return refuse(shut)
  const refused = await refuseUnregistered(group, office, trusted, atMs)
  if (refused) return refused
  const licence = await register.find(share.typeId, share.document)
  // A licence that changed hands since is not the one that was agreed to.
  if (!licence || licence.holder !== share.holder) return refuse('licence_not_found')

  const accessId = randomId('access')
  const statementId = await keeper.keep(heldOf('access', shareId, share, { atMs, accessId }), partiesOf(share))
  const { consumer, source, purposeId, ground, law, typeId, fields } = share
  const access: Access = {
    shareId,
    statementId,
    atMs,
    consumer,
    source,
    holder: licence.holder,
    purposeId,
    ground,
    ...(law !== undefined && { law }),
    typeId,
    fields,
  }
  await books.accesses.insert(accessId, asJson(access), marksOf(access))
  return { accessId, access, licence }
}

const shutBy: { readonly [state: string]: string } = {
  waiting: 'share_not_agreed',
  refused: 'share_refused',
  withdrawn: 'share_withdrawn',
  ended: 'share_ended',
}

/** What all three hold in common about one act. */
function heldOf(
  kind: 'consent' | 'withdrawal' | 'access',
  shareId: string,
  share: Share,
  more: JsonObject,
): JsonObject {
  const { consumerDid, sourceDid, holder, purposeId, ground, law, typeId, fields, untilMs } = share
  return {
    v: 1,
    kind,
    shareId,
    consumer: consumerDid,
    source: sourceDid,
    resident: holder ?? '',
    forPurpose: purposeId,
    ground: law ?? ground,
    typeId,
    fields: [...fields],
    untilMs,
    ...more,
  }
}

function partiesOf({ consumer, source, holder }: Share): readonly string[] {
  const parties = [partyOf.office(consumer), partyOf.office(source), ...(holder ? [partyOf.resident(holder)] : [])]
  return [...new Set(parties)]
}
