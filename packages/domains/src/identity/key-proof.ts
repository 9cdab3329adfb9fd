/**
 * A key's own word that it belongs to a DID of this group. A passkey gives it as a WebAuthn assertion (Web Authentication
 * Level 2, section 7.2): authenticator data, client data whose challenge is SHA-256 of the statement, and a signature over
 * both. Which relying party it is for is read off the authenticator data.
 */
import {
  concatBytes,
  equalBytes,
  fromBase64url,
  fromUtf8,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import type { Context, PublicJwk } from '@chengxin/module-kit'
import type { IdentityRead } from './types.ts'

export interface ProvenKey {
  readonly key: PublicJwk
  readonly proof: string
  readonly webauthn?: Assertion
}

interface Assertion {
  readonly authenticatorData: string
  readonly clientDataJSON: string
}

/** The number of the relying party where the key is a passkey; `proof_invalid` or `passkey_proof_invalid` where it proves nothing. */
export function proveKey(
  read: IdentityRead,
  did: string,
  { key, proof, webauthn }: ProvenKey,
  { host, group }: Context,
): { readonly relyingParty?: number } | Refusal {
  const statement = toUtf8(`chengxin-identity-v1\n${group}\n${did}`)
  const signature = fromBase64url(proof)
  if (signature === undefined || signature.length !== 64) {
    return refuse(webauthn === undefined ? 'proof_invalid' : 'passkey_proof_invalid')
  }
  if (webauthn === undefined) {
    return host.verifySignature(key, statement, signature) ? {} : refuse('proof_invalid')
  }
  const relyingParty = provePasskey(read, key, toBase64url(host.sha256(statement)), webauthn, signature, host)
  return relyingParty === undefined ? refuse('passkey_proof_invalid') : { relyingParty }
}

function provePasskey(
  read: IdentityRead,
  key: PublicJwk,
  challenge: string,
  { authenticatorData, clientDataJSON }: Assertion,
  signature: Uint8Array,
  host: Context['host'],
): number | undefined {
  const data = fromBase64url(authenticatorData)
  const clientData = fromBase64url(clientDataJSON)
  // 32 bytes of relying party hash, one of flags, four of a counter that synchronised passkeys leave at zero.
  if (key.crv !== 'P-256' || data === undefined || data.length < 37 || clientData === undefined) return undefined
  const userPresentAndVerified = 0b101
  if (((data[32] as number) & userPresentAndVerified) !== userPresentAndVerified) return undefined

  const party = relyingPartyOf(read, data.subarray(0, 32), host)
  const claims = parseObject(fromUtf8(clientData))
  if (party === undefined || claims === undefined) return undefined
  const { type, origin, crossOrigin } = claims
  if (type !== 'webauthn.get' || claims['challenge'] !== challenge || (crossOrigin ?? false) !== false) return undefined
  if (typeof origin !== 'string' || !party.origins.includes(origin)) return undefined
  const signed = concatBytes(data, host.sha256(clientData))
  return host.verifySignature(key, signed, signature) ? party.number : undefined
}

function relyingPartyOf(read: IdentityRead, rpIdHash: Uint8Array, host: Context['host']) {
  for (let number = 0; ; number++) {
    const party = read.relyingParties.get(String(number))
    if (party === undefined) return undefined
    if (equalBytes(host.sha256(toUtf8(party.rpId)), rpIdHash)) return { number, origins: party.origins }
  }
}

/** A later member of the same name wins in JSON.parse; the signature covers the text, so only its own signer could play with that. */
function parseObject(text: string | undefined): { readonly [name: string]: unknown } | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}
