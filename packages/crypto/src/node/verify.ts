/**
 * Native verification on the calling thread: Ed25519 by libsodium where it loads, else by OpenSSL; P-256 by OpenSSL.
 * Each thread makes its own verifier, since imported keys cannot be shared between threads.
 */
import { createPublicKey, type KeyObject, verify as verifyWithOpenssl } from 'node:crypto'
import { fromBase64url } from '@chengxin/kernel'
import { algorithmOf, type PublicJwk } from '../jwk.ts'
import { refuseEd25519Point, refuseSignature, type SignatureAlgorithm } from '../strict-signature.ts'
import type { VerifySignature } from '../verify.ts'
import { createKeyCache } from './key-cache.ts'
import { loadSodium } from './sodium.ts'

export interface VerifierOptions {
  /** How many public keys to keep imported (some hundred bytes each); 10,000 if absent. */
  readonly cachedKeys?: number
  /** What verifies Ed25519; libsodium if absent and if it loads. */
  readonly ed25519?: 'sodium-native' | 'openssl'
}

export interface Verifier {
  /** What does the work for each algorithm, to be printed beside a measurement. */
  readonly backends: Readonly<Record<SignatureAlgorithm, 'sodium-native' | 'openssl'>>
  readonly verify: VerifySignature
}

type Check = (bytes: Uint8Array, signature: Uint8Array) => boolean

/** A synchronous verifier with the strict rule before it. Throws if libsodium is asked for by name and does not load. */
export function createVerifier({ cachedKeys = 10_000, ed25519 }: VerifierOptions = {}): Verifier {
  const sodium = ed25519 === 'openssl' ? undefined : loadSodium()
  if (ed25519 === 'sodium-native' && !sodium) throw new Error('sodium-native does not load on this machine.')

  const checks = createKeyCache<Check>(cachedKeys, (jwk) => {
    if (jwk.crv === 'P-256') return checkP256(jwk)
    const point = fromBase64url(jwk.x)
    if (!point || refuseEd25519Point(point)) return refuseAll
    if (!sodium) return checkEd25519(jwk)
    return (bytes, signature) => sodium.crypto_sign_verify_detached(signature, bytes, point)
  })
  return {
    backends: { EdDSA: sodium ? 'sodium-native' : 'openssl', ES256: 'openssl' },
    verify: (jwk, bytes, signature) =>
      refuseSignature(algorithmOf(jwk), signature) === undefined && checks.get(jwk)(bytes, signature),
  }
}

const refuseAll: Check = () => false

function checkEd25519(jwk: PublicJwk): Check {
  const key = importKey(jwk)
  return key ? (bytes, signature) => verifyWithOpenssl(null, bytes, key, signature) : refuseAll
}

function checkP256(jwk: PublicJwk): Check {
  const imported = importKey(jwk)
  if (!imported) return refuseAll
  const key = { key: imported, dsaEncoding: 'ieee-p1363' } as const
  return (bytes, signature) => verifyWithOpenssl('sha256', bytes, key, signature)
}

function importKey(jwk: PublicJwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return undefined
  }
}
