/** The issuer's desk: types, registers, entitlements, what residents claim, and how certificates stand. */
import type { StatusWord } from '@chengxin/audit'
import { isRefusal, type Json, type Refusal, refuse } from '@chengxin/kernel'
import { type Desk, type DeskCall, type DeskEndpoint, personOf } from '../../desk/endpoint.ts'
import type { OfficersWords } from '../../desk/officers-word.ts'
import type { Claims } from '../office-records.ts'
import { decidedRenewal, listedRenewals, renewalQueue } from '../renewal-endpoints.ts'
import type { StatusWish } from './acts.ts'
import { authorizationEndpoints, type SigningIn } from './authorization-endpoints.ts'
import { claimEndpoints } from './claim-endpoints.ts'
import { faultOf } from './fields.ts'
import { importEndpoints } from './import-endpoints.ts'
import { type IssuerDeskOffice } from './office.ts'
import { type OfficeOf, officerEndpoint, weightyOfficerEndpoint } from './officer-endpoint.ts'
import { issuerRefusals } from './refusals.ts'
import { after, object, statusWish, text, typeDraft } from './shapes.ts'
import type { TypeRecord } from './type-book.ts'

export interface IssuerDeskOptions {
  readonly offices: readonly IssuerDeskOffice[]
  /** What officers give their word on, at this desk alone. */
  readonly words: OfficersWords
  /** Offices with a desk of their own whose residents sign in for other wallets here; none if absent. */
  readonly beside?: readonly SigningIn[]
}

export interface IssuerDesk extends Desk {
  readonly offices: readonly IssuerDeskOffice[]
}

export function createIssuerDesk({ offices, words, beside = [] }: IssuerDeskOptions): IssuerDesk {
  const officeOf = (call: DeskCall) =>
    offices.find(({ office }) => office.office === personOf(call).office) ?? refuse('office_not_an_issuer')
  return {
    name: 'issuer',
    refusals: issuerRefusals,
    offices,
    endpoints: [
      ...officeEndpoints(officeOf),
      ...importEndpoints(officeOf),
      ...certificateEndpoints(officeOf, words),
      ...actEndpoints(officeOf, words),
      ...doubtEndpoints(officeOf),
      ...renewalEndpoints(officeOf),
      ...claimEndpoints(offices),
      ...authorizationEndpoints([...offices, ...beside]),
    ],
    async close() {
      for (const { imports, office, recovered } of offices) {
        await recovered.stop()
        await imports.settled()
        await office.close()
      }
    },
  }
}

function officeEndpoints(officeOf: OfficeOf): readonly DeskEndpoint[] {
  return [
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/office',
      id: 'getOffice',
      summary: 'The officer’s office: its types, how much was issued, what waits, and what two officers must agree on.',
      handle: async ({ office, types, entitlements, acts, names, did, smallestRoot, renewals }) => ({
        ...{ office: office.office, names, did, identifier: office.identifier, smallestRoot },
        aloneUpTo: acts.aloneUpTo,
        openActs: (await acts.open()).length,
        renewals: await renewals.count(),
        types: await Promise.all(
          (await types.all()).map(async (type) => ({
            ...type,
            entitlements: {
              open: await entitlements.count(type.typeId, 'open'),
              claimed: await entitlements.count(type.typeId, 'claimed'),
            },
            certificates: {
              valid: await office.count(type.typeId, 'valid'),
              suspended: await office.count(type.typeId, 'suspended'),
              revoked: await office.count(type.typeId, 'revoked'),
              superseded: await office.count(type.typeId, 'superseded'),
            },
            waiting: office.waiting(type.typeId),
          })),
        ),
      }),
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/types',
      id: 'draftType',
      summary: 'Writes the draft of a type, or writes it anew.',
      body: typeDraft,
      refusals: ['type_malformed', 'type_name_taken', 'type_not_a_draft'],
      handle: ({ types }, { body }) => types.draft(body as Omit<TypeRecord, 'state' | 'changedAtMs'>),
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/types/{typeId}/publication',
      id: 'publishType',
      summary: 'Puts the hashes of schema and display on the ledger; from then on the type does not change.',
      refusals: ['type_not_issued', 'type_not_a_draft', 'type_authority_elsewhere'],
      handle: ({ types }, { params }) => types.publish(params['typeId'] ?? ''),
    }),
    officerEndpoint(officeOf, {
      method: 'DELETE',
      path: '/types/{typeId}',
      id: 'discardType',
      summary: 'Throws a draft away.',
      refusals: ['type_not_a_draft'],
      handle: async ({ types }, { params }) =>
        (await types.discard(params['typeId'] ?? '')) ? { discarded: true } : refuse('type_not_a_draft'),
    }),
  ]
}

function renewalEndpoints(officeOf: OfficeOf): readonly DeskEndpoint[] {
  const { list, decide } = renewalQueue()
  return [
    officerEndpoint(officeOf, { ...list, handle: ({ renewals }, call) => listedRenewals(renewals, call) }),
    officerEndpoint(officeOf, { ...decide, handle: ({ renewals }, call) => decidedRenewal(renewals, call) }),
  ]
}

