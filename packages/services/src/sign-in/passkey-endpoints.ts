/** Registering a passkey, for a new account or for one's own, and showing it. */
import { randomBytes } from 'node:crypto'
import { webauthnSignedBytes } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, fromBase64url, isRefusal, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type DeskCall, type DeskEndpoint, type DeskFile, personOf } from '../desk/endpoint.ts'
import type { NewPasskey } from './accounts.ts'
import { checkRegistration } from './registration.ts'
import {
  assertionBody,
  challengeAnswer,
  done,
  object,
  registrationAnswer,
  registrationBody,
  registrationCompleteBody,
  sessionAnswer,
} from './shapes.ts'
import type { SignInParts } from './sign-in-desk.ts'

interface RegistrationBody {
  readonly challenge: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly invitation?: string
}

interface AssertionBody {
  readonly challenge: string
  readonly credentialId: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}

const registrationRefusals = [
  'too_many_attempts',
  'passkey_challenge_not_valid',
  'passkey_malformed',
  'passkey_not_for_this_page',
  'passkey_holder_not_verified',
  'passkey_algorithm_not_allowed',
  'guardian_changes_no_keys',
  'sign_in_not_fresh',
  'invitation_not_valid',
  'passkey_already_known',
] as const

/** Adding a way in, or taking one away, wants the holder and not only the browser. */
const freshForMs = 5 * 60_000

export function passkeyEndpoints(parts: SignInParts): readonly DeskEndpoint[] {
  const { accounts, sessions, challenges, attempts, relyingParty, nowMs } = parts
  return [
    {
      method: 'POST',
      path: '/passkeys/registration',
      id: 'beginRegistration',
      summary: 'Ask to register a passkey: a new resident, an invited officer, or another passkey of mine.',
      who: 'anyone',
      body: registrationBody,
      answer: registrationAnswer,
      refusals: ['too_many_attempts', 'invitation_not_valid'],
      async handle(call) {
        if (!attempts.take(call.address)) return refuse('too_many_attempts')
        const { invitation } = call.body as { readonly invitation?: string }
        const isInvited = invitation === undefined || (await parts.invitations.find(invitation)) !== undefined
        if (!isInvited) return refuse('invitation_not_valid')
        const mine = invitation === undefined ? call.person : undefined
        const account = mine && (await accounts.find(mine.accountId))
        const userHandle = account?.userHandle || toBase64url(randomBytes(32))
        const challenge = await challenges.give('registration', userHandle)
        if (challenge === undefined) return refuse('too_many_attempts')
        const known = mine === undefined ? [] : await accounts.passkeys(mine.accountId)
        return {
          ...{ challenge, userHandle, rpId: relyingParty.rpId },
          exclude: known.map(({ credentialId }) => credentialId),
        }
      },
    },
    {
      method: 'POST',
      path: '/passkeys/registration/complete',
      id: 'completeRegistration',
      summary: 'Hand over the passkey that was made, and be signed in with it.',
      who: 'anyone',
      body: registrationCompleteBody,
      answer: sessionAnswer,
      refusals: registrationRefusals,
      handle: (call) => completeRegistration(call, parts),
    },
    {
      method: 'POST',
      path: '/passkeys/challenge',
      id: 'beginSignIn',
      summary: 'A challenge for a passkey to sign.',
      who: 'anyone',
      body: object({}),
      answer: challengeAnswer,
      refusals: ['too_many_attempts'],
      async handle({ address }) {
        const challenge = attempts.take(address) ? await challenges.give('sign-in') : undefined
        return challenge === undefined ? refuse('too_many_attempts') : { challenge, rpId: relyingParty.rpId }
      },
    },
    {
      method: 'POST',
      path: '/passkeys/assertion',
      id: 'signIn',
      summary: 'Sign in with a passkey.',
      who: 'anyone',
      body: assertionBody,
      answer: sessionAnswer,
      refusals: [
        'too_many_attempts',
        'passkey_challenge_not_valid',
        'passkey_not_known',
        'passkey_assertion_invalid',
        'account_closed',
      ],
      handle: (call) => signInByPasskey(call, parts),
    },
    {
      method: 'DELETE',
      path: '/passkeys/{credentialId}',
      id: 'removePasskey',
      summary: 'Take away a passkey of mine; its sessions end.',
      who: 'signed-in',
      answer: done,
      refusals: ['guardian_changes_no_keys', 'sign_in_not_fresh', 'passkey_not_known', 'last_passkey'],
      async handle(call) {
        const { accountId, signedInAtMs, guardian } = personOf(call)
        if (guardian !== undefined) return refuse('guardian_changes_no_keys')
        if (signedInAtMs + freshForMs < nowMs()) return refuse('sign_in_not_fresh')
        const mine = await accounts.passkeys(accountId)
        const credentialId = call.params['credentialId'] ?? ''
        if (!mine.some((passkey) => passkey.credentialId === credentialId)) return refuse('passkey_not_known')
        if (mine.length === 1) return refuse('last_passkey')
        await accounts.removePasskey(credentialId)
        const current = await parts.sessionOf(call.headers)
        for (const { sessionId } of await sessions.ofAccount(accountId)) {
          if (sessionId !== current?.sessionId) await sessions.end(sessionId)
        }
        return { done: true }
      },
    },
  ]
}

