/**
 * An OpenID4VCI 1.0 issuer and its authorisation server, as the parts that its endpoints share: addresses, what may be
 * issued, where codes and tokens are kept, and who really issues. The two servers are one, under one identifier.
 */
import { type Platform, webPlatform } from '@chengxin/audit'
import type { PublicJwk } from '@chengxin/crypto'
import type { JsonObject, Refusal } from '@chengxin/kernel'
import { createMemoryStore, type ExpiringStore } from '../expiring-store.ts'

/** What wallets can ask for: one type of certificate. */
export interface CredentialConfiguration {
  readonly vct: string
  /** By which a wallet asks for it at the authorisation server. */
  readonly scope: string
  /** `display` and `claims` of the configuration's metadata, as the standard spells them. */
  readonly metadata: JsonObject
}

/** One wish of one wallet: certificates that say the same, one for each key. */
export interface CredentialOrder {
  /** The same order may be handed in again; it is filled once. */
  readonly orderId: string
  /** The issuer's own name for whom the certificates are; no wallet sees it. */
  readonly subject: string
  readonly configurationId: string
  readonly holderKeys: readonly PublicJwk[]
}

export type Filled =
  /** In the order of the keys. */
  | { readonly status: 'ready'; readonly certificates: readonly string[] }
  | { readonly status: 'waiting'; readonly retryAfterSeconds: number }

/** Fills an order, or refuses it with `issuance_denied`. */
export type FillOrder = (order: CredentialOrder) => Promise<Filled | Refusal>

export const notificationEvents = ['credential_accepted', 'credential_failure', 'credential_deleted'] as const
export type NotificationEvent = (typeof notificationEvents)[number]

export interface IssuerOptions {
  /** The issuer's identifier: an https address without query, fragment or a slash at the end. */
  readonly identifier: string
  /** Name and logo in several languages, as the standard spells `display`. */
  readonly display: readonly JsonObject[]
  readonly configurations: { readonly [id: string]: CredentialConfiguration }
  readonly fill: FillOrder
  readonly notified?: (order: CredentialOrder, event: NotificationEvent) => Promise<void>
  /** Where a wallet that is known under this id may be sent back to; empty for a wallet that is not known. */
  readonly redirectUris?: (clientId: string) => readonly string[]
  /** How many keys a wallet may bring at once; 20 if absent. */
  readonly batchSize?: number
  /** Whether tokens must be bound to a key of the wallet (DPoP), as HAIP wants; true if absent. */
  readonly needsDpop?: boolean
  /** 32 random bytes that sign nonces; every process of one issuer has the same. */
  readonly nonceSecret: Uint8Array
  readonly nowMs: () => number
  readonly stores?: Partial<IssuerStores>
  readonly platform?: Platform
}

/** What a resident was offered, and on what terms. */
export interface Grant {
  readonly subject: string
  readonly configurationIds: readonly string[]
}

export interface PreAuthorized extends Grant {
  readonly txCode?: string
  readonly triesLeft: number
}

export interface PushedRequest {
  readonly clientId: string
  readonly redirectUri: string
  readonly state?: string
  readonly codeChallenge: string
  readonly configurationIds: readonly string[]
  /** Of the offer that the wallet came from. */
  readonly issuerState?: string
  /** Thumbprint of the key that will redeem the code. */
  readonly dpopKey?: string
}

export type AuthorizationCode =
  | (PushedRequest & { readonly subject: string })
  /** Redeemed: whoever brings it again may have stolen it, so the token that came of it falls. */
  | { readonly spentFor: string }

export interface AccessToken extends Grant {
  readonly clientId?: string
  readonly dpopKey?: string
}

export interface IssuerStores {
  readonly offers: ExpiringStore<JsonObject>
  readonly preAuthorized: ExpiringStore<PreAuthorized>
  readonly pushed: ExpiringStore<PushedRequest>
  readonly codes: ExpiringStore<AuthorizationCode>
  readonly tokens: ExpiringStore<AccessToken>
  /** Nonces, proofs and wishes that have been used. */
  readonly used: ExpiringStore<true>
  readonly deferred: ExpiringStore<{ readonly order: CredentialOrder; readonly tokenKey: string }>
  readonly notifications: ExpiringStore<{ readonly order: CredentialOrder; readonly tokenKey: string }>
}

export interface Issuer extends Omit<IssuerOptions, 'stores'> {
  readonly stores: IssuerStores
  readonly batchSize: number
  readonly needsDpop: boolean
  readonly platform: Platform
  readonly endpoints: Endpoints
}

export interface Endpoints {
  readonly authorization: string
  readonly pushed: string
  readonly token: string
  readonly nonce: string
  readonly credential: string
  readonly deferred: string
  readonly notification: string
  readonly offers: string
}

/** Throws where the identifier is none that wallets accept. */
export function createIssuer(options: IssuerOptions): Issuer {
  const { identifier, nowMs, stores } = options
  if (!isIssuerIdentifier(identifier)) throw new Error(`An issuer cannot be called ${identifier}.`)
  if (options.nonceSecret.length < 32) throw new Error('The secret of nonces has 32 bytes.')
  return {
    batchSize: 20,
    needsDpop: true,
    platform: webPlatform,
    ...options,
    stores: { ...memoryStores(nowMs), ...stores },
    endpoints: {
      authorization: `${identifier}/authorize`,
      pushed: `${identifier}/par`,
      token: `${identifier}/token`,
      nonce: `${identifier}/nonce`,
      credential: `${identifier}/credential`,
      deferred: `${identifier}/deferred-credential`,
      notification: `${identifier}/notification`,
      offers: `${identifier}/offers`,
    },
  }
}

/** Whether wallets accept an issuer under this address. */
export function isIssuerIdentifier(text: string): boolean {
  if (!URL.canParse(text) || text.endsWith('/')) return false
  const { protocol, hostname, search, hash, username } = new URL(text)
  // Plain http reaches nobody but the machine itself, where trials are made.
  const isLocal = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return (protocol === 'https:' || isLocal) && search === '' && hash === '' && username === ''
}

function memoryStores(nowMs: () => number): IssuerStores {
  return {
    offers: createMemoryStore({ nowMs }),
    preAuthorized: createMemoryStore({ nowMs }),
    pushed: createMemoryStore({ nowMs, capacity: 10_000 }),
    codes: createMemoryStore({ nowMs }),
    tokens: createMemoryStore({ nowMs }),
    used: createMemoryStore({ nowMs }),
    deferred: createMemoryStore({ nowMs }),
    notifications: createMemoryStore({ nowMs }),
  }
}
