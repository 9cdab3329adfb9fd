/**
 * A new passkey as a browser hands it over (W3C Web Authentication, section 7.1), without attestation: what counts is that
 * this page asked, that the device verified its holder, and that the key is the one inside the authenticator's data.
 */
import { type P256PublicJwk, p256Jwk, parseJsonObject, type RelyingParty } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import {
  concatBytes,
  equalBytes,
  fromBase64url,
  fromUtf8,
  isRefusal,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'

export interface RegistrationCheck {
  readonly relyingParty: RelyingParty
  /** The challenge that was given out, base64url. */
  readonly challenge: string
  /** base64url, as the browser gave them. */
  readonly authenticatorData: string
  readonly clientDataJSON: string
}

const flags = { userPresent: 0x01, userVerified: 0x04, attestedKey: 0x40, extensions: 0x80 } as const
/** Hash, flags, counter, model of the device, length of the credential's id. */
const headBytes = 32 + 1 + 4 + 16 + 2

// CTAP 2 writes keys as canonical CBOR, so that an ES256 key has these bytes and no others around its coordinates.
const beforeX = Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
const beforeY = Uint8Array.of(0x22, 0x58, 0x20)
const keyBytes = beforeX.length + 32 + beforeY.length + 32

/**
 * The passkey's id and key. Refusals, in this order: `passkey_malformed`, `passkey_not_for_this_page` (challenge, origin or
 * relying party), `passkey_holder_not_verified`, `passkey_algorithm_not_allowed`.
 */
export function checkRegistration(
  check: RegistrationCheck,
): { readonly credentialId: string; readonly jwk: P256PublicJwk } | Refusal {
  const { relyingParty } = check
  const data = fromBase64url(check.authenticatorData)
  const clientData = parseJsonObject(fromUtf8(fromBase64url(check.clientDataJSON) ?? new Uint8Array()) ?? '')
  if (!data || data.length < headBytes || clientData === undefined) return refuse('passkey_malformed')

  const { type, challenge, origin, crossOrigin, topOrigin } = clientData
  const isAskedHere =
    type === 'webauthn.create' &&
    challenge === check.challenge &&
    typeof origin === 'string' &&
    relyingParty.origins.includes(origin) &&
    (crossOrigin === undefined || crossOrigin === false) &&
    topOrigin === undefined
  if (!isAskedHere || !equalBytes(data.subarray(0, 32), sha256(toUtf8(relyingParty.rpId)))) {
    return refuse('passkey_not_for_this_page')
  }
  const flagBits = data[32] as number
  if (!(flagBits & flags.userPresent) || !(flagBits & flags.userVerified)) return refuse('passkey_holder_not_verified')
  if (!(flagBits & flags.attestedKey)) return refuse('passkey_malformed')

  const idBytes = ((data[headBytes - 2] as number) << 8) | (data[headBytes - 1] as number)
  const credentialId = data.slice(headBytes, headBytes + idBytes)
  const rest = data.slice(headBytes + idBytes)
  if (idBytes === 0 || idBytes > 1023 || credentialId.length !== idBytes) return refuse('passkey_malformed')
  const hasRightLength = flagBits & flags.extensions ? rest.length > keyBytes : rest.length === keyBytes
  if (!hasRightLength) return refuse('passkey_algorithm_not_allowed')
  const jwk = keyOfCose(rest.slice(0, keyBytes))
  return jwk === undefined ? refuse('passkey_algorithm_not_allowed') : { credentialId: toBase64url(credentialId), jwk }
}

function keyOfCose(bytes: Uint8Array): P256PublicJwk | undefined {
  const x = bytes.slice(beforeX.length, beforeX.length + 32)
  const y = bytes.slice(keyBytes - 32)
  if (!equalBytes(bytes, concatBytes(beforeX, x, beforeY, y))) return undefined
  const jwk = p256Jwk(concatBytes(Uint8Array.of(4), x, y))
  return isRefusal(jwk) ? undefined : jwk
}
