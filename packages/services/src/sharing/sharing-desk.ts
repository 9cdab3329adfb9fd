/**
 * The desk where departments share licences: an office asks with a purpose, the resident agrees or a law allows it, and every
 * look leaves the same receipt with the resident, the department that answers for the licence and the office that looked.
 */
import { type Did, isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { agentRefusals } from '../agent/refusals.ts'
import { type Assertion, assertionSchema } from '../desk/assertion.ts'
import { type Desk, type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { Person } from '../desk/person.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { VerifierOffice } from '../verifier/office.ts'
import { gbtDraft, metadataOf } from './gbt-licence.ts'
import { sharingRefusals } from './refusals.ts'
import {
  agree,
  askForLicence,
  consentStatement,
  decline,
  type LicenceWish,
  type Sharing,
  type Shown,
  showLicence,
  withdraw,
} from './share-licence.ts'
import { type Access, partyOf, type Share, stateOf } from './shares.ts'

const forgetEveryMs = 3_600_000

export function createSharingDesk(sharing: Sharing): Desk {
  const timer = setInterval(() => void forget(sharing).catch(() => 0), forgetEveryMs)
  timer.unref()
  return {
    name: 'sharing',
    refusals: {
      ...sharingRefusals,
      resident_without_did: agentRefusals.resident_without_did,
      assertion_key_unknown: agentRefusals.assertion_key_unknown,
      assertion_not_over_this: agentRefusals.assertion_not_over_this,
    },
    endpoints: [...officeEndpoints(sharing), ...residentEndpoints(sharing), receiptEndpoint(sharing)],
    async close() {
      clearInterval(timer)
      await sharing.keeper.close()
    },
  }
}

/** Requests are erased when their time is over; that a licence was looked at stays for the resident to see for a year. */
export async function forget({ books, nowMs }: Sharing): Promise<number> {
  let erased = 0
  for await (const { id, value } of everyRecord(books.shares)) {
    if (value.untilMs <= nowMs() && (await books.shares.erase(id))) erased++
  }
  for await (const { id, value } of everyRecord(books.accesses)) {
    if (value.atMs + 365 * 86_400_000 <= nowMs() && (await books.accesses.erase(id))) erased++
  }
  return erased
}

const officers = ['department_officer', 'verifier_officer'] as const
const text = (maxLength = 120): JsonObject => ({ type: 'string', minLength: 1, maxLength })
const object = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
const anyObject: JsonObject = { type: 'object' }
const wishBody = object({
  purposeId: text(),
  typeId: text(),
  fields: { type: 'array', items: text(), minItems: 1, maxItems: 64, uniqueItems: true },
  document: object({ type: text(20), number: text(40) }),
})
const wishRefusals = [
  'office_not_a_party',
  'purpose_not_registered',
  'type_beyond_registration',
  'field_beyond_registration',
  'licence_source_missing',
  'verifier_not_registered',
  'trust_bundle_missing',
]
const lookRefusals = ['share_not_agreed', 'share_refused', 'share_withdrawn', 'share_ended', 'licence_not_found']

function officeOf({ offices }: Sharing, { office }: Person): VerifierOffice | Refusal {
  return offices.find((candidate) => candidate.office === office) ?? refuse('office_not_a_party')
}

/** A handler that is told for which office the officer acts. */
function forOffice(
  sharing: Sharing,
  handle: (office: VerifierOffice, call: DeskCall, person: Person) => Promise<Json | Refusal>,
): DeskEndpoint['handle'] {
  return async (call) => {
    const person = personOf(call)
    const office = officeOf(sharing, person)
    return isRefusal(office) ? office : handle(office, call, person)
  }
}

function officeEndpoints(sharing: Sharing): readonly DeskEndpoint[] {
  const { books, sources, nowMs } = sharing
  return [
    {
      method: 'GET',
      path: '/catalogue',
      id: 'getCatalogue',
      summary: 'What the officer’s office may ask for, of which departments, and what it answers for itself.',
      who: officers,
      answer: anyObject,
      refusals: ['office_not_a_party'],
      handle: forOffice(sharing, async ({ office, registration }) =>
        plain({
          office,
          names: registration.names,
          purposes: registration.purposes.flatMap((purpose) => {
            const types = purpose.types.filter(({ typeId }) => sources.some(({ type }) => type.typeId === typeId))
            return types.length > 0 ? [{ ...purpose, types }] : []
          }),
          sources: sources.map((source) => sourceView(source)),
        }),
      ),
    },
    {
      method: 'POST',
      path: '/shares',
      id: 'askForLicence',
      summary: 'Asks for a licence of a person, by a document that the person is known by.',
      who: officers,
      body: wishBody,
      answer: anyObject,
      refusals: wishRefusals,
      handle: forOffice(sharing, async (office, { body }, person) => {
        const asked = await askForLicence(sharing, office, person, body as LicenceWish)
        return isRefusal(asked) ? asked : officeView(asked.shareId, asked.share, nowMs())
      }),
    },
    {
      method: 'GET',
      path: '/shares',
      id: 'listShares',
      summary: 'What the office asked for and how it stands, newest first.',
      who: officers,
      answer: object({ shares: { type: 'array', items: anyObject } }),
      refusals: ['office_not_a_party'],
      handle: forOffice(sharing, async ({ office }) => {
        const found = await books.shares.find('consumer', office, { newestFirst: true, limit: 100 })
        return { shares: found.map(({ id, value }) => officeView(id, value, nowMs())) }
      }),
    },
    {
      method: 'POST',
      path: '/shares/{shareId}/licence',
      id: 'lookAtLicence',
      summary: 'Shows the fields that were agreed to. Each look is written down for all three.',
      who: officers,
      answer: anyObject,
      refusals: [
        'office_not_a_party',
        'share_not_found',
        ...lookRefusals,
        'verifier_not_registered',
        'trust_bundle_missing',
      ],
      handle: forOffice(sharing, async (office, { params }) => {
        const shown = await showLicence(sharing, office, params['shareId'] ?? '')
        return isRefusal(shown) ? shown : licenceView(sharing, shown)
      }),
    },
    {
      method: 'POST',
      path: '/query',
      id: 'queryLicence',
      summary:
        'For programs, after GB/T 36906 (draft: its text was not read): asks and looks in one, where a law allows it or a consent to the same stands.',
      who: officers,
      body: wishBody,
      answer: anyObject,
      refusals: [...wishRefusals, ...lookRefusals],
      handle: forOffice(sharing, (office, { body }, person) => query(sharing, office, person, body as LicenceWish)),
    },
    {
      method: 'GET',
      path: '/accesses',
      id: 'listAccesses',
      summary: 'Looks at licences that the office made, or that were made at licences it answers for, newest first.',
      who: officers,
      answer: object({ accesses: { type: 'array', items: anyObject } }),
      refusals: ['office_not_a_party'],
      handle: forOffice(sharing, async ({ office }) => {
        const page = { newestFirst: true, limit: 100 }
        const [made, answered] = [
          await books.accesses.find('consumer', office, page),
          await books.accesses.find('source', office, page),
        ]
        const all = new Map([...made, ...answered].map(({ id, value }) => [id, value as Access]))
        const newest = [...all].sort(([, one], [, other]) => other.atMs - one.atMs)
        return { accesses: newest.map(([id, access]) => accessView(sharing, id, access)) }
      }),
    },
  ]
}

/** A standing consent to the same fields for the same purpose is used again; otherwise a new request is opened. */
async function query(
  sharing: Sharing,
  office: VerifierOffice,
  person: Person,
  wish: LicenceWish,
): Promise<Json | Refusal> {
  const standing = await standingShare(sharing, office.office, wish)
  const asked = standing ?? (await askForLicence(sharing, office, person, wish))
  if (isRefusal(asked)) return asked
  const { shareId } = asked
  const shown = await showLicence(sharing, office, shareId)
  return isRefusal(shown) ? shown : licenceView(sharing, shown)
}

async function standingShare(
  { books, nowMs }: Sharing,
  office: string,
  wish: LicenceWish,
): Promise<{ readonly shareId: string } | undefined> {
  for await (const { id, value } of everyRecord(books.shares, ['consumer', office])) {
    const isSame =
      value.purposeId === wish.purposeId &&
      value.typeId === wish.typeId &&
      value.document.type === wish.document.type &&
      value.document.number === wish.document.number &&
      wish.fields.every((field) => value.fields.includes(field))
    if (isSame && ['agreed', 'waiting'].includes(stateOf(value, nowMs()))) return { shareId: id }
  }
  return undefined
}

type Resident = Person & { readonly did: Did }

function forResident(handle: (resident: Resident, call: DeskCall) => Promise<Json | Refusal>): DeskEndpoint['handle'] {
  return async (call) => {
    const person = personOf(call)
    return person.did === undefined ? refuse('resident_without_did') : handle({ ...person, did: person.did }, call)
  }
}

function residentEndpoints(sharing: Sharing): readonly DeskEndpoint[] {
  const { books } = sharing
  const decided = (shareId: string, share: Share | Refusal): Json | Refusal =>
    isRefusal(share) ? share : residentView(sharing, shareId, share)
  return [
    {
      method: 'GET',
      path: '/resident/shares',
      id: 'listOwnShares',
      summary: 'Who asked for the resident’s licences, and what the resident made of it, newest first.',
      who: 'resident',
      answer: object({ shares: { type: 'array', items: anyObject } }),
      refusals: ['resident_without_did'],
      handle: forResident(async ({ did }) => {
        const found = await books.shares.find('holder', did, { newestFirst: true, limit: 100 })
        return { shares: found.map(({ id, value }) => residentView(sharing, id, value)) }
      }),
    },
    {
      method: 'POST',
      path: '/resident/shares/{shareId}/consent',
      id: 'agreeToShare',
      summary: 'Agrees, with a live key over exactly the statement.',
      who: 'resident',
      body: object({ assertion: assertionSchema }),
      answer: anyObject,
      refusals: [
        'resident_without_did',
        'share_not_found',
        'share_decided_before',
        'resident_recovering',
        'assertion_key_unknown',
        'assertion_not_over_this',
      ],
      handle: forResident(async (resident, { params, body }) => {
        const { shareId = '' } = params
        const { assertion } = body as { readonly assertion: Assertion }
        return decided(shareId, await agree(sharing, resident, shareId, assertion))
      }),
    },
    {
      method: 'POST',
      path: '/resident/shares/{shareId}/refusal',
      id: 'refuseShare',
      summary: 'Refuses. Nothing was shown, and nothing will be.',
      who: 'resident',
      answer: anyObject,
      refusals: ['resident_without_did', 'share_not_found', 'share_decided_before'],
      handle: forResident(async ({ did }, { params }) => {
        const { shareId = '' } = params
        return decided(shareId, await decline(sharing, did, shareId))
      }),
    },
    {
      method: 'POST',
      path: '/resident/shares/{shareId}/withdrawal',
      id: 'withdrawShare',
      summary: 'Withdraws a consent: from now on the licence is shown no more.',
      who: 'resident',
      answer: anyObject,
      refusals: ['resident_without_did', 'share_not_found', 'consent_not_in_force'],
      handle: forResident(async ({ did }, { params }) => {
        const { shareId = '' } = params
        return decided(shareId, await withdraw(sharing, did, shareId))
      }),
    },
    {
      method: 'GET',
      path: '/resident/accesses',
      id: 'listOwnAccesses',
      summary: 'Every look at the resident’s licences, with or without consent, newest first.',
      who: 'resident',
      answer: object({ accesses: { type: 'array', items: anyObject } }),
      refusals: ['resident_without_did'],
      handle: forResident(async ({ did }) => {
        const found = await books.accesses.find('holder', did, { newestFirst: true, limit: 200 })
        return { accesses: found.map(({ id, value }) => accessView(sharing, id, value)) }
      }),
    },
  ]
}

/** The caller's own copy: three copies of three parties are the same, byte for byte. */
function receiptEndpoint({ keeper }: Sharing): DeskEndpoint {
  return {
    method: 'GET',
    path: '/receipts/{statementId}',
    id: 'getStatementReceipt',
    summary: 'The caller’s own receipt of a consent, a withdrawal or a look; it is checked without this node.',
    who: 'signed-in',
    answer: anyObject,
    refusals: ['share_not_found', 'receipt_not_ready'],
    async handle(call) {
      const { kind, office, did } = personOf(call)
      const party = kind === 'officer' ? partyOf.office(office ?? '') : partyOf.resident(did ?? '')
      const copy = await keeper.copyOf(call.params['statementId'] ?? '', party)
      if (!copy) return refuse('share_not_found')
      return copy.receipt ? plain(copy.receipt) : refuse('receipt_not_ready')
    },
  }
}

function officeView(shareId: string, share: Share, nowMs: number): JsonObject {
  const { source, askedAtMs, decideByMs, untilMs, purposeId, ground, law, typeId, fields, document, decision } = share
  return plain({
    shareId,
    source,
    askedAtMs,
    decideByMs,
    untilMs,
    purposeId,
    ground,
    law,
    typeId,
    fields,
    document,
    state: stateOf(share, nowMs),
    ...(decision?.kind === 'agreed' && { statementId: decision.statementId }),
  })
}

function residentView(sharing: Sharing, shareId: string, share: Share): JsonObject {
  const { group, nowMs } = sharing
  const { askedAtMs, decideByMs, untilMs, purposeId, ground, law, typeId, fields, decision, withdrawal } = share
  const state = stateOf(share, nowMs())
  return plain({
    shareId,
    ...namesOf(sharing, share),
    askedAtMs,
    decideByMs,
    untilMs,
    purposeId,
    ground,
    law,
    typeId,
    fields,
    state,
    ...(state === 'waiting' && { statement: consentStatement(group.groupId, shareId, share) }),
    ...(decision && { decidedAtMs: decision.atMs }),
    ...(decision?.kind === 'agreed' && { statementId: decision.statementId }),
    ...(withdrawal && { withdrawnAtMs: withdrawal.atMs }),
  })
}

function accessView(sharing: Sharing, accessId: string, access: Access): JsonObject {
  const { statementId, atMs, purposeId, ground, law, typeId, fields } = access
  return plain({ accessId, ...namesOf(sharing, access), statementId, atMs, purposeId, ground, law, typeId, fields })
}

/** Names, words and labels as the registrations have them, so that no reader has to look them up. */
function namesOf(
  { offices, sources }: Sharing,
  { consumer, source, purposeId, typeId }: Pick<Share, 'consumer' | 'source' | 'purposeId' | 'typeId'>,
): JsonObject {
  const registration = offices.find(({ office }) => office === consumer)?.registration
  const answering = sources.find(({ office, type }) => office === source && type.typeId === typeId)
  return plain({
    consumer: { office: consumer, names: registration?.names, domain: registration?.domain },
    source: { office: source, names: answering?.names },
    purpose: registration?.purposes.find((purpose) => purpose.purposeId === purposeId)?.texts,
    display: answering?.type.display,
  })
}

function sourceView({ office, names, type: { typeId, display } }: Sharing['sources'][number]) {
  return { office, names, typeId, display }
}

function licenceView(sharing: Sharing, { accessId, access, licence }: Shown): JsonObject {
  const fields = access.fields.flatMap((field) => {
    const value = licence.claims[field]
    return value === undefined ? [] : [[field, value] as const]
  })
  // Of the metadata only what says nothing about the person; that is for the fields that were agreed to.
  const impersonal = metadataOf(licence.facts).filter(({ name }) => !personalElements.has(name))
  return plain({
    ...accessView(sharing, accessId, access),
    fieldsShown: Object.fromEntries(fields),
    metadata: { ...gbtDraft, elements: impersonal },
  })
}

const personalElements: ReadonlySet<string> = new Set([
  'holder',
  'holderCode',
  'holderCodeType',
  'licenceNumber',
  'licenceIdentifier',
])

/** As JSON: members that are absent are left out. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
