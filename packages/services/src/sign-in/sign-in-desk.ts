/**
 * Signing in: by passkey, or in the sample city as one of its personas. What comes of it is a session in a cookie; nobody
 * has a password.
 */
import type { RelyingParty } from '@chengxin/crypto'
import type { JsonObject } from '@chengxin/kernel'
import { type Desk, type DeskCall, DeskFile, personOf } from '../desk/endpoint.ts'
import type { Person } from '../desk/person.ts'
import type { Vault } from '../vault/face.ts'
import { type Account, type Accounts, createAccounts } from './accounts.ts'
import { type Attempts, createAttempts } from './attempts.ts'
import { type Challenges, createChallenges } from './challenges.ts'
import { invitationEndpoints } from './invitation-endpoints.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import { passkeyEndpoints } from './passkey-endpoints.ts'
import { type Persona, samplePersonas } from './personas.ts'
import { signInRefusals } from './refusals.ts'
import { sessionEndpoints } from './session-endpoints.ts'
import { cookieHeader, createSessions, deviceOf, type Session, type Sessions, tokenOfCookies } from './sessions.ts'

export interface SignInOptions {
  readonly vault: Vault
  readonly publicUrl: string
  readonly chainId: string
  /** Whether personas may be tried: in a city whose keys are public, and no other. */
  readonly isSampleCity: boolean
  readonly nowMs: () => number
  /** Attempts a minute and address; 300 if absent: a whole office may stand behind one. */
  readonly attemptsPerMinute?: number
}

export interface SignInDesk extends Desk {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly invitations: Invitations
  /** Begins a session of this account in the browser that asks, for so long at most; the one before ends. */
  signInAs(call: DeskCall, accountId: string, forMs: number): Promise<DeskFile>
  /** Who is signed in, by the request's cookies. */
  personOf(headers: DeskCall['headers']): Promise<Person | undefined>
}

/** What the endpoints of this desk share. */
export interface SignInParts {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly invitations: Invitations
  readonly challenges: Challenges
  readonly attempts: Attempts
  readonly personas: readonly Persona[]
  readonly relyingParty: RelyingParty
  readonly isSampleCity: boolean
  readonly nowMs: () => number
  sessionOf(headers: DeskCall['headers']): Promise<(Session & { readonly sessionId: string }) | undefined>
  /** Ends the session that was, begins one, and answers as `GET /session` does, with the cookie. */
  signIn(
    call: DeskCall,
    who: { readonly accountId: string; readonly persona?: string; readonly guardian?: string },
    atMostMs?: number,
  ): Promise<DeskFile>
  signOut(call: DeskCall): Promise<DeskFile>
  describe(session: Session | undefined): Promise<JsonObject>
}

/** Officers show their passkey every working day, residents now and then. */
const lifetimeMs = { officer: 12 * 3_600_000, resident: 30 * 86_400_000 } as const

export function createSignInDesk(options: SignInOptions): SignInDesk {
  const { vault, publicUrl, chainId, isSampleCity, nowMs, attemptsPerMinute = 300 } = options
  const url = new URL(publicUrl)
  const isHttps = url.protocol === 'https:'
  const personas = isSampleCity ? samplePersonas() : []
  const accounts = createAccounts({ vault, chainId, personas, nowMs })
  const sessions = createSessions(vault, nowMs)

  const parts: SignInParts = {
    accounts,
    sessions,
    invitations: createInvitations(vault, nowMs),
    challenges: createChallenges(url.origin, nowMs),
    attempts: createAttempts(attemptsPerMinute, nowMs),
    personas,
    relyingParty: { rpId: url.hostname, origins: [url.origin] },
    isSampleCity,
    nowMs,
    async sessionOf(headers) {
      const token = tokenOfCookies(headers['cookie'])
      return token === undefined ? undefined : sessions.find(token)
    },
    async signIn(call, who, atMostMs = Number.POSITIVE_INFINITY) {
      const before = await parts.sessionOf(call.headers)
      if (before !== undefined) await sessions.end(before.sessionId)
      await accounts.ensureDid(who.accountId)
      const account = (await accounts.find(who.accountId)) as Account
      const forMs = Math.min(lifetimeMs[account.kind], atMostMs)
      const session = { ...who, device: deviceOf(call.headers['user-agent']) }
      const token = await sessions.start(session, forMs)
      const answer = await parts.describe({ ...session, signedInAtMs: nowMs(), untilMs: nowMs() + forMs })
      return asJson(answer, cookieHeader(token, forMs, isHttps))
    },
    async signOut(call) {
      const session = await parts.sessionOf(call.headers)
      if (session !== undefined) await sessions.end(session.sessionId)
      return asJson(await parts.describe(undefined), cookieHeader(undefined, 0, isHttps))
    },
    async describe(session) {
      const person = session && (await describePerson(session, parts))
      return {
        ...(person === undefined ? {} : { person }),
        personas: personas.map(({ name, kind, office, roles }) => ({ name, kind, roles, ...given({ office }) })),
        sampleCity: isSampleCity,
        rpId: url.hostname,
      }
    },
  }

  return {
    name: 'sign-in',
    endpoints: [...sessionEndpoints(parts), ...passkeyEndpoints(parts), ...invitationEndpoints(parts)],
    refusals: signInRefusals,
    accounts,
    sessions,
    invitations: parts.invitations,
    signInAs(call, accountId, forMs) {
      return parts.signIn(call, { accountId, guardian: personOf(call).accountId }, forMs)
    },
    async personOf(headers) {
      const session = await parts.sessionOf(headers)
      const account = session && (await accounts.find(session.accountId))
      if (session === undefined || account === undefined || !account.isOpen) return undefined
      return personOfAccount(session, account)
    },
  }
}

function personOfAccount({ accountId, persona, guardian, signedInAtMs }: Session, account: Account): Person {
  const { kind, office, roles, did, onLedger } = account
  const standing = onLedger ? did : undefined
  return {
    accountId,
    kind,
    roles,
    signedInAtMs,
    ...given({ office, persona, guardian }),
    ...(standing && { did: standing }),
  }
}

async function describePerson(session: Session, { accounts, personas }: SignInParts): Promise<JsonObject | undefined> {
  const account = await accounts.find(session.accountId)
  if (account === undefined || !account.isOpen) return undefined
  const passkeys = await accounts.passkeys(session.accountId)
  const sampleName = personas.find(({ name }) => name === session.persona)?.sampleName
  const { did, ...person } = personOfAccount(session, account)
  return {
    ...person,
    ...given({ did, ownDid: account.did, sampleName }),
    passkeys: passkeys.map(({ credentialId, keyId, jwk, createdAtMs }) => ({ credentialId, keyId, jwk, createdAtMs })),
  }
}

/** The members that are there. */
function given(members: { readonly [name: string]: string | undefined }): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [name: string]: string
  }
}

function asJson(answer: JsonObject, cookie: string): DeskFile {
  return new DeskFile('application/json', JSON.stringify(answer), { 'set-cookie': cookie })
}
