/** What lies in a resident's own vault: certificates with their keys, consents, and orders that issuers have not filled yet. */
import { type PrivateJwk, publicPart, sha256, thumbprint } from '@chengxin/crypto'
import { type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { HeldCopy } from '../choose.ts'
import type { Texts } from '../registration.ts'

/** A copy with the key that it is bound to. */
export interface OwnCopy extends HeldCopy {
  readonly key: PrivateJwk
}

export interface OwnHolding {
  readonly certificateId: string
  readonly vct: string
  readonly configurationId: string
  /** Where it came from (OpenID4VCI identifier). */
  readonly issuerUrl: string
  readonly receivedAtMs: number
  readonly copies: readonly OwnCopy[]
}

export interface OwnConsent {
  readonly consentId: string
  readonly verifier: { readonly names: Texts; readonly domain: string; readonly did: string }
  readonly purpose: Texts
  readonly purposeId: string
  readonly items: readonly {
    readonly certificateId: string
    readonly vct: string
    readonly fields: readonly string[]
  }[]
  readonly givenAtMs: number
  readonly untilMs: number
}

/** An issuer that needs time: what it takes to ask again. */
export interface OwnOrder {
  readonly access: Json
  readonly accessKey?: PrivateJwk
  readonly transactionId: string
  readonly keys: readonly PrivateJwk[]
  readonly vct: string
  readonly configurationId: string
}

export interface OwnContent {
  readonly v: 1
  readonly holdings: readonly OwnHolding[]
  readonly consents: readonly OwnConsent[]
  readonly orders: readonly OwnOrder[]
}

/** What the node is told of a certificate beside the sealed vault, so that issuers can be asked for it anew after a loss. */
export interface OwnIndexEntry {
  readonly certificateId: string
  readonly issuerUrl: string
  /** RFC 7638 thumbprints of the keys of its copies. */
  readonly holder: readonly string[]
}

export const emptyContent: OwnContent = { v: 1, holdings: [], consents: [], orders: [] }

/** As many consents as are kept; older ones give way, because a vault has a limit. */
const consentsKept = 200

/** Refuses with `vault_not_opened` what a later version of this program has written. */
export function readContent(content: JsonObject): OwnContent | Refusal {
  return content['v'] === 1 ? (content as unknown as OwnContent) : refuse('vault_not_opened')
}

export function contentAsJson(content: OwnContent): JsonObject {
  const consents = content.consents.slice(-consentsKept)
  // Members that are absent are left out.
  return JSON.parse(JSON.stringify({ ...content, consents })) as JsonObject
}

export function indexOf({ holdings }: OwnContent): readonly OwnIndexEntry[] {
  return holdings.map(({ certificateId, issuerUrl, copies }) => ({
    certificateId,
    issuerUrl,
    holder: copies.map(({ key }) => thumbprint(sha256, publicPart(key))),
  }))
}
