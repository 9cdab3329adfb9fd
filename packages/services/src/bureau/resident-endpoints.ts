/** What residents do at the bureau: come onto the ledger, apply, see how it stands, fetch the certificate, use tickets. */
import type { RelyingParty } from '@chengxin/crypto'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { Person as Visitor } from '../desk/person.ts'
import { done, object, text } from '../sign-in/shapes.ts'
import { changeRecord } from '../vault/face.ts'
import { type Applied, applicationMarks, apply, finish, lastApplication, personOfAccount } from './applications.ts'
import { type Bureau, ensureOnLedger } from './bureau.ts'
import { wardsOf } from './guardians.ts'
import { identityType } from './identity-type.ts'
import { photoLimitBytes } from './photos.ts'
import type { Application, KeptProof } from './records.ts'
import { beginNewKey, findTicket, type GivenKey, giveNewKey } from './recovery.ts'
import { applyBody, keyProofBody, mineAnswer, newKeyBody, secretBody } from './shapes.ts'

export function residentEndpoints(bureau: Bureau, relyingParty: RelyingParty): readonly DeskEndpoint[] {
  const { kept, photos, office } = bureau
  return [
    {
      method: 'POST',
      path: '/identity',
      id: 'bringIn',
      summary: 'Bring my DID onto the ledger, with my key’s own word; officers of the bureau have one as well.',
      who: 'signed-in',
      body: keyProofBody,
      answer: object({ did: text }),
      refusals: ['key_proof_needed', 'ledger_refused'],
      async handle(call) {
        const visitor = personOf(call)
        if (visitor.kind === 'officer' && visitor.office !== 'bureau') return refuse('role_needed')
        const did = (await bureau.accounts.find(visitor.accountId))?.did
        if (did === undefined) return refuse('key_proof_needed')
        const proof = call.body as KeptProof
        if (!(await kept.proofs.insert(visitor.accountId, proof))) {
          await changeRecord(kept.proofs, visitor.accountId, () => ({ value: proof, result: undefined }))
        }
        return (await ensureOnLedger(bureau, visitor.accountId, did)) ?? { did }
      },
    },
    {
      method: 'POST',
      path: '/photos',
      id: 'bringPhoto',
      summary: 'Bring a photograph for an application.',
      who: 'signed-in',
      bodyMediaType: 'image/jpeg',
      bodyLimit: photoLimitBytes,
      answer: object({ photoId: text }),
      refusals: ['photo_not_jpeg', 'photo_has_metadata'],
      async handle(call) {
        const photoId = await photos.keep(personOf(call).accountId, new Uint8Array(call.body as Uint8Array))
        return typeof photoId === 'string' ? { photoId } : photoId
      },
    },
    {
      method: 'POST',
      path: '/applications',
      id: 'apply',
      summary: 'Apply to be confirmed.',
      who: 'resident',
      body: applyBody,
      answer: object({ applicationId: text }),
      refusals: [
        'facts_malformed',
        'document_expired',
        'photo_not_found',
        'person_already_confirmed',
        'application_pending',
      ],
      async handle(call) {
        const { accountId } = personOf(call)
        const applicationId = await apply(bureau, { accountId }, call.body as Applied)
        return typeof applicationId === 'string' ? { applicationId } : applicationId
      },
    },
    {
      method: 'GET',
      path: '/mine',
      id: 'mine',
      summary: 'My application, what the bureau confirmed of me, and whose guardian I am.',
      who: 'resident',
      answer: mineAnswer,
      refusals: [],
      handle: (call) => mine(bureau, personOf(call)),
    },
    {
      method: 'DELETE',
      path: '/mine/application',
      id: 'withdraw',
      summary: 'Withdraw my application; it is erased with its photographs.',
      who: 'resident',
      answer: done,
      refusals: ['application_not_found', 'application_not_open'],
      async handle(call) {
        const last = await lastApplication(bureau, personOf(call).accountId)
        if (last === undefined) return refuse('application_not_found')
        if (last.value.status !== 'submitted') return refuse('application_not_open')
        for (const photoId of [last.value.documentPhoto, last.value.facePhoto]) {
          if (photoId !== undefined) await kept.photos.erase(photoId)
        }
        await kept.applications.erase(last.id)
        return { done: true }
      },
    },
    {
      method: 'POST',
      path: '/certificate',
      id: 'offerCertificate',
      summary: 'An offer of my identity certificate, for the wallet that I choose.',
      who: 'resident',
      body: object({}),
      answer: object({ uri: text }),
      refusals: ['person_not_confirmed'],
      async handle(call) {
        const { accountId } = personOf(call)
        const person = await personOfAccount(bureau, accountId)
        if (person?.value.status !== 'confirmed' || office === undefined) return refuse('person_not_confirmed')
        const offer = await office.offer(accountId, identityType.typeId)
        return isRefusal(offer) ? refuse('person_not_confirmed') : { uri: offer.uri }
      },
    },
    {
      method: 'POST',
      path: '/tickets',
      id: 'useTicket',
      summary: 'Take over an application that an officer took down for me at the counter.',
      who: 'resident',
      body: secretBody,
      answer: done,
      refusals: ['ticket_not_valid', 'person_already_confirmed', 'key_proof_needed', 'ledger_refused'],
      handle: async (call) => (await useTicket(bureau, call)) ?? { done: true },
    },
    {
      method: 'POST',
      path: '/wards/{accountId}/session',
      id: 'actForWard',
      summary: 'Act for somebody whose guardian I am: their session in this browser, for an hour.',
      who: 'resident',
      body: object({}),
      answer: { type: 'object' },
      refusals: ['ward_not_yours'],
      async handle(call) {
        const wards = await wardsOf(bureau, personOf(call).accountId)
        const ward = wards.find(({ accountId }) => accountId === call.params['accountId'])
        if (ward === undefined) return refuse('ward_not_yours')
        return bureau.signInAs(call, ward.accountId, Math.min(3_600_000, ward.untilMs - bureau.nowMs()))
      },
    },
    {
      method: 'POST',
      path: '/recovery/begin',
      id: 'beginNewKey',
      summary: 'On a new device, with a ticket of the counter: what its passkey is to be made over.',
      who: 'anyone',
      body: secretBody,
      answer: object({ challenge: text, userHandle: text, did: text, rpId: text, groupId: text }),
      refusals: ['ticket_not_valid'],
      async handle(call) {
        const begun = await beginNewKey(bureau, (call.body as { readonly secret: string }).secret)
        return isRefusal(begun) ? begun : { ...begun, rpId: relyingParty.rpId, groupId: bureau.groupId }
      },
    },
    {
      method: 'POST',
      path: '/recovery/key',
      id: 'giveNewKey',
      summary: 'Hand the new passkey over. It signs once another officer has agreed and the waiting time is over.',
      who: 'anyone',
      body: newKeyBody,
      answer: done,
      refusals: [
        'ticket_not_valid',
        'passkey_malformed',
        'passkey_not_for_this_page',
        'passkey_holder_not_verified',
        'passkey_algorithm_not_allowed',
      ],
      async handle(call) {
        const { secret, ...given } = call.body as GivenKey & { readonly secret: string }
        return (await giveNewKey(bureau, relyingParty, secret, given)) ?? { done: true }
      },
    },
  ]
}

