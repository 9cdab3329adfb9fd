/**
 * The envelope of a transaction: a compact JWS whose protected header is a closed set, `{alg, kid, typ}`, in canonical
 * JSON (RFC 8785). The header names a key by DID and never carries or points to one, so there is nothing in it for a
 * verifier to trust. The payload is decoded and not interpreted. A transaction's name is the hash of its signing input:
 * a signature made or spelled differently is the same transaction.
 */
import {
  type Did,
  isRefusal,
  type Json,
  limits,
  parseCanonical,
  type Refusal,
  refuse,
  type TransactionId,
  toBase64url,
} from '@chengxin/kernel'
import { parseDidUrl } from './did.ts'
import { decodeUtf8 } from './fast-text.ts'
import type { Sha256 } from './hash.ts'
import { decodeParts, type JwsLimits } from './jws.ts'
import type { SignatureAlgorithm } from './strict-signature.ts'

export const transactionType = 'chengxin-tx+jws'

/** `WebAuthn-ES256` is a passkey's assertion over the hash of the signing input, see webauthn.ts. */
export type TransactionAlgorithm = SignatureAlgorithm | 'WebAuthn-ES256'

export interface TransactionHeader {
  readonly alg: TransactionAlgorithm
  /** `<did>#<key id>` */
  readonly kid: string
  readonly typ: typeof transactionType
}

export interface TransactionJws {
  /** The protected header as it was signed: canonical JSON. */
  readonly protectedText: string
  readonly header: TransactionHeader
  /** Whose key the header names, and which. */
  readonly did: Did
  readonly keyId: string
  /** The payload, UTF-8 checked and nothing else. */
  readonly payloadText: string
  /** 64 bytes, or a passkey's assertion; its form is not judged here. */
  readonly signature: Uint8Array
  /** The bytes that the signature is over: everything before the second dot. */
  readonly signingInput: Uint8Array
}

/**
 * The parts of a transaction, its signature unverified. Refusals, in the order they are checked:
 * `envelope_too_large`, `envelope_malformed` (not three parts of strict base64url, or a payload that is not UTF-8),
 * `header_malformed` (not canonical JSON of exactly `alg`, `kid` and `typ`), `type_not_allowed`,
 * `algorithm_not_allowed`, `key_id_malformed`.
 */
export function parseTransactionJws(
  text: string,
  { maxBytes }: JwsLimits = { maxBytes: limits.transactionBytes },
): TransactionJws | Refusal {
  if (text.length > maxBytes) return refuse('envelope_too_large')
  const parts = decodeParts(text)
  const payloadText = parts && decodeUtf8(parts.payload)
  if (!parts || payloadText === undefined) return refuse('envelope_malformed')

  const protectedText = decodeUtf8(parts.header)
  const header = protectedText === undefined ? undefined : parseCanonical(protectedText, { depth: 1 })
  if (protectedText === undefined || !hasHeaderForm(header)) return refuse('header_malformed')
  const { alg, kid, typ } = header
  if (typ !== transactionType) return refuse('type_not_allowed')
  if (alg !== 'EdDSA' && alg !== 'ES256' && alg !== 'WebAuthn-ES256') return refuse('algorithm_not_allowed')
  const key = parseDidUrl(kid)
  if (!key) return refuse('key_id_malformed')

  const { signature, signingInput } = parts
  return { protectedText, header: { alg, kid, typ }, ...key, payloadText, signature, signingInput }
}

function hasHeaderForm(header: Json | Refusal | undefined): header is { alg: string; kid: string; typ: string } {
  if (typeof header !== 'object' || header === null || isRefusal(header) || Array.isArray(header)) return false
  const { alg, kid, typ } = header as Readonly<Record<string, Json>>
  if (typeof alg !== 'string' || typeof kid !== 'string' || typeof typ !== 'string') return false
  return Object.keys(header).length === 3
}

/** The protected header of a transaction, canonical; the first part of what `jwsSigningInput` joins. */
export function transactionHeaderText(alg: TransactionAlgorithm, did: Did, keyId: string): string {
  return `{"alg":"${alg}","kid":"${did}#${keyId}","typ":"${transactionType}"}`
}

/** A transaction's name: the hash of its signing input. */
export function transactionId(sha256: Sha256, signingInput: Uint8Array): TransactionId {
  return toBase64url(sha256(signingInput)) as TransactionId
}
