/**
 * Who signs: a DID, the name of one of its keys, and a function that signs bytes. The key itself stays with its holder:
 * in a keystore, in the platform (WebCrypto, non-extractable) or in a passkey. All three sign through the same face.
 */
import {
  algorithmOf,
  type PrivateJwk,
  type PublicJwk,
  publicPart,
  signBytes,
  signPortably,
  type TransactionAlgorithm,
  type WebKeyPair,
} from '@chengxin/crypto'
import type { Did } from '@chengxin/kernel'

export interface Signer {
  readonly did: Did
  /** The key's name inside the DID document, such as `key-1`. */
  readonly keyId: string
  /** `<did>#<key id>`, as it stands in a transaction's header. */
  readonly kid: string
  readonly alg: TransactionAlgorithm
  /** The public key, where the signer has it at hand; a passkey's is known from its creation. */
  readonly jwk: PublicJwk
  /**
   * What becomes the third part of a transaction: 64 bytes for EdDSA and ES256, for WebAuthn the UTF-8 of the canonical
   * JSON of its assertion. Accepted by the strict rule (ES256 with the lower s).
   */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** The first key of every DID. */
export const firstKeyId = 'key-1'

export interface SignerOptions {
  readonly did: Did
  /** `key-1` if absent. */
  readonly keyId?: string
}

/** A signer over a private key that this program holds. The key is imported once, not readable again. */
export function signerFromPrivateJwk(privateJwk: PrivateJwk, options: SignerOptions): Signer {
  let imported: Promise<CryptoKey | undefined> | undefined
  return signerOf(publicPart(privateJwk), options, async (bytes) => {
    imported ??= importPrivateKey(privateJwk)
    const key = await imported
    return key === undefined ? signPortably(privateJwk, bytes) : signBytes(key, bytes)
  })
}

/** A signer over a key pair of the platform, such as `generateKeyPair` makes: the private key never leaves it. */
export function signerFromKeyPair({ jwk, privateKey }: WebKeyPair, options: SignerOptions): Signer {
  return signerOf(jwk, options, (bytes) => signBytes(privateKey, bytes))
}

/** A signer over any function that signs with this key: a native library, a device. */
export function signerOf(
  jwk: PublicJwk,
  { did, keyId = firstKeyId }: SignerOptions,
  sign: (bytes: Uint8Array) => Promise<Uint8Array>,
): Signer {
  return { did, keyId, kid: `${did}#${keyId}`, alg: algorithmOf(jwk), jwk, sign }
}

/** Undefined where the platform has no such algorithm (Ed25519 in older browsers): then it is signed in JavaScript. */
async function importPrivateKey(privateJwk: PrivateJwk): Promise<CryptoKey | undefined> {
  const algorithm = privateJwk.crv === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
  try {
    return await crypto.subtle.importKey('jwk', { ...privateJwk }, algorithm, false, ['sign'])
  } catch {
    return undefined
  }
}
