/** An authenticator in software, for tests: makes passkeys and assertions as a browser would hand them over. */
import type { P256PublicJwk } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { concatBytes, fromBase64url, toBase64url, toUtf8 } from '@chengxin/kernel'

export interface SoftPasskey {
  readonly credentialId: string
  readonly jwk: P256PublicJwk
  /** What a registration hands over. */
  register(challenge: string, change?: SoftPasskeyChange): { authenticatorData: string; clientDataJSON: string }
  /** What showing it hands over; the challenge is base64url as the desk gave it. */
  assert(
    challenge: string,
    change?: SoftPasskeyChange,
  ): { authenticatorData: string; clientDataJSON: string; signature: string }
  /** The signature part of a transaction. */
  sign(bytes: Uint8Array): Uint8Array
}

/** What to get wrong. */
export interface SoftPasskeyChange {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly flagBits?: number
  readonly clientData?: object
  readonly rest?: Uint8Array
}

export function createSoftPasskey(origin: string): SoftPasskey {
  const rpId = new URL(origin).hostname
  const { jwk, sign } = createSigner(generatePrivateJwk('ES256'))
  const key = jwk as P256PublicJwk
  const id = crypto.getRandomValues(new Uint8Array(32))
  const coordinate = (text: string) => fromBase64url(text) as Uint8Array

  const clientText = (type: string, challenge: string, change: SoftPasskeyChange) =>
    toUtf8(
      JSON.stringify({ type, challenge, origin: change.origin ?? origin, crossOrigin: false, ...change.clientData }),
    )
  const head = (flagBits: number, change: SoftPasskeyChange) =>
    concatBytes(sha256(toUtf8(change.rpId ?? rpId)), Uint8Array.of(change.flagBits ?? flagBits, 0, 0, 0, 0))

  function assert(challenge: string, change: SoftPasskeyChange = {}) {
    const clientDataJSON = clientText(change.type ?? 'webauthn.get', challenge, change)
    const data = head(0x1d, change)
    return {
      authenticatorData: toBase64url(data),
      clientDataJSON: toBase64url(clientDataJSON),
      signature: toBase64url(sign(concatBytes(data, sha256(clientDataJSON)))),
    }
  }

  return {
    credentialId: toBase64url(id),
    jwk: key,
    register(challenge, change = {}) {
      const cose = concatBytes(
        Uint8Array.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20),
        coordinate(key.x),
        Uint8Array.of(0x22, 0x58, 0x20),
        coordinate(key.y),
      )
      const attested = concatBytes(new Uint8Array(16), Uint8Array.of(0, id.length), id, change.rest ?? cose)
      return {
        authenticatorData: toBase64url(concatBytes(head(0x5d, change), attested)),
        clientDataJSON: toBase64url(clientText(change.type ?? 'webauthn.create', challenge, change)),
      }
    },
    assert,
    sign(bytes) {
      return toUtf8(JSON.stringify(assert(toBase64url(sha256(bytes)))))
    },
  }
}
