/**
 * The sealed vault of a resident who keeps certificates without an agent. Content is encrypted under a data key of 256 bits
 * (AES-256-GCM), and the data key under a key that a passkey gives by WebAuthn's `prf` extension (level 3 section 10.1.4) and HKDF (RFC
 * 5869): whoever holds the vault and no passkey holds nothing. Account and version are bound in, so that neither another's vault
 * nor, for whoever remembers the version, an older one of one's own opens as this one.
 */
import {
  canonicalize,
  concatBytes,
  fromBase64url,
  fromUtf8,
  isRefusal,
  type JsonObject,
  parseCanonical,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'

/** The data key, wrapped for one passkey. */
export interface WrappedKey {
  readonly credentialId: string
  /** base64url of nonce and ciphertext. */
  readonly wrapped: string
}

/** What the node keeps. */
export interface SealedVault {
  readonly v: 1
  /** Grows by one with each change. */
  readonly version: number
  /** base64url of nonce and ciphertext. */
  readonly sealed: string
  readonly keys: readonly WrappedKey[]
}

/** What every passkey is asked to derive from: WebAuthn hashes it with a prefix of its own, and no page of another site can ask. */
export const prfInput: Uint8Array = toUtf8('chengxin self-custody v1')

const nonceBytes = 12
/** A vault's length should not tell how many certificates are in it. */
const paddedTo = 16 * 1024

/** 256 random bits. */
export function newDataKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

export interface KeyPlace {
  /** Whose vault it is. */
  readonly account: string
  readonly credentialId: string
}

/** `prf` is what the passkey derived, 32 bytes. */
export async function wrapDataKey(dataKey: Uint8Array, prf: Uint8Array, place: KeyPlace): Promise<WrappedKey> {
  const wrapped = await encrypt(await wrappingKey(prf, place), dataKey, new Uint8Array())
  return { credentialId: place.credentialId, wrapped: toBase64url(wrapped) }
}

/** Refuses with `vault_key_not_fitting` where the passkey is not the one that the key was wrapped for. */
export async function unwrapDataKey(
  { wrapped }: WrappedKey,
  prf: Uint8Array,
  place: KeyPlace,
): Promise<Uint8Array | Refusal> {
  const bytes = fromBase64url(wrapped)
  const dataKey = bytes && (await decrypt(await wrappingKey(prf, place), bytes, new Uint8Array()))
  return dataKey?.length === 32 ? dataKey : refuse('vault_key_not_fitting')
}

async function wrappingKey(prf: Uint8Array, { account, credentialId }: KeyPlace): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', new Uint8Array(prf), 'HKDF', false, ['deriveKey'])
  const info = toUtf8(canonicalize({ account, credentialId, use: 'chengxin self-custody v1' }))
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: new Uint8Array(info) }
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

export interface VaultPlace {
  readonly account: string
  readonly version: number
}

export async function sealContent(content: JsonObject, dataKey: Uint8Array, place: VaultPlace): Promise<string> {
  const text = toUtf8(canonicalize(content))
  // White space after the object: as much as reaches the next step.
  const padding = new Uint8Array((paddedTo - (text.length % paddedTo)) % paddedTo).fill(0x20)
  const key = await importDataKey(dataKey)
  return toBase64url(await encrypt(key, concatBytes(text, padding), boundTo(place)))
}

/** Refuses with `vault_not_opened` where the text is not what was sealed in this place. */
export async function openContent(
  sealed: string,
  dataKey: Uint8Array,
  place: VaultPlace,
): Promise<JsonObject | Refusal> {
  const bytes = fromBase64url(sealed)
  const opened = bytes && (await decrypt(await importDataKey(dataKey), bytes, boundTo(place)))
  const text = opened && fromUtf8(opened)?.trimEnd()
  const content = text === undefined ? undefined : parseCanonical(text, { depth: 16 })
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content) && !isRefusal(content)
  return isObject ? (content as JsonObject) : refuse('vault_not_opened')
}

function boundTo({ account, version }: VaultPlace): Uint8Array {
  return toUtf8(canonicalize({ account, use: 'chengxin self-custody v1', version }))
}

function importDataKey(dataKey: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(dataKey), 'AES-GCM', false, ['encrypt', 'decrypt'])
}

async function encrypt(key: CryptoKey, bytes: Uint8Array, bound: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const parameters = { name: 'AES-GCM', iv, additionalData: new Uint8Array(bound) }
  return concatBytes(iv, new Uint8Array(await crypto.subtle.encrypt(parameters, key, new Uint8Array(bytes))))
}

async function decrypt(key: CryptoKey, bytes: Uint8Array, bound: Uint8Array): Promise<Uint8Array | undefined> {
  const parameters = {
    name: 'AES-GCM',
    iv: new Uint8Array(bytes.slice(0, nonceBytes)),
    additionalData: new Uint8Array(bound),
  }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, new Uint8Array(bytes.slice(nonceBytes))))
  } catch {
    return undefined
  }
}
