/** Encrypted answers (OpenID4VP 1.0 section 8.3), on the wallet's side: to whom, by which cipher. The envelope is `jose`'s work. */
import { type PublicJwk, parsePublicJwk } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, toUtf8 } from '@chengxin/kernel'
import { CompactEncrypt, importJWK } from 'jose'

export const contentEncryptions = ['A128GCM', 'A256GCM'] as const
export type ContentEncryption = (typeof contentEncryptions)[number]
export const keyAgreement = 'ECDH-ES'

/** Where a wallet encrypts to: the first key of `client_metadata` that is P-256 for ECDH-ES, and the strongest cipher. */
export interface EncryptionTarget {
  readonly key: PublicJwk
  readonly kid?: string
  readonly enc: ContentEncryption
}

export function encryptionTarget(metadata: Json | undefined): EncryptionTarget | undefined {
  const { jwks, encrypted_response_enc_values_supported: offered } = (metadata ?? {}) as JsonObject
  const keys = (jwks as JsonObject | undefined)?.['keys']
  if (!Array.isArray(keys)) return undefined
  const enc = Array.isArray(offered) ? contentEncryptions.findLast((known) => offered.includes(known)) : 'A128GCM'
  for (const jwk of keys as readonly JsonObject[]) {
    const key = readP256(jwk)
    if (!key || jwk['alg'] !== keyAgreement || (jwk['use'] ?? 'enc') !== 'enc' || enc === undefined) continue
    return { key, enc, ...(typeof jwk['kid'] === 'string' && { kid: jwk['kid'] }) }
  }
  return undefined
}

export async function encryptObject(object: object, { key, kid, enc }: EncryptionTarget): Promise<string> {
  const header = { alg: keyAgreement, enc, ...(kid !== undefined && { kid }) }
  const publicKey = await importJWK({ ...key }, keyAgreement)
  return new CompactEncrypt(toUtf8(JSON.stringify(object))).setProtectedHeader(header).encrypt(publicKey)
}

/** Others add `kid`, `use` or `alg` to their keys; those are left aside, a private part never is. */
export function readP256(value: Json): PublicJwk | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'd' in value) return undefined
  const { kty, crv, x, y } = value as JsonObject
  const key = parsePublicJwk({ kty, crv, x, y })
  return isRefusal(key) || key.crv !== 'P-256' ? undefined : key
}
