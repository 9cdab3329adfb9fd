/**
 * Selective disclosure for JWTs (RFC 9901), the strict reading of section 7.1: every digest occurs once, every disclosure
 * is referred to by exactly one digest, and nothing in it can put a claim where the issuer put another. What the RFC says
 * to reject is rejected; digests without a disclosure (withheld claims, decoys) are skipped.
 *
 * Signatures are not checked here: `verifyJwt` does that with a key, `checkKeyBinding` with the holder's.
 */
import { encodeAscii, parseJsonObject, type Sha256 } from '@chengxin/crypto'
import {
  fromBase64url,
  fromUtf8,
  isRefusal,
  type Json,
  type JsonObject,
  type Refusal,
  refuse,
  toBase64url,
} from '@chengxin/kernel'
import { type Jwt, parseJwt } from './jwt.ts'

/** Bounds on what is looked at: far above any certificate, far below what could hold up a browser. */
const maxBytes = 256 * 1024
const maxDisclosures = 512
const maxDepth = 24

export interface Disclosure {
  /** The base64url text that the digest is over. */
  readonly text: string
  readonly digest: string
  readonly salt: string
  /** Absent for an element of an array. */
  readonly name?: string
  readonly value: Json
}

export interface SdJwt {
  readonly issuerJwt: Jwt
  readonly disclosures: readonly Disclosure[]
  /** The processed payload: disclosed claims in their places, digests gone. */
  readonly claims: JsonObject
  /** Names that came out of disclosures at the top level. */
  readonly disclosedNames: ReadonlySet<string>
  /** The text that a key binding is over: everything up to and with the last tilde. */
  readonly presentedText: string
  /** The holder's token behind the last tilde, unverified, where there is one. */
  readonly keyBinding?: Jwt
}

/**
 * Reads an SD-JWT or SD-JWT+KB in compact form. Refusals, in the order they are checked: `format_too_large`,
 * `format_unknown` (no tilde), `format_jwt_malformed`, `format_hash_not_supported`, `format_disclosure_malformed`,
 * `format_disclosure_repeated`, then while putting claims in their places `format_too_deep`, `format_digest_misplaced`,
 * `format_digest_repeated`, `format_disclosure_malformed`, `format_claim_name_reserved`, `format_claim_exists`, and last
 * `format_disclosure_unreferenced`.
 */
export function readSdJwt(sha256: Sha256, text: string): SdJwt | Refusal {
  if (text.length > maxBytes) return refuse('format_too_large')
  const lastTilde = text.lastIndexOf('~')
  if (lastTilde < 0) return refuse('format_unknown')
  const [issuerText = '', ...disclosureTexts] = text.slice(0, lastTilde).split('~')
  const keyBindingText = text.slice(lastTilde + 1)

  const issuerJwt = parseJwt(issuerText, maxBytes)
  const keyBinding = keyBindingText === '' ? undefined : parseJwt(keyBindingText, maxBytes)
  if (!issuerJwt || (keyBindingText !== '' && !keyBinding)) return refuse('format_jwt_malformed')
  const hashName = issuerJwt.payload['_sd_alg']
  if (hashName !== undefined && hashName !== 'sha-256') return refuse('format_hash_not_supported')

  const disclosures = readDisclosures(sha256, disclosureTexts)
  if (isRefusal(disclosures)) return disclosures
  const opened = openClaims(issuerJwt.payload, disclosures)
  if (isRefusal(opened)) return opened
  const presentedText = text.slice(0, lastTilde + 1)
  return { issuerJwt, disclosures, ...opened, presentedText, ...(keyBinding && { keyBinding }) }
}

/** The digest that stands for a disclosure (RFC 9901 section 4.2.3): over its base64url text, not over what it spells. */
export function disclosureDigest(sha256: Sha256, text: string): string {
  return toBase64url(sha256(encodeAscii(text)))
}

function readDisclosures(sha256: Sha256, texts: readonly string[]): readonly Disclosure[] | Refusal {
  if (texts.length > maxDisclosures) return refuse('format_too_large')
  const disclosures: Disclosure[] = []
  const seen = new Set<string>()
  for (const text of texts) {
    const contents = readContents(text)
    if (!contents) return refuse('format_disclosure_malformed')
    if (seen.has(text)) return refuse('format_disclosure_repeated')
    seen.add(text)
    disclosures.push({ text, digest: disclosureDigest(sha256, text), ...contents })
  }
  return disclosures
}

