/**
 * Token Status List (draft-ietf-oauth-status-list, JWT form): one issuer's certificates as an array of small numbers, so
 * that revoking one publishes nothing about which. Read strictly; the inflated size is bounded while it grows, because a
 * few kilobytes can spell gigabytes.
 */
import type { PublicJwk } from '@chengxin/crypto'
import { fromBase64url, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { inflate } from './inflate.ts'
import { parseJwt, verifyJwt } from './jwt.ts'
import type { Platform } from './platform.ts'

const maxTokenBytes = 1024 * 1024
/** Eight million certificates at two bits; beyond it an issuer starts another list. */
const maxInflatedBytes = 2 * 1024 * 1024

/** What a status means (section 7.1 of the draft); 3 is left to applications, and is ours for "replaced by a newer one". */
export const statusWords = ['valid', 'revoked', 'suspended', 'superseded'] as const
export type StatusWord = (typeof statusWords)[number]

/** Where a certificate's status stands: the `status_list` of its `status` claim. */
export interface StatusReference {
  readonly uri: string
  readonly index: number
}

export interface StatusList {
  /** The address that certificates name it by. */
  readonly uri: string
  /** The `kid` of the key that signed it. */
  readonly keyId: string
  readonly issuedAtMs: number
  readonly expiresAtMs?: number
  /** How long a copy may be used before a newer one should be fetched. */
  readonly ttlMs?: number
  readonly bits: 1 | 2 | 4 | 8
  readonly bytes: Uint8Array
}

/** Who may sign the list: the key of a stated `kid`, or `undefined` where it names none that is trusted. */
export type FindKey = (keyId: string) => PublicJwk | undefined

/** Whether an X.509 certificate in the header (`x5c`) is one for that key, in force at that time. */
export type ChainAgrees = (x5c: Json, key: PublicJwk, atMs: number) => boolean

/**
 * Opens a status list token. Refusals, in the order they are checked: `status_list_malformed` (form, `typ`, a required
 * claim), `status_list_key_unknown`, `status_list_chain_invalid`, `status_list_signature_invalid`,
 * `status_list_malformed` again where the compressed array is broken, followed by other bytes, or beyond its bound.
 * Whether it has expired is for whoever knows the time. Without `agrees` an X.509 certificate is not looked at.
 */
export async function openStatusList(
  platform: Platform,
  token: string,
  findKey: FindKey,
  agrees: ChainAgrees = () => true,
): Promise<StatusList | Refusal> {
  const jwt = parseJwt(token, maxTokenBytes)
  const body = jwt && readBody(jwt.payload)
  if (!jwt || !body || jwt.header['typ'] !== 'statuslist+jwt') return refuse('status_list_malformed')
  const { kid: keyId, x5c } = jwt.header
  const key = typeof keyId === 'string' ? findKey(keyId) : undefined
  if (!key || typeof keyId !== 'string') return refuse('status_list_key_unknown')
  if (x5c !== undefined && !agrees(x5c, key, body.issuedAtMs)) return refuse('status_list_chain_invalid')
  if ((await verifyJwt(platform, jwt, key)) !== 'holds') return refuse('status_list_signature_invalid')
  const bytes = await inflate(body.compressed, maxInflatedBytes)
  if (!bytes) return refuse('status_list_malformed')
  const { compressed: _, ...rest } = body
  return { ...rest, keyId, bytes }
}

type Body = Omit<StatusList, 'keyId' | 'bytes'> & { readonly compressed: Uint8Array }

function readBody(payload: JsonObject): Body | undefined {
  const { sub, iat, exp, ttl, status_list: list } = payload
  if (typeof sub !== 'string' || !isSeconds(iat) || typeof list !== 'object' || list === null) return undefined
  if ((exp !== undefined && !isSeconds(exp)) || (ttl !== undefined && !(isSeconds(ttl) && ttl > 0))) return undefined
  const { bits, lst } = list as JsonObject
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) return undefined
  const compressed = typeof lst === 'string' ? fromBase64url(lst) : undefined
  if (!compressed) return undefined
  return {
    uri: sub,
    issuedAtMs: iat * 1000,
    ...(exp !== undefined && { expiresAtMs: exp * 1000 }),
    ...(ttl !== undefined && { ttlMs: ttl * 1000 }),
    bits,
    compressed,
  }
}

/** A NumericDate or a span (RFC 7519 section 2), within what a date can hold. */
export function isSeconds(value: Json | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= 253_402_300_799
}

/** The number at an index, or `undefined` beyond the list: then nothing can be said of the certificate. */
export function statusAt({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits
  const byte = bytes[Math.floor(index / perByte)]
  if (byte === undefined || !Number.isSafeInteger(index) || index < 0) return undefined
  return (byte >> ((index % perByte) * bits)) & ((1 << bits) - 1)
}
