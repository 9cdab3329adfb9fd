/** Reads an offer, and what its issuer says of itself; nothing is believed that names another issuer. */
import { parseJsonObject } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { readParameters } from './exchange.ts'
import { preAuthorizedGrant, wellKnownPath } from './protocol.ts'
import { getRequest, type Wallet } from './wallet.ts'

export interface ReadOffer {
  readonly issuer: string
  readonly configurationIds: readonly string[]
  readonly preAuthorized?: { readonly code: string; readonly needsTxCode: boolean }
  /** Present where signing in is offered. */
  readonly authorization?: { readonly issuerState?: string }
  readonly metadata: IssuerFacts
}

/** What redeeming needs of the metadata of issuer and authorisation server. */
export interface IssuerFacts {
  readonly credentialEndpoint: string
  readonly nonceEndpoint: string
  readonly deferredEndpoint?: string
  readonly notificationEndpoint?: string
  readonly tokenEndpoint: string
  readonly pushedEndpoint?: string
  readonly authorizationEndpoint?: string
  readonly batchSize: number
  /** Language → what the issuer calls itself; its own word, so that its address is shown beside it. */
  readonly names: { readonly [locale: string]: string }
  readonly hasDpop: boolean
  readonly configurations: { readonly [id: string]: { readonly vct: string; readonly scope: string } }
}

/** Refusals: `offer_malformed`, `offer_grant_not_supported`, `issuer_metadata_malformed`, `issuer_mismatch`. */
export async function readOffer(wallet: Wallet, link: string): Promise<ReadOffer | Refusal> {
  const offer = await fetchOffer(wallet, link)
  if (!offer) return refuse('offer_malformed')
  const { credential_issuer: issuer, credential_configuration_ids: ids, grants } = offer
  const isList = Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string')
  if (typeof issuer !== 'string' || !URL.canParse(issuer) || !isList) return refuse('offer_malformed')
  const given = readGrants(grants)
  if (!given.preAuthorized && !given.authorization) return refuse('offer_grant_not_supported')
  const metadata = await readMetadata(wallet, issuer)
  if (isRefusal(metadata)) return metadata
  if (!ids.every((id) => Object.hasOwn(metadata.configurations, id))) return refuse('offer_malformed')
  return { issuer, configurationIds: ids, ...given, metadata }
}

async function fetchOffer({ send }: Wallet, link: string): Promise<JsonObject | undefined> {
  const query = readParameters(link.slice(link.indexOf('?') + 1))
  if (!/^(openid-credential-offer|haip-vci):\/\/\?/.test(link) || isRefusal(query)) return undefined
  const [text, uri] = [query.get('credential_offer'), query.get('credential_offer_uri')]
  if ((text === undefined) === (uri === undefined)) return undefined
  if (text !== undefined) return parseJsonObject(text)
  return getObject(send, uri as string)
}

async function getObject(send: Wallet['send'], url: string): Promise<JsonObject | undefined> {
  if (!URL.canParse(url)) return undefined
  const { status, body } = await send(getRequest(url, { accept: 'application/json' }))
  return status === 200 ? parseJsonObject(body) : undefined
}

function readGrants(grants: Json | undefined): Pick<ReadOffer, 'preAuthorized' | 'authorization'> {
  const given = asObject(grants) ?? {}
  const code = asObject(given[preAuthorizedGrant])
  const secret = code?.['pre-authorized_code']
  const signIn = asObject(given['authorization_code'])
  const issuerState = signIn?.['issuer_state']
  return {
    ...(typeof secret === 'string' && {
      preAuthorized: { code: secret, needsTxCode: code?.['tx_code'] !== undefined },
    }),
    ...(signIn && { authorization: typeof issuerState === 'string' ? { issuerState } : {} }),
  }
}

async function readMetadata({ send }: Wallet, issuer: string): Promise<IssuerFacts | Refusal> {
  const { origin } = new URL(issuer)
  const own = await getObject(send, origin + wellKnownPath('openid-credential-issuer', issuer))
  if (!own) return refuse('issuer_metadata_malformed')
  // Whoever serves another's metadata under its own address would get what is meant for the other.
  if (own['credential_issuer'] !== issuer) return refuse('issuer_mismatch')
  const servers = own['authorization_servers'] ?? [issuer]
  const [server] = Array.isArray(servers) ? (servers as readonly Json[]) : []
  if (typeof server !== 'string' || !URL.canParse(server)) return refuse('issuer_metadata_malformed')
  const path = wellKnownPath('oauth-authorization-server', server)
  const authorization = await getObject(send, new URL(server).origin + path)
  if (!authorization) return refuse('issuer_metadata_malformed')
  return authorization['issuer'] === server ? factsOf(own, authorization) : refuse('issuer_mismatch')
}

function factsOf(own: JsonObject, server: JsonObject): IssuerFacts | Refusal {
  const address = (value: Json | undefined) => (typeof value === 'string' && URL.canParse(value) ? value : undefined)
  const credentialEndpoint = address(own['credential_endpoint'])
  const nonceEndpoint = address(own['nonce_endpoint'])
  const tokenEndpoint = address(server['token_endpoint'])
  if (!credentialEndpoint || !nonceEndpoint || !tokenEndpoint) return refuse('issuer_metadata_malformed')
  const optional = {
    deferredEndpoint: address(own['deferred_credential_endpoint']),
    notificationEndpoint: address(own['notification_endpoint']),
    pushedEndpoint: address(server['pushed_authorization_request_endpoint']),
    authorizationEndpoint: address(server['authorization_endpoint']),
  }
  const batchSize = asObject(own['batch_credential_issuance'])?.['batch_size']
  const dpop = server['dpop_signing_alg_values_supported']
  return {
    credentialEndpoint,
    nonceEndpoint,
    tokenEndpoint,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value)) as Partial<IssuerFacts>),
    batchSize: typeof batchSize === 'number' ? batchSize : 1,
    names: namesOf(own['display']),
    hasDpop: Array.isArray(dpop) && dpop.includes('ES256'),
    configurations: configurationsOf(own['credential_configurations_supported']),
  }
}

function namesOf(display: Json | undefined): IssuerFacts['names'] {
  const entries = Array.isArray(display) ? (display as readonly Json[]) : []
  const named = entries.flatMap((entry) => {
    const { name, locale } = asObject(entry) ?? {}
    return typeof name === 'string' && typeof locale === 'string' ? [[locale, name.slice(0, 120)] as const] : []
  })
  return Object.fromEntries(named.slice(0, 32))
}

function configurationsOf(value: Json | undefined): IssuerFacts['configurations'] {
  const known = Object.entries(asObject(value) ?? {}).flatMap(([id, entry]) => {
    const { format, vct, scope } = asObject(entry) ?? {}
    if (format !== 'dc+sd-jwt' || typeof vct !== 'string') return []
    return [[id, { vct, scope: typeof scope === 'string' ? scope : '' }] as const]
  })
  return Object.fromEntries(known)
}

export function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}
