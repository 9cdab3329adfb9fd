/**
 * Passkeys (W3C WebAuthn level 3) as signers: the challenge is the hash of what is to be signed, and the assertion is
 * the signature. Authenticators write ECDSA signatures as DER with either s; what leaves here is r ‖ s with the lower.
 */
import { ecdsaSignatureFromDer, jwkFromSpki, type PublicJwk, sha256 } from '@chengxin/crypto'
import { canonicalize, type Did, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import { firstKeyId, type Signer } from './signer.ts'

export interface Passkey {
  readonly credentialId: Uint8Array
  readonly jwk: PublicJwk
}

export interface PasskeyRequest {
  /** The registered domain that the passkey belongs to, the host of the page or a parent of it. */
  readonly rpId: string
  readonly rpName: string
  /** What the holder's device calls this passkey. It stays on the device. */
  readonly userName: string
  /** Random bytes that name the account to the device; never anything personal. 32 new ones if absent. */
  readonly userHandle?: Uint8Array
  /** Of whoever checks the registration; random if nobody does. */
  readonly challenge?: Uint8Array
  /** Passkeys that the account has: a device that holds one makes no second. */
  readonly exclude?: readonly Uint8Array[]
}

/** A passkey with what a server checks of its making. */
export interface NewPasskey extends Passkey {
  readonly authenticatorData: Uint8Array
  readonly clientDataJSON: Uint8Array
}

/** Asks the holder to make a passkey. Throws where the browser cannot or the holder declines (`NotAllowedError`). */
export async function createPasskey(request: PasskeyRequest): Promise<NewPasskey> {
  const { rpId, rpName, userName, exclude = [] } = request
  const { userHandle = randomBytes32(), challenge = randomBytes32() } = request
  const credential = await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: rpName },
      user: { id: bufferOf(userHandle), name: userName, displayName: userName },
      // ES256 alone: what a ledger verifies.
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      challenge: bufferOf(challenge),
      excludeCredentials: exclude.map((id) => ({ type: 'public-key' as const, id: bufferOf(id) })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      // Some devices derive secrets only with passkeys that were asked about it from the beginning.
      extensions: { prf: {} },
    },
  })
  const { rawId, response } = credential as PublicKeyCredential
  const attestation = response as AuthenticatorAttestationResponse
  const spki = attestation.getPublicKey()
  if (spki === null) throw new Error('The browser does not tell the public key of this passkey.')
  const jwk = jwkFromSpki(new Uint8Array(spki))
  if (isRefusal(jwk)) throw new Error(`The passkey's public key is not usable: ${jwk.refused}.`)
  return {
    credentialId: new Uint8Array(rawId),
    jwk,
    authenticatorData: new Uint8Array(attestation.getAuthenticatorData()),
    clientDataJSON: new Uint8Array(attestation.clientDataJSON),
  }
}

/** Asks the holder to show any passkey of this relying party, and tells which it was. Throws as `createPasskey` does. */
export async function showPasskey(
  rpId: string,
  challenge: Uint8Array,
): Promise<{ readonly credentialId: Uint8Array; readonly assertion: Assertion }> {
  const credential = await navigator.credentials.get({
    publicKey: { rpId, challenge: bufferOf(challenge), userVerification: 'required' },
  })
  const { rawId, response } = credential as PublicKeyCredential
  return { credentialId: new Uint8Array(rawId), assertion: response as AuthenticatorAssertionResponse }
}

/** A secret that one passkey alone derives. */
export interface DerivedSecret {
  readonly credentialId: Uint8Array
  /** 32 bytes, the same for the same passkey, site and input; undefined where device or browser derives none. */
  readonly secret: Uint8Array | undefined
}

/**
 * Asks the holder to have one of these passkeys derive a secret from the input (WebAuthn's `prf` extension, level 3 section 10.1.4).
 * Throws as `createPasskey` does.
 */
export async function deriveSecret(
  rpId: string,
  credentialIds: readonly Uint8Array[],
  input: Uint8Array,
): Promise<DerivedSecret> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      rpId,
      challenge: bufferOf(randomBytes32()),
      allowCredentials: credentialIds.map((id) => ({ type: 'public-key' as const, id: bufferOf(id) })),
      userVerification: 'required',
      extensions: { prf: { eval: { first: bufferOf(input) } } },
    },
  })) as PublicKeyCredential
  const first = credential.getClientExtensionResults().prf?.results?.first
  const secret = first instanceof ArrayBuffer ? new Uint8Array(first) : undefined
  return { credentialId: new Uint8Array(credential.rawId), secret }
}

export interface PasskeySignerOptions {
  readonly did: Did
  readonly keyId?: string
  readonly rpId: string
}

/** A signer that asks the holder each time, with verification of the person by the device. */
export function passkeySigner(passkey: Passkey, { did, keyId = firstKeyId, rpId }: PasskeySignerOptions): Signer {
  return {
    did,
    keyId,
    kid: `${did}#${keyId}`,
    alg: 'WebAuthn-ES256',
    jwk: passkey.jwk,
    async sign(bytes) {
      const credential = await navigator.credentials.get({
        publicKey: {
          rpId,
          challenge: bufferOf(sha256(bytes)),
          allowCredentials: [{ type: 'public-key', id: bufferOf(passkey.credentialId) }],
          userVerification: 'required',
        },
      })
      return assertionBytes((credential as PublicKeyCredential).response as AuthenticatorAssertionResponse)
    },
  }
}

/** The parts of an assertion that prove it. */
export type Assertion = Pick<AuthenticatorAssertionResponse, 'authenticatorData' | 'clientDataJSON' | 'signature'>

/** An assertion as the third part of a transaction: canonical JSON, its signature r ‖ s with the lower s. */
export function assertionBytes({ authenticatorData, clientDataJSON, signature }: Assertion): Uint8Array {
  const strict = ecdsaSignatureFromDer(new Uint8Array(signature))
  if (strict === undefined) throw new Error('The authenticator gave a signature that is not DER of P-256.')
  const parts = {
    authenticatorData: toBase64url(new Uint8Array(authenticatorData)),
    clientDataJSON: toBase64url(new Uint8Array(clientDataJSON)),
    signature: toBase64url(strict),
  }
  return toUtf8(canonicalize(parts))
}

function randomBytes32(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

function bufferOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
