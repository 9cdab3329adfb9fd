/**
 * Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.2, RFC 8037), as two closed sets without optional members:
 * one key has one spelling, so that the RFC 7638 thumbprint is the hash of the key's own canonical JSON. Points are
 * checked when a key enters (on the curve, canonical, not of small order), so that verifiers need not do it again.
 */
import { canonicalize, fromBase64url, isRefusal, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import type { Sha256 } from './hash.ts'
import { refuseEd25519Point, type SignatureAlgorithm } from './strict-signature.ts'

export interface Ed25519PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** The 32 bytes of RFC 8032, base64url. */
  readonly x: string
}

export interface P256PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  /** 32 bytes each, big-endian, base64url. */
  readonly x: string
  readonly y: string
}

export type PublicJwk = Ed25519PublicJwk | P256PublicJwk

/** A public key with its secret: the Ed25519 seed, or the P-256 scalar; 32 bytes, base64url. */
export type PrivateJwk = PublicJwk & { readonly d: string }

/**
 * A public key from JSON that came from outside. Refusals, in the order they are checked: `key_malformed` (another
 * kind of key, a member too many or too few, not 32 bytes in strict base64url), `key_point_not_canonical`,
 * `key_point_of_small_order`, `key_not_on_curve`.
 */
export function parsePublicJwk(value: unknown): PublicJwk | Refusal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('key_malformed')
  const { kty, crv, x, y } = value as Record<string, unknown>
  if (kty === 'OKP' && crv === 'Ed25519') {
    const point = Object.keys(value).length === 3 ? coordinate(x) : undefined
    if (!point) return refuse('key_malformed')
    return refuseEd25519Point(point) ?? (isOnEd25519(point) ? { kty, crv, x: x as string } : refuse('key_not_on_curve'))
  }
  if (kty === 'EC' && crv === 'P-256') {
    const isClosed = Object.keys(value).length === 4
    const [left, right] = [coordinate(x), coordinate(y)]
    if (!isClosed || !left || !right) return refuse('key_malformed')
    if (!isOnP256(left, right)) return refuse('key_not_on_curve')
    return { kty, crv, x: x as string, y: y as string }
  }
  return refuse('key_malformed')
}

/** The key of 32 bytes as RFC 8032 encodes it; refusals as of `parsePublicJwk`. */
export function ed25519Jwk(point: Uint8Array): Ed25519PublicJwk | Refusal {
  const jwk = parsePublicJwk({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) })
  return isRefusal(jwk) ? jwk : (jwk as Ed25519PublicJwk)
}

/** The key of an uncompressed point (SEC 1: 0x04, x, y; 65 bytes); refusals as of `parsePublicJwk`. */
export function p256Jwk(point: Uint8Array): P256PublicJwk | Refusal {
  if (point.length !== 65 || point[0] !== 4) return refuse('key_malformed')
  const jwk = parsePublicJwk({
    kty: 'EC',
    crv: 'P-256',
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
  })
  return isRefusal(jwk) ? jwk : (jwk as P256PublicJwk)
}

export function algorithmOf(jwk: PublicJwk): SignatureAlgorithm {
  return jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256'
}

/** The text whose hash is the thumbprint (RFC 7638 section 3): the required members and nothing else, sorted. */
export function thumbprintInput(jwk: PublicJwk): string {
  const { kty, crv, x } = jwk
  return canonicalize(jwk.crv === 'P-256' ? { kty, crv, x, y: jwk.y } : { kty, crv, x })
}

/** The RFC 7638 thumbprint, base64url, 43 characters. */
export function thumbprint(sha256: Sha256, jwk: PublicJwk): string {
  return toBase64url(sha256(toUtf8(thumbprintInput(jwk))))
}

/** The public part of a private key: what may leave its holder. */
export function publicPart(jwk: PrivateJwk): PublicJwk {
  if (jwk.crv === 'P-256') return { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }
  return { kty: jwk.kty, crv: jwk.crv, x: jwk.x }
}

function coordinate(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length !== 43) return undefined
  return fromBase64url(value)
}

function isOnEd25519(point: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(point, false)
    return true
  } catch {
    return false
  }
}

function isOnP256(x: Uint8Array, y: Uint8Array): boolean {
  const point = new Uint8Array(65)
  point[0] = 4
  point.set(x, 1)
  point.set(y, 33)
  try {
    p256.Point.fromBytes(point)
    return true
  } catch {
    return false
  }
}
