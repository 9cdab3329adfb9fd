/** The bureau's console: the queue, decisions, people, acts that need two, and the counter. */

import { actKinds } from '@chengxin/client/bureau-acts'
import { isRefusal, type JsonObject, refuse } from '@chengxin/kernel'
import { type DeskEndpoint, DeskFile, personOf } from '../desk/endpoint.ts'
import { withOfficersWord } from '../desk/officers-word.ts'
import type { OfficeRole } from '../desk/person.ts'
import { decidedRenewal, listedRenewals, renewalQueue } from '../issuer/renewal-endpoints.ts'
import { done, object, text } from '../sign-in/shapes.ts'
import type { Stored } from '../vault/face.ts'
import { decideAct, type Proposed, proposeAct } from './acts.ts'
import { type Applied, apply, confirmApplication, refuseApplication } from './applications.ts'
import type { Bureau } from './bureau.ts'
import { signAct } from './counter-signatures.ts'
import { documentMark, type IdentityFacts } from './identity-type.ts'
import type { Act, Application, NewKey } from './records.ts'
import { newTicket } from './recovery.ts'
import { certificatesOf } from './resident-endpoints.ts'
import {
  actBody,
  actsAnswer,
  agreeBody,
  applicationRow,
  applicationsAnswer,
  counterBody,
  decisionBody,
  documentBody,
  peopleAnswer,
  personAnswer,
  signatureBody,
} from './shapes.ts'

const bureauStaff: readonly OfficeRole[] = ['bureau_clerk', 'bureau_officer']
const statuses = ['submitted', 'confirming', 'confirmed', 'refused', 'awaiting-key'] as const
const pageRows = 50
const flag: JsonObject = { type: 'boolean' }

export function officerEndpoints(bureau: Bureau): readonly DeskEndpoint[] {
  return [...queueEndpoints(bureau), ...peopleEndpoints(bureau), ...actEndpoints(bureau), ...renewalEndpoints(bureau)]
}

function queueEndpoints(bureau: Bureau): readonly DeskEndpoint[] {
  const { kept, photos } = bureau
  return [
    {
      method: 'GET',
      path: '/applications',
      id: 'listApplications',
      summary: 'Applications in one state, oldest first, and how many there are in each.',
      who: bureauStaff,
      query: {
        status: { schema: { enum: statuses }, about: 'submitted if absent' },
        after: { schema: { type: 'string', maxLength: 64 }, about: 'the last application of the page before' },
        newest: { schema: { enum: ['true'] }, about: 'newest first' },
      },
      answer: applicationsAnswer,
      refusals: [],
      async handle(call) {
        const { status = 'submitted', after, newest } = call.query
        const page = { limit: pageRows, newestFirst: newest === 'true', ...(after === undefined ? {} : { after }) }
        const found = await kept.applications.find('status', status, page)
        const counts = await Promise.all(
          statuses.map(async (one) => [one, await kept.applications.count('status', one)] as const),
        )
        const last = found.length === pageRows ? found.at(-1)?.id : undefined
        return {
          applications: found.map((application) => rowOf(application, personOf(call).accountId)),
          counts: Object.fromEntries(counts),
          ...(last === undefined ? {} : { next: last }),
        }
      },
    },
    {
      method: 'GET',
      path: '/applications/{applicationId}',
      id: 'application',
      summary: 'One application, and who else is confirmed with its document.',
      who: bureauStaff,
      answer: applicationRow,
      refusals: ['application_not_found'],
      async handle(call) {
        const found = await kept.applications.get(call.params['applicationId'] ?? '')
        if (found === undefined) return refuse('application_not_found')
        const others = await kept.people.find('document', documentMark(found.value.facts))
        const other = others.find(({ value }) => value.accountId !== found.value.accountId)
        return { ...rowOf(found, personOf(call).accountId), ...(other === undefined ? {} : { documentOf: other.id }) }
      },
    },
    {
      method: 'GET',
      path: '/photos/{photoId}',
      id: 'photo',
      summary: 'A photograph of an application.',
      who: bureauStaff,
      answer: {},
      refusals: ['photo_not_found'],
      async handle(call) {
        const jpeg = await photos.read(call.params['photoId'] ?? '')
        return jpeg === undefined ? refuse('photo_not_found') : new DeskFile('image/jpeg', jpeg)
      },
    },
    {
      method: 'POST',
      path: '/applications/{applicationId}/decision',
      id: 'decideApplication',
      summary: 'Confirm somebody, or refuse with a reason.',
      who: bureauStaff,
      body: decisionBody,
      answer: object({ status: text }),
      refusals: [
        'application_not_found',
        'application_not_open',
        'own_application',
        'reason_not_fitting',
        'document_of_another',
        'key_proof_needed',
        'ledger_refused',
      ],
      async handle(call) {
        const by = personOf(call).accountId
        const applicationId = call.params['applicationId'] ?? ''
        const { confirm, reason = '' } = call.body as { readonly confirm: boolean; readonly reason?: string }
        if (!confirm) return (await refuseApplication(bureau, applicationId, { by, reason })) ?? { status: 'refused' }
        const status = await confirmApplication(bureau, applicationId, by)
        return isRefusal(status) ? status : { status }
      },
    },
    {
      method: 'POST',
      path: '/counter/applications',
      id: 'applyAtCounter',
      summary: 'Take an application down for somebody without a phone; the ticket connects it with a key later.',
      who: bureauStaff,
      body: counterBody,
      answer: object({ applicationId: text, secret: text }),
      refusals: ['facts_malformed', 'document_expired', 'photo_not_found'],
      async handle(call) {
        const applicationId = await apply(bureau, { takenBy: personOf(call).accountId }, call.body as Applied)
        if (isRefusal(applicationId)) return applicationId
        return { applicationId, secret: await newTicket(bureau, { purpose: 'application', subjectId: applicationId }) }
      },
    },
  ]
}

