/**
 * A verifier's registration: the public document whose hash an authority put on the ledger. It says who asks, for what, on
 * which ground, and which fields; what a request asks for beyond it is refused, here by the verifier's own desk and again
 * by whoever holds the certificates.
 */
import { sha256 } from '@chengxin/crypto'
import {
  canonicalize,
  type Did,
  type Hash,
  isDid,
  isRefusal,
  type Json,
  type JsonObject,
  parseCanonical,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
/** Those in which a city speaks to its residents. */
export const languages = ['en', 'zh-Hans', 'zh-Hant', 'pt'] as const
export type Language = (typeof languages)[number]
export type Texts = { readonly [language in Language]: string }

export interface Registration {
  readonly v: 1
  readonly verifier: Did
  readonly domain: string
  /** What the verifier calls itself in requests (`x509_hash:…`), so that a wallet finds the one that asks in here. */
  readonly clientIds: readonly string[]
  readonly names: Texts
  readonly purposes: readonly Purpose[]
}

export interface Purpose {
  /** A word, such as `job-application`. */
  readonly purposeId: string
  readonly texts: Texts
  /** What asking rests on: the holder's consent each time, or a law, named by its article. */
  readonly ground: { readonly kind: 'consent' } | { readonly kind: 'law'; readonly reference: string }
  /** For how long what was shown is kept. */
  readonly keepDays: number
  /** The types that may be asked for, each with the fields that this purpose needs. */
  readonly types: readonly { readonly typeId: string; readonly fields: readonly string[] }[]
}

/** The document to publish, and the hash to register. */
export function registrationDocument(registration: Registration): { readonly text: string; readonly hash: Hash } {
  const text = canonicalize(registration)
  return { text, hash: toBase64url(sha256(toUtf8(text))) as Hash }
}

/** Refuses with `registration_malformed` whatever is not such a document, canonical and of this hash. */
export function readRegistration(text: string, hash: string): Registration | Refusal {
  const malformed = refuse('registration_malformed')
  if (toBase64url(sha256(toUtf8(text))) !== hash) return malformed
  const value = parseCanonical(text, { depth: 8 })
  if (isRefusal(value) || !isObject(value)) return malformed
  const { v, verifier, domain, clientIds, names, purposes } = value
  const isWhole =
    v === 1 &&
    isText(verifier) &&
    isDid(verifier) &&
    isText(domain) &&
    isListOf(clientIds, isText, 8) &&
    isTexts(names) &&
    isListOf(purposes, isPurpose, 32)
  return isWhole ? (value as unknown as Registration) : malformed
}

function isPurpose(value: Json): boolean {
  if (!isObject(value)) return false
  const { purposeId, texts, ground, keepDays, types } = value
  const isGrounded =
    isObject(ground) && (ground['kind'] === 'consent' || (ground['kind'] === 'law' && isText(ground['reference'])))
  const isKept = typeof keepDays === 'number' && Number.isSafeInteger(keepDays) && keepDays >= 0 && keepDays <= 36_525
  return isText(purposeId) && isTexts(texts) && isGrounded && isKept && isListOf(types, isAllowedType, 32)
}

function isAllowedType(value: Json): boolean {
  return isObject(value) && isText(value['typeId']) && isListOf(value['fields'], isText, 64)
}

function isTexts(value: Json | undefined): boolean {
  return isObject(value) && languages.every((language) => isText(value[language]))
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 500
}

function isListOf(value: Json | undefined, isMember: (member: Json) => boolean, most: number): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isMember)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is wanted for a purpose. */
export interface Wish {
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
}

/**
 * The purpose that a wish falls under. Refusals, in the order they are checked: `purpose_not_registered`,
 * `type_beyond_registration`, `field_beyond_registration`.
 */
export function purposeFor({ purposes }: Registration, { purposeId, typeId, fields }: Wish): Purpose | Refusal {
  const purpose = purposes.find((candidate) => candidate.purposeId === purposeId)
  if (!purpose) return refuse('purpose_not_registered')
  const allowed = purpose.types.find((type) => type.typeId === typeId)
  if (!allowed) return refuse('type_beyond_registration')
  const isCovered = fields.length > 0 && fields.every((field) => allowed.fields.includes(field))
  return isCovered ? purpose : refuse('field_beyond_registration')
}
