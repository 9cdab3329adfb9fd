/** The identity bureau's desk: applying, the console, acts that need two officers, the counter. */
import type { Signer } from '@chengxin/client'
import type { ActKind } from '@chengxin/client/bureau-acts'
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendBytes, sendJson } from './http.ts'
import { sendWithWord } from './officers-word.ts'
import type { SessionAnswer } from './sign-in.ts'

const desk = '/v1/desks/bureau'

export const documentTypes = ['resident_card', 'non_resident_card', 'passport', 'travel_permit'] as const
export type DocumentType = (typeof documentTypes)[number]

export interface IdentityFacts {
  readonly family_name: string
  readonly given_name: string
  readonly birth_date: string
  readonly document_type: DocumentType
  readonly document_number: string
  readonly document_expires: string
}

export const applicationStatuses = ['submitted', 'awaiting-key', 'confirmed', 'refused'] as const
export type ApplicationStatus = (typeof applicationStatuses)[number] | 'confirming'

export interface ApplicationRow {
  readonly applicationId: string
  readonly facts: IdentityFacts
  readonly status: ApplicationStatus
  readonly submittedAtMs: number
  /** Taken down by an officer. */
  readonly atCounter: boolean
  readonly mine: boolean
  readonly documentPhoto?: string
  readonly facePhoto?: string
  readonly reason?: string
  readonly decidedAtMs?: number
  readonly personId?: string
  /** Somebody else who is confirmed with this document. */
  readonly documentOf?: string
}

export interface ActRow {
  readonly actId: string
  readonly kind: ActKind
  readonly personId: string
  readonly name?: string
  readonly reason: string
  readonly status: 'proposed' | 'approved' | 'done' | 'declined'
  readonly proposedAtMs: number
  readonly two: boolean
  readonly mine: boolean
  /** Of a recovery: whether the resident has made the new key. */
  readonly hasKey: boolean
  /** Of a recovery: `counter` where officers sign on the ledger themselves. */
  readonly way?: 'counter' | 'guardian'
  readonly signatures?: number
  readonly signedByMe?: boolean
  /** What the ledger takes of the new key. */
  readonly newKey?: { readonly keyId: string; readonly key: object; readonly proof: string; readonly webauthn: object }
  /** Of the resident. */
  readonly did?: string
  readonly facts?: IdentityFacts
  readonly completableAtMs?: number
}

export interface CertificateRow {
  readonly reference: string
  readonly status: string
  readonly issuedOnMs: number
}

export interface PersonDetail {
  readonly personId: string
  readonly accountId: string
  readonly did: string
  readonly facts: IdentityFacts
  readonly status: 'confirming' | 'confirmed' | 'frozen' | 'deceased'
  readonly confirmedAtMs: number
  readonly history: readonly { atMs: number; kind: ActKind | 'confirm'; reason?: string; two: boolean }[]
  readonly certificates: readonly CertificateRow[]
  readonly acts: readonly ActRow[]
}

export interface Mine {
  readonly application?: { applicationId: string; status: ApplicationStatus; submittedAtMs: number; reason?: string }
  readonly person?: { status: PersonDetail['status']; confirmedAtMs: number; facts: IdentityFacts }
  readonly certificates: readonly CertificateRow[]
  readonly wards: readonly { accountId: string; did: string; untilMs: number }[]
  readonly bureauDid: string
  readonly groupId: string
  readonly onLedger: boolean
}

/** How the officer who is signed in stands on the ledger. */
export interface OwnStanding {
  readonly did?: string
  readonly groupId: string
  readonly onLedger: boolean
  /** Whether the committee lets this DID sign at the counter. */
  readonly entitled: boolean
}

interface Applied {
  readonly facts: IdentityFacts
  readonly documentPhoto?: string
  readonly facePhoto?: string
}

interface Applications {
  readonly applications: readonly ApplicationRow[]
  readonly counts: { readonly [status: string]: number }
  readonly next?: string
}