function renewalEndpoints({ renewals }: Bureau): readonly DeskEndpoint[] {
  if (renewals === undefined) return []
  const { list, decide } = renewalQueue()
  return [
    {
      ...list,
      who: bureauStaff,
      answer: { type: 'object' },
      refusals: [],
      handle: (call) => listedRenewals(renewals, call),
    },
    { ...decide, who: bureauStaff, answer: { type: 'object' }, handle: (call) => decidedRenewal(renewals, call) },
  ]
}

function peopleEndpoints(bureau: Bureau): readonly DeskEndpoint[] {
  const { kept, office } = bureau
  return [
    {
      method: 'POST',
      path: '/people/search',
      id: 'findPerson',
      summary: 'Who is confirmed with this document.',
      who: bureauStaff,
      body: documentBody,
      answer: peopleAnswer,
      refusals: [],
      async handle(call) {
        const wanted = call.body as Pick<IdentityFacts, 'document_type' | 'document_number'>
        const number = wanted.document_number.replaceAll(/\s/g, '').toUpperCase()
        const mark = documentMark({ ...wanted, document_number: number } as IdentityFacts)
        const found = await kept.people.find('document', mark)
        return { people: found.map(({ id, value }) => ({ personId: id, facts: value.facts, status: value.status })) }
      },
    },
    {
      method: 'GET',
      path: '/people/{personId}',
      id: 'person',
      summary: 'Somebody who is confirmed: facts, history, certificates, and acts upon them.',
      who: bureauStaff,
      answer: personAnswer,
      refusals: ['person_not_found'],
      async handle(call) {
        const found = await kept.people.get(call.params['personId'] ?? '')
        if (found === undefined) return refuse('person_not_found')
        const { accountId, did, facts, status, confirmedAtMs, history } = found.value
        const acts = await kept.acts.find('person', found.id, { newestFirst: true })
        return {
          ...{ personId: found.id, accountId, did, facts, status, confirmedAtMs },
          history: history.map(({ atMs, kind, reason, and }) => ({
            ...{ atMs, kind, two: and !== undefined },
            ...(reason === undefined ? {} : { reason }),
          })),
          certificates: certificatesOf(await office?.recordsOf(accountId)),
          acts: acts.map((act) => actView(act, personOf(call).accountId)),
        }
      },
    },
  ]
}

