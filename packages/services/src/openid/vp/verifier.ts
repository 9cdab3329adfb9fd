/**
 * An OpenID4VP 1.0 verifier: who it is, what it trusts, and where its open requests are kept. It is known to wallets by its
 * X.509 certificate, either by that certificate's hash (`x509_hash`, which HAIP wants) or by a name in it (`x509_san_dns`).
 */
import { type CheckCode, type Platform, type Report, type TrustBundle, webPlatform } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import type { ClaimPath } from '@chengxin/holder'
import { type Json, type JsonObject, toBase64url } from '@chengxin/kernel'
import { createMemoryStore, type ExpiringStore } from '../expiring-store.ts'
import { dnsNamesOf } from '../x509-chain.ts'
import type { EncryptionKey } from './encryption.ts'

export interface VerifierOptions {
  readonly clientIdPrefix: 'x509_hash' | 'x509_san_dns'
  /** DER, the verifier's own first, the authority's left out. */
  readonly chain: readonly Uint8Array[]
  /** ES256 with the key of that certificate: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
  /** Below which the addresses of requests and answers lie; no slash at the end. */
  readonly baseUrl: string
  /** Pages that may ask through the browser (Digital Credentials API). */
  readonly origins: readonly string[]
  /** What is trusted; `newest` where the one in hand did not settle it. */
  readonly bundle: (asked?: { readonly newest: boolean }) => Promise<TrustBundle>
  /** Open checks that do not stand against a certificate; none if absent. */
  readonly tolerated?: readonly CheckCode[]
  readonly maxStatusAgeMs?: number
  readonly maxBundleAgeMs?: number
  readonly nowMs: () => number
  readonly platform?: Platform
  readonly stores?: Partial<VerifierStores>
}

/** For queries that leave the proof of anchoring to the holder: what cannot be judged without it. */
export const toleratedWithoutAnchor: readonly CheckCode[] = ['anchor_missing', 'receipt_missing', 'issuer_time_unknown']

export type ResponseMode = 'direct_post' | 'direct_post.jwt' | 'dc_api' | 'dc_api.jwt'

/** An open request. Its nonce and its key are used for one answer. */
export interface Session {
  readonly mode: ResponseMode
  readonly nonce: string
  /** The query as it is sent. */
  readonly query: JsonObject
  readonly encryption?: EncryptionKey
  /** Who the holder's proof must be made for. */
  readonly audience: string
  /** Names the result for whoever asked. */
  readonly resultKey: string
  readonly state?: string
  readonly redirectUri?: string
  /** The page that asks through the browser. */
  readonly origin?: string
  readonly isSigned: boolean
  /** As it is sent: what others attest of the verifier. */
  readonly verifierInfo?: readonly JsonObject[]
}

/** A certificate that was shown and holds. */
export interface Presented {
  readonly queryId: string
  /** SHA-256 of what was shown, the holder's proof included, in base64url: names it without repeating it. */
  readonly hash: string
  readonly report: Report
  /** SHA-256 of what was shown without the holder's proof (`sd_hash`), and the thumbprint of the holder's key: a withdrawal names both. */
  readonly shownHash: string
  readonly holder: string
  /** What was asked for; what was shown beyond it is not handed on. */
  readonly claims: readonly { readonly path: ClaimPath; readonly values: readonly Json[] }[]
}

export type PresentationResult =
  | { readonly status: 'accepted'; readonly presented: readonly Presented[]; readonly responseCode?: string }
  | { readonly status: 'refused'; readonly code: string; readonly reports: readonly Report[] }

export interface VerifierStores {
  readonly sessions: ExpiringStore<Session>
  /** From the id in a request's address to its session. */
  readonly requests: ExpiringStore<{ readonly sessionKey: string }>
  readonly results: ExpiringStore<PresentationResult>
}

export interface Verifier extends Omit<VerifierOptions, 'stores' | 'tolerated'> {
  readonly clientId: string
  readonly tolerated: readonly CheckCode[]
  readonly platform: Platform
  readonly stores: VerifierStores
}

/** Throws where the certificate does not carry the name of the base address. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { nowMs, stores } = options
  return {
    tolerated: [],
    platform: webPlatform,
    ...options,
    clientId: clientIdOf(options),
    stores: {
      sessions: createMemoryStore({ nowMs }),
      requests: createMemoryStore({ nowMs }),
      results: createMemoryStore({ nowMs }),
      ...stores,
    },
  }
}

function clientIdOf({ clientIdPrefix, chain, baseUrl }: VerifierOptions): string {
  const [leaf] = chain
  if (leaf === undefined) throw new Error('A verifier needs a certificate.')
  if (clientIdPrefix === 'x509_hash') return `x509_hash:${toBase64url(sha256(leaf))}`
  const { hostname } = new URL(baseUrl)
  if (!dnsNamesOf(leaf).includes(hostname)) throw new Error(`The certificate is not for ${hostname}.`)
  return `x509_san_dns:${hostname}`
}