function readContents(text: string): { salt: string; name?: string; value: Json } | undefined {
  const bytes = text === '' ? undefined : fromBase64url(text)
  const json = bytes && fromUtf8(bytes)
  if (json === undefined) return undefined
  // The strict reader knows objects only; a second member could come from nowhere but a text that is no array.
  const wrapped = parseJsonObject(`{"list":${json}}`)
  const list = wrapped && Object.keys(wrapped).length === 1 ? wrapped['list'] : undefined
  if (!Array.isArray(list)) return undefined
  const [salt, second, third] = list as Json[]
  if (typeof salt !== 'string') return undefined
  if (list.length === 2) return { salt, value: second as Json }
  if (list.length !== 3 || typeof second !== 'string') return undefined
  return { salt, name: second, value: third as Json }
}

/** Carries a refusal out of the recursion; it never leaves this file. */
class Rejection extends Error {
  readonly refusal: Refusal
  constructor(code: string) {
    super(code)
    this.refusal = refuse(code)
  }
}

function openClaims(
  payload: JsonObject,
  disclosures: readonly Disclosure[],
): { claims: JsonObject; disclosedNames: ReadonlySet<string> } | Refusal {
  const opener = new Opener(disclosures)
  try {
    const { _sd_alg: _, ...rest } = payload
    const claims = opener.openObject(rest, 0)
    if (opener.used < disclosures.length) return refuse('format_disclosure_unreferenced')
    return { claims, disclosedNames: opener.topLevelNames }
  } catch (thrown) {
    if (thrown instanceof Rejection) return thrown.refusal
    throw thrown
  }
}

class Opener {
  used = 0
  readonly topLevelNames = new Set<string>()
  private readonly byDigest: ReadonlyMap<string, Disclosure>
  private readonly digestsSeen = new Set<string>()

  constructor(disclosures: readonly Disclosure[]) {
    this.byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]))
  }

  openObject(object: JsonObject, depth: number): JsonObject {
    if (depth > maxDepth) throw new Rejection('format_too_deep')
    // A map, because a claim may be called `__proto__`, and assigning that to an object would not make it a claim.
    const members = new Map<string, Json>()
    for (const [name, value] of Object.entries(object)) {
      if (name === '...' || name === '_sd_alg') throw new Rejection('format_digest_misplaced')
      if (name !== '_sd') members.set(name, this.openValue(value, depth + 1))
    }
    for (const digest of digestList(object)) {
      const disclosure = this.take(digest)
      if (!disclosure) continue
      const { name, value } = disclosure
      if (name === undefined) throw new Rejection('format_disclosure_malformed')
      if (name === '_sd' || name === '...' || name === '_sd_alg') throw new Rejection('format_claim_name_reserved')
      if (members.has(name)) throw new Rejection('format_claim_exists')
      members.set(name, this.openValue(value, depth + 1))
      if (depth === 0) this.topLevelNames.add(name)
    }
    return Object.fromEntries(members)
  }

  private openValue(value: Json, depth: number): Json {
    if (Array.isArray(value)) return this.openArray(value as readonly Json[], depth)
    return typeof value === 'object' && value !== null ? this.openObject(value as JsonObject, depth) : value
  }

  private openArray(list: readonly Json[], depth: number): readonly Json[] {
    if (depth > maxDepth) throw new Rejection('format_too_deep')
    const opened: Json[] = []
    for (const element of list) {
      const digest = placeholderDigest(element)
      if (digest === undefined) {
        opened.push(this.openValue(element, depth + 1))
        continue
      }
      const disclosure = this.take(digest)
      if (!disclosure) continue
      if (disclosure.name !== undefined) throw new Rejection('format_disclosure_malformed')
      opened.push(this.openValue(disclosure.value, depth + 1))
    }
    return opened
  }

  /** The disclosure that a digest stands for. The same digest in two places would put one claim into both. */
  private take(digest: string): Disclosure | undefined {
    if (this.digestsSeen.has(digest)) throw new Rejection('format_digest_repeated')
    this.digestsSeen.add(digest)
    const disclosure = this.byDigest.get(digest)
    if (disclosure) this.used++
    return disclosure
  }
}

function digestList(object: JsonObject): readonly string[] {
  if (!Object.hasOwn(object, '_sd')) return []
  const digests = object['_sd'] as Json
  if (!Array.isArray(digests) || !digests.every((digest) => typeof digest === 'string')) {
    throw new Rejection('format_digest_misplaced')
  }
  return digests
}

/** The digest of an array element that stands for a withheld one: `{"...": "<digest>"}` and nothing beside it. */
function placeholderDigest(element: Json): string | undefined {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return undefined
  const object = element as JsonObject
  if (!Object.hasOwn(object, '...')) return undefined
  const digest = object['...']
  if (typeof digest !== 'string' || Object.keys(object).length !== 1) throw new Rejection('format_digest_misplaced')
  return digest
}