function actEndpoints(bureau: Bureau): readonly DeskEndpoint[] {
  const { kept } = bureau
  return [
    {
      method: 'GET',
      path: '/acts',
      id: 'listActs',
      summary: 'Acts that wait for a second officer or for their time, or are over.',
      who: bureauStaff,
      query: {
        status: { schema: { enum: ['proposed', 'approved', 'done', 'declined'] }, about: 'proposed if absent' },
      },
      answer: actsAnswer,
      refusals: [],
      async handle(call) {
        const found = await kept.acts.find('status', call.query['status'] ?? 'proposed', { newestFirst: true })
        const acts = await Promise.all(
          found.map(async (act) => {
            const person = (await kept.people.get(act.value.personId))?.value
            const name = person && `${person.facts.family_name} ${person.facts.given_name}`
            const view = actView(act, personOf(call).accountId)
            return { ...view, ...(name === undefined ? {} : { name, did: person?.did ?? '' }) }
          }),
        )
        return { acts }
      },
    },
    ...withOfficersWord(bureau.words, {
      method: 'POST',
      path: '/acts',
      id: 'proposeAct',
      summary:
        'Freeze somebody, or propose what needs a second officer. A recovery answers with a ticket for the resident.',
      who: bureauStaff,
      body: actBody,
      answer: object({ actId: text, two: { type: 'boolean' }, secret: text }, ['secret']),
      refusals: [
        'reason_not_fitting',
        'person_not_found',
        'person_not_confirmed',
        'facts_malformed',
        'act_needs_guardian',
        'ledger_refused',
      ],
      said(call) {
        const { kind, personId } = call.body as Proposed
        return { kind, subject: personId }
      },
      async handle(call, word) {
        const proposed = call.body as Proposed
        const actId = await proposeAct(bureau, { by: personOf(call).accountId, word }, proposed)
        if (isRefusal(actId)) return actId
        const isRecovery = proposed.kind === 'recover'
        const secret = isRecovery ? await newTicket(bureau, { purpose: 'recovery', subjectId: actId }) : undefined
        return { actId, two: actKinds[proposed.kind].two, ...(secret === undefined ? {} : { secret }) }
      },
    }),
    ...withOfficersWord(bureau.words, {
      method: 'POST',
      path: '/acts/{actId}/decision',
      id: 'decideAct',
      summary: 'Agree to an act that a colleague proposed, or decline it; declining one’s own takes it back.',
      who: ['bureau_officer'],
      body: agreeBody,
      answer: done,
      refusals: [
        'act_unknown',
        'act_not_open',
        'act_own',
        'act_lacks_key',
        'act_signed_on_ledger',
        'person_not_found',
        'ledger_refused',
      ],
      said(call) {
        const { agree } = call.body as { readonly agree: boolean }
        return { kind: agree ? 'agree' : 'decline', subject: call.params['actId'] ?? '' }
      },
      async handle(call, word) {
        const { agree } = call.body as { readonly agree: boolean }
        const by = personOf(call).accountId
        return (await decideAct(bureau, call.params['actId'] ?? '', { by, agree, word })) ?? { done: true }
      },
    }),
    {
      method: 'POST',
      path: '/acts/{actId}/signature',
      id: 'signAct',
      summary: 'Hand in a transaction for a recovery at the counter, signed by an officer’s own DID.',
      who: bureauStaff,
      body: signatureBody,
      answer: done,
      refusals: ['act_unknown', 'act_not_open', 'act_lacks_key', 'ledger_refused', 'signature_of_another_act'],
      async handle(call) {
        const { jws } = call.body as { readonly jws: string }
        const by = personOf(call).accountId
        return (await signAct(bureau, call.params['actId'] ?? '', { by, jws })) ?? { done: true }
      },
    },
    {
      method: 'GET',
      path: '/officer',
      id: 'officer',
      summary: 'My own DID, whether it stands on the ledger, and whether the committee lets it sign at the counter.',
      who: bureauStaff,
      answer: object({ did: text, groupId: text, onLedger: flag, entitled: flag }, ['did']),
      refusals: [],
      async handle(call) {
        const account = await bureau.accounts.find(personOf(call).accountId)
        const did = account?.did
        const onLedger = did !== undefined && (await bureau.ledger.stands(did))
        const entitled = did !== undefined && (await bureau.ledger.isCounterOfficer(did))
        return { groupId: bureau.groupId, onLedger, entitled, ...(did === undefined ? {} : { did }) }
      },
    },
  ]
}

function rowOf({ id, value }: Stored<Application>, officer: string): JsonObject {
  const { facts, status, submittedAtMs, takenBy, documentPhoto, facePhoto, reason, decidedAtMs, personId } = value
  return {
    ...{ applicationId: id, facts, status, submittedAtMs },
    atCounter: takenBy !== undefined,
    mine: takenBy === officer,
    ...(documentPhoto === undefined ? {} : { documentPhoto }),
    ...(facePhoto === undefined ? {} : { facePhoto }),
    ...(reason === undefined ? {} : { reason }),
    ...(decidedAtMs === undefined ? {} : { decidedAtMs }),
    ...(personId === undefined ? {} : { personId }),
  }
}

/** What the ledger takes of a new key: nothing that names the passkey to its device. */
function keyToSign({ keyId, jwk, proof, webauthn }: NewKey): JsonObject {
  return { keyId, key: jwk, proof, webauthn }
}

function actView({ id, value }: Stored<Act>, officer: string): JsonObject {
  const { kind, personId, reason, status, proposedBy, proposedAtMs, facts, newKey, completableAtMs } = value
  const { way, signed = [] } = value
  return {
    ...{ actId: id, kind, personId, reason, status, proposedAtMs },
    two: actKinds[kind].two,
    mine: proposedBy === officer,
    hasKey: newKey !== undefined,
    ...(way === undefined
      ? {}
      : { way, signatures: signed.length, signedByMe: signed.some(({ by }) => by === officer) }),
    ...(newKey === undefined ? {} : { newKey: keyToSign(newKey) }),
    ...(facts === undefined ? {} : { facts }),
    ...(completableAtMs === undefined ? {} : { completableAtMs }),
  }
}
