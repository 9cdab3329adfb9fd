/**
 * A passkey's assertion as a signature of its own kind (W3C Web Authentication, section 7.2). A passkey never signs our
 * bytes, only authenticator data and the hash of client data that a browser wrote; the challenge in them is the hash of
 * the transaction's signing input. The JWS signature part is canonical JSON of three base64url members. The counter is
 * not looked at, because passkeys that are synchronised always say zero. Verified like any ES256 signature.
 */
import {
  canonicalize,
  concatBytes,
  equalBytes,
  fromBase64url,
  isRefusal,
  type JsonObject,
  parseCanonical,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import { ecdsaSignatureFromDer } from './ecdsa-der.ts'
import { decodeUtf8 } from './fast-text.ts'
import type { Sha256 } from './hash.ts'
import { parseJsonObject } from './strict-json.ts'

export interface WebauthnAssertion {
  readonly authenticatorData: Uint8Array
  /** The JSON text that the browser wrote, byte for byte. */
  readonly clientDataJSON: Uint8Array
  /** 64 bytes, r ‖ s. */
  readonly signature: Uint8Array
}

/** Whose passkeys count: agreed by the group, not taken from the assertion. */
export interface RelyingParty {
  /** The domain that the passkeys belong to, `id.city.example`. */
  readonly rpId: string
  /** The web origins that may ask for an assertion, `https://portal.city.example`. */
  readonly origins: readonly string[]
}

/** Authenticator data without extensions: a hash, flags, a counter. */
const plainDataBytes = 37
const maxPartBytes = 4096
const flags = { userPresent: 0x01, userVerified: 0x04, attestedKey: 0x40, extensions: 0x80 } as const

/** The challenge to hand to a passkey: the hash of the transaction's signing input. */
export function webauthnChallenge(sha256: Sha256, signingInput: Uint8Array): Uint8Array {
  return sha256(signingInput)
}

/**
 * The bytes of a JWS signature part for what a passkey answered, its DER signature made 64 bytes with the low s; or
 * `webauthn_malformed` if the signature is not DER of P-256.
 */
export function webauthnSignaturePart(
  assertion: Omit<WebauthnAssertion, 'signature'> & { readonly signatureDer: Uint8Array },
): Uint8Array | Refusal {
  const signature = ecdsaSignatureFromDer(assertion.signatureDer)
  if (!signature) return refuse('webauthn_malformed')
  const { authenticatorData, clientDataJSON } = assertion
  return toUtf8(
    canonicalize({
      authenticatorData: toBase64url(authenticatorData),
      clientDataJSON: toBase64url(clientDataJSON),
      signature: toBase64url(signature),
    }),
  )
}

/** The assertion in a JWS signature part, or `webauthn_malformed`: not canonical JSON of exactly the three members. */
export function parseWebauthnSignature(part: Uint8Array): WebauthnAssertion | Refusal {
  const text = decodeUtf8(part)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 1 })
  if (typeof value !== 'object' || value === null || isRefusal(value) || Array.isArray(value)) {
    return refuse('webauthn_malformed')
  }
  const members = value as JsonObject
  const authenticatorData = boundedBytes(members.authenticatorData)
  const clientDataJSON = boundedBytes(members.clientDataJSON)
  const signature = boundedBytes(members.signature)
  if (!authenticatorData || !clientDataJSON || !signature || Object.keys(members).length !== 3) {
    return refuse('webauthn_malformed')
  }
  return { authenticatorData, clientDataJSON, signature }
}

export interface WebauthnCheck {
  readonly sha256: Sha256
  readonly relyingParty: RelyingParty
  /** The bytes before the second dot of the transaction's JWS. */
  readonly signingInput: Uint8Array
  /** The decoded signature part of that JWS. */
  readonly signaturePart: Uint8Array
}

/**
 * What is left to verify with the P-256 key, once everything around it holds. Refusals, in the order they are checked:
 * `webauthn_malformed`, `webauthn_client_data_malformed` (not one JSON object with each name once),
 * `webauthn_type_not_allowed` (not an assertion), `webauthn_challenge_wrong` (for other bytes),
 * `webauthn_origin_not_allowed`, `webauthn_cross_origin` (asked from within another site's page), `webauthn_rp_wrong`,
 * `webauthn_user_not_present`, `webauthn_user_not_verified`.
 */
export function webauthnSignedBytes(
  check: WebauthnCheck,
): { readonly signedBytes: Uint8Array; readonly signature: Uint8Array } | Refusal {
  const assertion = parseWebauthnSignature(check.signaturePart)
  if (isRefusal(assertion)) return assertion
  const { authenticatorData, clientDataJSON, signature } = assertion
  if (!hasDataForm(authenticatorData)) return refuse('webauthn_malformed')

  const refusedClientData = refuseClientData(clientDataJSON, check)
  if (refusedClientData) return refusedClientData

  const rpIdHash = check.sha256(toUtf8(check.relyingParty.rpId))
  if (!equalBytes(authenticatorData.subarray(0, 32), rpIdHash)) return refuse('webauthn_rp_wrong')
  const flagBits = authenticatorData[32] as number
  if (!(flagBits & flags.userPresent)) return refuse('webauthn_user_not_present')
  if (!(flagBits & flags.userVerified)) return refuse('webauthn_user_not_verified')
  return { signedBytes: concatBytes(authenticatorData, check.sha256(clientDataJSON)), signature }
}

function refuseClientData(bytes: Uint8Array, { sha256, signingInput, relyingParty }: WebauthnCheck) {
  const text = decodeUtf8(bytes)
  const clientData = text === undefined ? undefined : parseJsonObject(text)
  if (!clientData) return refuse('webauthn_client_data_malformed')
  const { type, challenge, origin, crossOrigin, topOrigin } = clientData
  if (type !== 'webauthn.get') return refuse('webauthn_type_not_allowed')
  const expected = toBase64url(webauthnChallenge(sha256, signingInput))
  if (challenge !== expected) return refuse('webauthn_challenge_wrong')
  if (typeof origin !== 'string' || !relyingParty.origins.includes(origin)) return refuse('webauthn_origin_not_allowed')
  // Browsers leave the member out or write false; a top origin is only written where it is another one.
  if ((crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined) {
    return refuse('webauthn_cross_origin')
  }
  return undefined
}

/** Whether the length fits what the flags announce: an assertion has no attested key, and may have extensions. */
function hasDataForm(data: Uint8Array): boolean {
  const flagBits = data[32] ?? 0
  if (data.length < plainDataBytes || flagBits & flags.attestedKey) return false
  return flagBits & flags.extensions ? data.length > plainDataBytes : data.length === plainDataBytes
}

function boundedBytes(member: unknown): Uint8Array | undefined {
  if (typeof member !== 'string' || member.length > maxPartBytes * 2) return undefined
  const bytes = fromBase64url(member)
  return bytes && bytes.length <= maxPartBytes ? bytes : undefined
}