async function completeRegistration(call: DeskCall, parts: SignInParts): Promise<DeskFile | Refusal> {
  const { accounts, challenges, attempts, invitations, relyingParty } = parts
  const { challenge, authenticatorData, clientDataJSON, invitation } = call.body as RegistrationBody
  if (!attempts.take(call.address)) return refuse('too_many_attempts')
  const given = await challenges.take('registration', challenge)
  if (given === undefined) return refuse('passkey_challenge_not_valid')
  const passkey = checkRegistration({ relyingParty, challenge, authenticatorData, clientDataJSON })
  if (isRefusal(passkey)) return passkey
  if ((await accounts.passkey(passkey.credentialId)) !== undefined) return refuse('passkey_already_known')
  if (call.person !== undefined && invitation === undefined) return addToOwnAccount(call, passkey, parts)

  const invited = invitation === undefined ? undefined : await invitations.use(invitation)
  if (invitation !== undefined && invited === undefined) return refuse('invitation_not_valid')
  const accountId = await accounts.open({
    ...(invited === undefined
      ? { kind: 'resident', roles: [] }
      : { kind: 'officer', office: invited.office, roles: invited.roles }),
    userHandle: given.userHandle,
    passkey,
  })
  return parts.signIn(call, { accountId })
}

async function addToOwnAccount(
  call: DeskCall,
  passkey: NewPasskey,
  { accounts, nowMs, signIn }: SignInParts,
): Promise<DeskFile | Refusal> {
  const { accountId, signedInAtMs, persona, guardian } = personOf(call)
  // A persona is nobody's own: whoever tried it could otherwise leave a passkey behind that stays.
  if (persona !== undefined) return refuse('invitation_not_valid')
  // What a guardian left behind would open the account after the guardianship has ended.
  if (guardian !== undefined) return refuse('guardian_changes_no_keys')
  if (signedInAtMs + freshForMs < nowMs()) return refuse('sign_in_not_fresh')
  if (!(await accounts.addPasskey(accountId, passkey))) return refuse('passkey_already_known')
  return signIn(call, { accountId })
}

const { verify } = createVerifier()

async function signInByPasskey(call: DeskCall, parts: SignInParts): Promise<DeskFile | Refusal> {
  const { accounts, challenges, attempts, relyingParty } = parts
  const { challenge, credentialId, ...assertion } = call.body as AssertionBody
  if (!attempts.take(call.address)) return refuse('too_many_attempts')
  const given = await challenges.take('sign-in', challenge)
  if (given === undefined) return refuse('passkey_challenge_not_valid')
  const passkey = await accounts.passkey(credentialId)
  if (passkey === undefined || fromBase64url(credentialId) === undefined) return refuse('passkey_not_known')
  const signaturePart = toUtf8(canonicalize(assertion))
  const signed = webauthnSignedBytes({ sha256, relyingParty, signingInput: given.statement, signaturePart })
  if (isRefusal(signed) || !verify(passkey.jwk, signed.signedBytes, signed.signature)) {
    return refuse('passkey_assertion_invalid')
  }
  if ((await accounts.find(passkey.accountId))?.isOpen !== true) return refuse('account_closed')
  return parts.signIn(call, { accountId: passkey.accountId })
}
