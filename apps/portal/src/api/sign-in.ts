/** The sign-in desk: who is here, passkeys, sessions, invitations. */
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'

const desk = '/v1/desks/sign-in'

export interface PersonPasskey {
  readonly credentialId: string
  /** Name of the key in the resident's DID document. */
  readonly keyId: string
  readonly jwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  readonly createdAtMs: number
}

export interface SignedInPerson {
  readonly accountId: string
  readonly kind: 'resident' | 'officer'
  readonly office?: string
  readonly roles: readonly string[]
  /** Of a resident whose DID stands on the ledger. */
  readonly did?: string
  /** Of a resident, also before the DID stands on the ledger. */
  readonly ownDid?: string
  readonly persona?: string
  /** Whose public key a persona signs with. */
  readonly sampleName?: string
  readonly signedInAtMs: number
  readonly passkeys: readonly PersonPasskey[]
}

export interface Persona {
  readonly name: string
  readonly kind: 'resident' | 'officer'
  readonly office?: string
  readonly roles: readonly string[]
}

export interface SessionAnswer {
  readonly person?: SignedInPerson
  readonly personas: readonly Persona[]
  readonly sampleCity: boolean
  readonly rpId: string
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => getJson<SessionAnswer>(`${desk}/session`, signal),
  staleTime: 60_000,
})

export interface OwnSession {
  readonly sessionId: string
  readonly device: string
  readonly signedInAtMs: number
  readonly untilMs: number
  readonly current: boolean
}

export const ownSessionsQuery = queryOptions({
  queryKey: ['session', 'own'],
  queryFn: async ({ signal }) =>
    (await getJson<{ sessions: readonly OwnSession[] }>(`${desk}/sessions`, signal)).sessions,
})

export interface Invitation {
  readonly invitationId: string
  readonly office: string
  readonly roles: readonly string[]
  readonly status: 'proposed' | 'open' | 'used' | 'withdrawn'
  readonly mine: boolean
  readonly createdAtMs: number
  readonly untilMs: number
}

export const invitationsQuery = queryOptions({
  queryKey: ['session', 'invitations'],
  queryFn: async ({ signal }) =>
    (await getJson<{ invitations: readonly Invitation[] }>(`${desk}/invitations`, signal)).invitations,
})

export interface RegistrationStart {
  readonly challenge: string
  readonly rpId: string
  readonly userHandle: string
  readonly exclude: readonly string[]
}

export const signIn = {
  bePersona: (persona: string) => sendJson<SessionAnswer>('POST', `${desk}/personas/${persona}`),
  signOut: () => sendJson<SessionAnswer>('DELETE', `${desk}/session`),
  endSession: (sessionId: string) => sendJson<unknown>('DELETE', `${desk}/sessions/${sessionId}`),
  beginRegistration: (body: { invitation?: string }) =>
    sendJson<RegistrationStart>('POST', `${desk}/passkeys/registration`, body),
  completeRegistration: (body: object) =>
    sendJson<SessionAnswer>('POST', `${desk}/passkeys/registration/complete`, body),
  beginSignIn: () => sendJson<{ challenge: string; rpId: string }>('POST', `${desk}/passkeys/challenge`),
  completeSignIn: (body: object) => sendJson<SessionAnswer>('POST', `${desk}/passkeys/assertion`, body),
  removePasskey: (credentialId: string) => sendJson<unknown>('DELETE', `${desk}/passkeys/${credentialId}`),
  proposeInvitation: (roles: readonly string[]) =>
    sendJson<{ invitationId: string }>('POST', `${desk}/invitations`, { roles }),
  approveInvitation: (invitationId: string) =>
    sendJson<{ secret: string }>('POST', `${desk}/invitations/${invitationId}/approval`),
} as const
