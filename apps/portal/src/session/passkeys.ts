/** What the browser does with passkeys for the sign-in desk. Fetched when somebody first uses one. */
import {
  assertionBytes,
  createPasskey,
  passkeySigner,
  personaActor,
  proveIdentityKey,
  type SampleName,
  type Signer,
  sampleActor,
  showPasskey,
} from '@chengxin/client'
import { type Did, fromBase64url, fromUtf8, type GroupId, toBase64url } from '@chengxin/kernel'
import { bureau } from '../api/bureau.ts'
import { type SessionAnswer, type SignedInPerson, signIn } from '../api/sign-in.ts'
import { recall, remember } from '../device-memory.ts'

/** Under which name the device remembers which of one's passkeys it holds. It is no secret. */
const lastPasskey = 'passkey'

export async function registerPasskey(options: {
  readonly invitation?: string
  readonly userName: string
  readonly rpName: string
}): Promise<SessionAnswer> {
  const { invitation, userName, rpName } = options
  const invited = invitation === undefined ? {} : { invitation }
  const { challenge, rpId, userHandle, exclude } = await signIn.beginRegistration(invited)
  const made = await createPasskey({
    rpId,
    rpName,
    userName,
    userHandle: bytesOf(userHandle),
    challenge: bytesOf(challenge),
    exclude: exclude.map(bytesOf),
  })
  const answer = await signIn.completeRegistration({
    challenge,
    authenticatorData: toBase64url(made.authenticatorData),
    clientDataJSON: toBase64url(made.clientDataJSON),
    ...invited,
  })
  remember(lastPasskey, toBase64url(made.credentialId))
  return answer
}

export async function signInWithPasskey(): Promise<SessionAnswer> {
  const { challenge, rpId } = await signIn.beginSignIn()
  const shown = await showPasskey(rpId, bytesOf(challenge))
  const parts = JSON.parse(fromUtf8(assertionBytes(shown.assertion)) as string) as object
  const credentialId = toBase64url(shown.credentialId)
  const answer = await signIn.completeSignIn({ challenge, credentialId, ...parts })
  remember(lastPasskey, credentialId)
  return answer
}

/**
 * Puts a resident's DID onto the ledger, or that of an officer of the bureau, with the passkey's own word. A DID that is
 * there already is left alone.
 */
export async function bringIn(person: SignedInPerson, rpId: string): Promise<void> {
  if ((person.kind !== 'resident' && person.office !== 'bureau') || person.did !== undefined) return
  const { groupId } = person.kind === 'resident' ? await bureau.mine() : await bureau.officer()
  const proven = await proveIdentityKey(groupId as GroupId, signerOf(person, rpId))
  await bureau.bringIn(proven)
}

/** On a new device, with a ticket from the counter: a passkey that will take the place of those that were lost. */
export async function giveNewKey(secret: string, names: { rpName: string; userName: string }): Promise<void> {
  const { challenge, userHandle, did, rpId, groupId } = await bureau.beginNewKey(secret)
  const made = await createPasskey({
    ...{ ...names, rpId },
    userHandle: bytesOf(userHandle),
    challenge: bytesOf(challenge),
  })
  const signer = passkeySigner(made, { did: did as Did, rpId })
  const { proof, webauthn } = await proveIdentityKey(groupId as GroupId, signer)
  await bureau.giveNewKey({
    secret,
    authenticatorData: toBase64url(made.authenticatorData),
    clientDataJSON: toBase64url(made.clientDataJSON),
    ...{ proof, webauthn },
  })
  remember(lastPasskey, toBase64url(made.credentialId))
}

/** Who signs transactions for this person: a persona's public key, or the passkey that this device showed last. */
export function signerOf(person: SignedInPerson, rpId: string): Signer {
  if (person.sampleName !== undefined) return sampleActor(person.sampleName as SampleName).signer
  if (person.persona !== undefined) return personaActor(person.persona).signer
  const last = recall(lastPasskey)
  const passkey = person.passkeys.find(({ credentialId }) => credentialId === last) ?? person.passkeys[0]
  if (passkey === undefined || person.ownDid === undefined) throw new Error('This account signs nothing on a ledger.')
  const { credentialId, jwk, keyId } = passkey
  return passkeySigner({ credentialId: bytesOf(credentialId), jwk }, { did: person.ownDid as Did, keyId, rpId })
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new Error('The node sent bytes that are not base64url.')
  return bytes
}
