/**
 * Encrypted answers (OpenID4VP 1.0 section 8.3): a JWE to a key that is made for one request and forgotten with it, so that
 * nothing that was recorded on the way can be opened later. The envelope is `jose`'s work; which kinds are let in is ours.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { contentEncryptions, keyAgreement } from '@chengxin/holder'
import { fromBase64url, fromUtf8, type JsonObject, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { compactDecrypt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

export interface EncryptionKey {
  readonly kid: string
  readonly privateJwk: JWK
}

export async function createEncryptionKey(kid: string): Promise<EncryptionKey> {
  const { privateKey } = await generateKeyPair(keyAgreement, { crv: 'P-256', extractable: true })
  return { kid, privateJwk: await exportJWK(privateKey) }
}

/** The members of `client_metadata` that tell a wallet how to encrypt. */
export function encryptionMetadata({ kid, privateJwk }: EncryptionKey) {
  const { kty, crv, x, y } = privateJwk
  return {
    jwks: { keys: [{ kty, crv, x, y, kid, use: 'enc', alg: keyAgreement }] },
    encrypted_response_enc_values_supported: contentEncryptions,
  }
}

/** The `kid` that an answer names, to find its request by. */
export function keyIdOf(jwe: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(jwe)
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** The object inside. Refusals: `response_encryption_not_allowed`, `response_not_decrypted`, `response_malformed`. */
export async function decryptObject(jwe: string, { kid, privateJwk }: EncryptionKey): Promise<JsonObject | Refusal> {
  // The library reads over white space and padding; RFC 7516 has neither, and what is read in two ways has two meanings.
  const parts = jwe.split('.')
  if (parts.length !== 5 || !parts.every(isBase64url)) return refuse('response_not_decrypted')
  const header = headerOf(jwe)
  // With direct agreement there is no wrapped key, and compression would let a few bytes become many.
  const isAllowed = header?.alg === keyAgreement && header.kid === kid && header.zip === undefined && parts[1] === ''
  if (!isAllowed || !contentEncryptions.some((known) => known === header.enc)) {
    return refuse('response_encryption_not_allowed')
  }
  try {
    const key = await importJWK(privateJwk, keyAgreement)
    const options = { keyManagementAlgorithms: [keyAgreement], contentEncryptionAlgorithms: [...contentEncryptions] }
    const { plaintext } = await compactDecrypt(jwe, key, options)
    const text = fromUtf8(plaintext)
    return (text === undefined ? undefined : parseJsonObject(text)) ?? refuse('response_malformed')
  } catch {
    return refuse('response_not_decrypted')
  }
}

function isBase64url(part: string): boolean {
  const bytes = fromBase64url(part)
  return bytes !== undefined && toBase64url(bytes) === part
}

function headerOf(jwe: string) {
  try {
    return decodeProtectedHeader(jwe)
  } catch {
    return undefined
  }
}
