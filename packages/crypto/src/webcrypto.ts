/**
 * Keys and signatures through WebCrypto (W3C Web Cryptography, with Ed25519 from its Secure Curves): the same code in a
 * browser and in Node, asynchronous. A private key can be made non-extractable, and then never leaves the platform.
 * ECDSA there gives a high s half of the time; what leaves here is low.
 */
import { fromBase64url, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { algorithmOf, type PublicJwk, parsePublicJwk } from './jwk.ts'
import { normaliseLowS, refuseEd25519Point, refuseSignature, type SignatureAlgorithm } from './strict-signature.ts'
import { verifySignaturePortably } from './verify.ts'

const ed25519 = { name: 'Ed25519' } as const
const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const es256 = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Whether the signature holds: the strict rule first, then the platform; Ed25519 in JavaScript where it has none. */
export async function verifySignature(jwk: PublicJwk, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (refuseSignature(algorithmOf(jwk), signature) || !isStrictKey(jwk)) return false
  const key = await importedKey(jwk)
  // The platform lacks the algorithm, or the key is no point: plain arithmetic knows which, and answers the same.
  if (!key) return verifySignaturePortably(jwk, bytes, signature)
  const algorithm = jwk.crv === 'Ed25519' ? ed25519 : es256
  return crypto.subtle.verify(algorithm, key, owned(signature), owned(bytes))
}

const mostImported = 64
const imported = new Map<string, Promise<CryptoKey | undefined>>()

/** An issuer's key is asked for with each of its certificates, and importing it costs more than verifying by it. */
function importedKey(jwk: PublicJwk): Promise<CryptoKey | undefined> {
  const name = jwk.crv === 'P-256' ? `${jwk.x}.${jwk.y}` : jwk.x
  const known = imported.get(name)
  if (known) return known
  const algorithm = jwk.crv === 'Ed25519' ? ed25519 : p256
  const key = crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['verify']).catch(() => undefined)
  if (imported.size >= mostImported) imported.delete(imported.keys().next().value as string)
  imported.set(name, key)
  return key
}

/** Platforms differ in whether they let in an Ed25519 key of small order, under which anything can be signed. */
function isStrictKey(jwk: PublicJwk): boolean {
  if (jwk.crv !== 'Ed25519') return true
  const point = fromBase64url(jwk.x)
  return point !== undefined && refuseEd25519Point(point) === undefined
}

export interface WebKeyPair {
  readonly jwk: PublicJwk
  readonly privateKey: CryptoKey
}

export interface GenerateOptions {
  /** Whether the private key may be read out again; false if absent. */
  readonly extractable?: boolean
}

/** A new key pair. Refuses with `algorithm_unavailable` where the platform has no Ed25519; ES256 is everywhere. */
export async function generateKeyPair(
  algorithm: SignatureAlgorithm,
  { extractable = false }: GenerateOptions = {},
): Promise<WebKeyPair | Refusal> {
  let pair: CryptoKeyPair
  try {
    const parameters = algorithm === 'EdDSA' ? ed25519 : p256
    pair = (await crypto.subtle.generateKey(parameters, extractable, ['sign', 'verify'])) as CryptoKeyPair
  } catch {
    return refuse('algorithm_unavailable')
  }
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwk = parsePublicJwk(algorithm === 'EdDSA' ? { kty, crv, x } : { kty, crv, x, y })
  return isRefusal(jwk) ? jwk : { jwk, privateKey: pair.privateKey }
}

/** The signature over the bytes, 64 bytes, accepted by the strict rule. */
export async function signBytes(privateKey: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  const isEdwards = privateKey.algorithm.name === 'Ed25519'
  const signature = new Uint8Array(await crypto.subtle.sign(isEdwards ? ed25519 : es256, privateKey, owned(bytes)))
  return isEdwards ? signature : normaliseLowS(signature)
}

/** WebCrypto refuses views of shared memory, so such bytes are copied; others are passed as they are. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}