export const bureau = {
  mine: (signal?: AbortSignal) => getJson<Mine>(`${desk}/mine`, signal),
  bringIn: (proven: object) => sendJson<{ did: string }>('POST', `${desk}/identity`, proven),
  bringPhoto: (jpeg: Blob) => sendBytes<{ photoId: string }>('POST', `${desk}/photos`, jpeg),
  apply: (applied: Applied) => sendJson<{ applicationId: string }>('POST', `${desk}/applications`, applied),
  withdraw: () => sendJson<unknown>('DELETE', `${desk}/mine/application`),
  offerCertificate: () => sendJson<{ uri: string }>('POST', `${desk}/certificate`),
  takeTicket: (secret: string) => sendJson<unknown>('POST', `${desk}/tickets`, { secret }),
  actForWard: (accountId: string) => sendJson<SessionAnswer>('POST', `${desk}/wards/${accountId}/session`),
  beginNewKey: (secret: string) =>
    sendJson<{ challenge: string; userHandle: string; did: string; rpId: string; groupId: string }>(
      'POST',
      `${desk}/recovery/begin`,
      { secret },
    ),
  giveNewKey: (given: object) => sendJson<unknown>('POST', `${desk}/recovery/key`, given),
  decide: (applicationId: string, decision: { confirm: boolean; reason?: string }) =>
    sendJson<{ status: string }>('POST', `${desk}/applications/${applicationId}/decision`, decision),
  applyAtCounter: (applied: Applied) =>
    sendJson<{ applicationId: string; secret: string }>('POST', `${desk}/counter/applications`, applied),
  findPerson: (document: Pick<IdentityFacts, 'document_type' | 'document_number'>) =>
    sendJson<{ people: readonly { personId: string; facts: IdentityFacts; status: string }[] }>(
      'POST',
      `${desk}/people/search`,
      document,
    ),
  /** Acts that weigh want the officer's key over exactly what is sent. */
  propose: (act: object, signer: Signer) =>
    sendWithWord<{ actId: string; two: boolean; secret?: string }>(`${desk}/acts`, act, signer),
  decideAct: (actId: string, agree: boolean, signer: Signer) =>
    sendWithWord<unknown>(`${desk}/acts/${actId}/decision`, { agree }, signer),
  /** A transaction that an officer at the counter has signed. */
  signAct: (actId: string, jws: string) => sendJson<unknown>('POST', `${desk}/acts/${actId}/signature`, { jws }),
  officer: (signal?: AbortSignal) => getJson<OwnStanding>(`${desk}/officer`, signal),
  photoUrl: (photoId: string) => `${desk}/photos/${photoId}`,
  async applications(
    filter: { status: string; newest: boolean },
    page: { before?: string },
    signal?: AbortSignal,
  ): Promise<{ rows: readonly ApplicationRow[]; next?: string; counts: Applications['counts'] }> {
    const query = new URLSearchParams({ status: filter.status })
    if (filter.newest) query.set('newest', 'true')
    if (page.before !== undefined) query.set('after', page.before)
    const { applications, counts, next } = await getJson<Applications>(`${desk}/applications?${query}`, signal)
    return { rows: applications, counts, ...(next === undefined ? {} : { next }) }
  },
} as const

export const mineQuery = queryOptions({
  queryKey: ['desk', 'bureau', 'mine'],
  queryFn: ({ signal }) => bureau.mine(signal),
})

export const officerQuery = queryOptions({
  queryKey: ['desk', 'bureau', 'officer'],
  queryFn: ({ signal }) => bureau.officer(signal),
})

export const applicationQuery = (applicationId: string) =>
  queryOptions({
    queryKey: ['desk', 'bureau', 'application', applicationId],
    queryFn: ({ signal }) => getJson<ApplicationRow>(`${desk}/applications/${applicationId}`, signal),
  })

export const personQuery = (personId: string) =>
  queryOptions({
    queryKey: ['desk', 'bureau', 'person', personId],
    queryFn: ({ signal }) => getJson<PersonDetail>(`${desk}/people/${personId}`, signal),
  })

export const actsQuery = (status: ActRow['status']) =>
  queryOptions({
    queryKey: ['desk', 'bureau', 'acts', status],
    queryFn: async ({ signal }) =>
      (await getJson<{ acts: readonly ActRow[] }>(`${desk}/acts?status=${status}`, signal)).acts,
  })