function certificateEndpoints(officeOf: OfficeOf, words: OfficersWords): readonly DeskEndpoint[] {
  return [
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/certificates',
      id: 'listCertificates',
      summary: 'Certificates of a type with one status, newest first, with what they say.',
      query: {
        typeId: { schema: text(), about: 'The type.' },
        status: {
          schema: { type: 'string', enum: ['valid', 'suspended', 'revoked', 'superseded'] },
          about: 'The status.',
        },
        ...after,
      },
      handle: async ({ office }, { query }) => {
        const { typeId = '', status = 'valid', after: last } = query
        const records = await office.list(typeId, status as StatusWord, last)
        const certificates = records.map(async (record) => ({
          ...record,
          places: record.places.length,
          claims: await office.claimsOf(record.subject, record.typeId),
        }))
        return { certificates: await Promise.all(certificates) }
      },
    }),
    ...weightyOfficerEndpoint(words, officeOf, {
      method: 'POST',
      path: '/certificates/status',
      id: 'setStatus',
      summary:
        'Suspends, resumes or revokes; many at once are proposed to a second officer, with the officer’s key over exactly these.',
      body: statusWish,
      member: 'officersWord',
      refusals: ['issued_certificate_not_found', 'reason_not_fitting', 'certificate_revoked'],
      said: (call) => ({ kind: wishOf(call).word, subject: `${wishOf(call).references.length}` }),
      light: ({ acts }, call) =>
        acts.needsTwo(wishOf(call)) ? undefined : acts.setStatus(wishOf(call), { by: personOf(call) }),
      handle: ({ acts }, call, word) => acts.setStatus(wishOf(call), { by: personOf(call), word }),
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/certificates/{reference}/correction',
      id: 'correctCertificate',
      summary:
        'Certifies otherwise from now on: the holder is offered a new certificate, which supersedes the old one.',
      body: object({ claims: { type: 'object', additionalProperties: { type: 'string', maxLength: 500 } } }),
      refusals: [
        'issued_certificate_not_found',
        'claims_malformed',
        'certificate_revoked',
        'type_not_issued',
        'nothing_to_issue',
      ],
      async handle({ office, types }, { params, body }) {
        const reference = params['reference'] ?? ''
        const record = await office.recordOf(reference)
        if (record === undefined) return refuse('issued_certificate_not_found')
        const type = await types.get(record.typeId)
        const before = (await office.claimsOf(record.subject, record.typeId)) ?? {}
        const claims = correctedClaims(before, type?.fields ?? [], (body as { readonly claims: Claims }).claims)
        return isRefusal(claims) ? claims : office.correct(reference, claims)
      },
    }),
  ]
}

function wishOf({ body }: DeskCall): StatusWish {
  return body as StatusWish
}

function actEndpoints(officeOf: OfficeOf, words: OfficersWords): readonly DeskEndpoint[] {
  return [
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/acts',
      id: 'listActs',
      summary: 'What waits for a second officer.',
      async handle({ acts }, call) {
        const open = await acts.open()
        const { accountId } = personOf(call)
        return {
          aloneUpTo: acts.aloneUpTo,
          acts: open.map(({ actId, act: { references, proposedWord: _, ...act } }) => ({
            ...{ actId, ...act, count: references.length, isOwn: act.proposedBy === accountId },
          })),
        }
      },
    }),
    ...weightyOfficerEndpoint(words, officeOf, {
      method: 'POST',
      path: '/acts/{actId}/decision',
      id: 'decideAct',
      summary: 'Agrees to what another officer proposed, or turns it down.',
      body: object({ approve: { type: 'boolean' } }),
      refusals: ['act_not_found', 'second_officer_needed'],
      said: ({ params, body }) => ({
        kind: (body as { readonly approve: boolean }).approve ? 'agree' : 'decline',
        subject: params['actId'] ?? '',
      }),
      handle: ({ acts }, call, word) => {
        const { approve } = call.body as { readonly approve: boolean }
        const decision = { by: personOf(call), word }
        const actId = call.params['actId'] ?? ''
        return approve ? acts.approve(actId, decision) : acts.reject(actId, decision)
      },
    }),
  ]
}

function doubtEndpoints(officeOf: OfficeOf): readonly DeskEndpoint[] {
  return [
    officerEndpoint(officeOf, {
      method: 'GET',
      path: '/doubts',
      id: 'listDoubts',
      summary: 'Claims whose document fits an entitlement and whose person does not.',
      handle: async ({ claims }) => ({ doubts: await claims.doubts() }),
    }),
    officerEndpoint(officeOf, {
      method: 'POST',
      path: '/doubts/{doubtId}/decision',
      id: 'decideDoubt',
      summary: 'Grants the claim, because it is the same person, or refuses it.',
      body: object({ grant: { type: 'boolean' } }),
      refusals: ['doubt_not_found', 'entitlement_not_open'],
      handle: ({ claims }, call) =>
        claims.decide(call.params['doubtId'] ?? '', (call.body as { readonly grant: boolean }).grant, personOf(call)),
    }),
  ]
}

/** What the office certifies after a correction: the old words with the new ones over them, empty ones left out. */
function correctedClaims(
  before: Claims,
  fields: readonly Parameters<typeof faultOf>[0][],
  given: Claims,
): Claims | Refusal {
  const claims: { [name: string]: Json } = { ...before }
  for (const [name, value] of Object.entries(given)) {
    const field = fields.find((each) => each.name === name)
    if (field === undefined || typeof value !== 'string' || faultOf(field, value) !== undefined) {
      return refuse('claims_malformed')
    }
    if (value === '') delete claims[name]
    else claims[name] = value
  }
  return claims
}
