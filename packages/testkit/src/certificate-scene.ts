/** Five certificates of one batch in a small city, with the bundle that judges them, and ways to spoil each. */
import { deflateSync } from 'node:zlib'
import { sha256 } from '@chengxin/crypto'
import {
  canonicalize,
  fromBase64url,
  fromUtf8,
  type GroupId,
  type JsonObject,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import {
  type Actor,
  actor,
  type CertificatePlan,
  createCertificateCity,
  type IssueChanges,
  signJws,
  startMs,
  vct,
} from './certificate-city.ts'

export type City = ReturnType<typeof createCertificateCity>
export type Payload = ReturnType<City['bundlePayload']>
type BundleChange = (payload: Payload, city: City) => object

export const nowMs = startMs + 120_000
export const holder = actor('holder', 'ES256')
export const thief = actor('thief', 'ES256')
export const claims = { degree: 'BA', name: '李思穎', gpa: '3.83' }

export interface Scene {
  readonly city: City
  /** The first is good, the next three are revoked, suspended and superseded, the last is good. */
  readonly texts: readonly string[]
  readonly text: string
  readonly bundle: string
  readonly pins: { readonly group: GroupId }
}

export function scene(change: IssueChanges = {}, changeBundle: BundleChange = (payload) => payload): Scene {
  const city = createCertificateCity()
  const texts = city.issue(
    [0, 1, 2, 3, 4].map((statusIndex): CertificatePlan => ({ claims, statusIndex, holder })),
    change,
  )
  const payload = city.bundlePayload([1, 2, 3].map((value) => [value, value] as const))
  return sceneOf(city, texts, city.signBundle(changeBundle(payload, city)))
}

export function sceneOf(city: City, texts: readonly string[], bundle: string): Scene {
  return { city, texts, text: texts[0] as string, bundle, pins: { group: city.group } }
}

/** The same scene, its issuer entitled in these periods only. */
export function withPeriods(...periods: readonly object[]): BundleChange {
  const types = periods.map((period) => ({ typeId: 'type_degree', vct, fromMs: startMs, ...period }))
  return (payload) => ({ ...payload, issuers: payload.issuers.map((issuer) => ({ ...issuer, types })) })
}

export function withKey(change: object): BundleChange {
  return (payload) => ({
    ...payload,
    issuers: payload.issuers.map((issuer) => ({ ...issuer, keys: issuer.keys.map((key) => ({ ...key, ...change })) })),
  })
}

/** The same scene with another status list token. */
export function withToken(make: (city: City) => string): BundleChange {
  return (payload, city) => ({
    ...payload,
    statusLists: payload.statusLists.map((list) => ({ ...list, token: make(city) })),
  })
}

/** The `lst` of a list whose bytes are all this one. */
export function compressed(byte: number, count: number): string {
  return toBase64url(new Uint8Array(deflateSync(new Uint8Array(count).fill(byte))))
}

const parse = (text: string): unknown => JSON.parse(fromUtf8(fromBase64url(text) as Uint8Array) as string)
const encode = (value: unknown) => toBase64url(toUtf8(canonicalize(value)))

/** Changes members of what the issuer signed: under the old signature, or under a new one by `by`. */
export function altered(text: string, change: object, by?: Actor): string {
  const [jwt = '', ...rest] = text.split('~')
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const changed = { ...(parse(payload) as JsonObject), ...change }
  const signed = by ? signJws(parse(header) as object, changed, by) : `${header}.${encode(changed)}.${signature}`
  return [signed, ...rest].join('~')
}

/** Changes the value of a disclosed field, and nothing else. */
export function redisclosed(text: string, name: string, value: unknown): string {
  const [jwt, ...disclosures] = text.split('~').slice(0, -1)
  const changed = disclosures.map((disclosure) => {
    const [salt, named] = parse(disclosure) as [string, string]
    return named === name ? encode([salt, name, value]) : disclosure
  })
  return `${[jwt, ...changed].join('~')}~`
}

/** Hides a claim that must be plain, behind a digest that the issuer's text does not cover. */
export function hiding(text: string, name: string, value: unknown): string {
  const disclosure = encode(['salt', name, value])
  const digest = toBase64url(sha256(toUtf8(disclosure)))
  return `${altered(text, { _sd: [digest] }).split('~')[0]}~${disclosure}~`
}

/** Which disclosures to keep, by name. */
export function withholding(text: string, keep: (name: string) => boolean): string {
  const [jwt, ...disclosures] = text.split('~').slice(0, -1)
  const kept = disclosures.filter((disclosure) => keep((parse(disclosure) as [string, string])[1]))
  return `${[jwt, ...kept].join('~')}~`
}