async function mine(bureau: Bureau, { accountId }: Visitor): Promise<JsonObject> {
  const [application, person, account, wards, records] = await Promise.all([
    lastApplication(bureau, accountId),
    personOfAccount(bureau, accountId),
    bureau.accounts.find(accountId),
    wardsOf(bureau, accountId),
    bureau.office?.recordsOf(accountId),
  ])
  const { status = '', submittedAtMs = 0, reason } = application?.value ?? {}
  return {
    ...(application && {
      application: {
        applicationId: application.id,
        status,
        submittedAtMs,
        ...(reason === undefined ? {} : { reason }),
      },
    }),
    ...(person && {
      person: {
        status: person.value.status,
        confirmedAtMs: person.value.confirmedAtMs,
        facts: person.value.facts,
      },
    }),
    certificates: certificatesOf(records),
    wards: wards.map((ward) => ({ ...ward })),
    bureauDid: bureau.ledger.did,
    groupId: bureau.groupId,
    onLedger: account?.onLedger ?? false,
  }
}

export function certificatesOf(
  records: readonly { readonly reference: string; readonly status: string; readonly issuedOnMs: number }[] = [],
): JsonObject[] {
  return records.map(({ reference, status, issuedOnMs }) => ({ reference, status, issuedOnMs }))
}

/** The application of the counter becomes the resident's own; if it was decided already, the ledger now hears of it. */
async function useTicket(bureau: Bureau, call: DeskCall): Promise<Refusal | undefined> {
  const { kept } = bureau
  const { accountId } = personOf(call)
  const ticket = await findTicket(bureau, (call.body as { readonly secret: string }).secret, 'application')
  if (ticket === undefined) return refuse('ticket_not_valid')
  if ((await personOfAccount(bureau, accountId)) !== undefined) return refuse('person_already_confirmed')
  const did = (await bureau.accounts.find(accountId))?.did
  const missing = did === undefined ? refuse('key_proof_needed') : await ensureOnLedger(bureau, accountId, did)
  if (missing !== undefined) return missing
  const outcome = await changeRecord<Application, Application | Refusal>(
    kept.applications,
    ticket.value.subjectId,
    (application) => {
      if (application.accountId !== undefined) return { result: refuse('ticket_not_valid') }
      const status = application.status === 'awaiting-key' ? 'confirming' : application.status
      const value: Application = { ...application, accountId, status }
      return { value, marks: applicationMarks(value), result: value }
    },
  )
  if (outcome === undefined || isRefusal(outcome)) return refuse('ticket_not_valid')
  await kept.tickets.erase(ticket.id)
  return outcome.status === 'confirming' ? finish(bureau, ticket.value.subjectId) : undefined
}
