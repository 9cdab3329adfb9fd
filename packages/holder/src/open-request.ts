/**
 * Reads a verifier's request before anything of the holder's is touched: who asks is proved by a chain of certificates, and
 * the answer can go nowhere but to whoever that is.
 */
import { type Jwt, parseJwt, verifyJwt, webPlatform } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { type DcqlQuery, parseForeignDcql } from './dcql/query.ts'
import { type EncryptionTarget, encryptionTarget } from './encryption.ts'
import { readParameters } from './exchange.ts'
import { asObject } from './offer.ts'
import { requestObjectType, skewMs } from './protocol.ts'
import { randomSecret } from './secrets.ts'
import { formRequest, type Wallet } from './wallet.ts'
import { openChain, type TrustedChain } from './x509-chain.ts'

export interface AskedPresentation {
  /** Who the holder's proof is made for. */
  readonly audience: string
  /** The verifier's client id, where it signed the request. */
  readonly clientId?: string
  /** What others attest of the verifier, as it was sent: nobody has looked at it yet. */
  readonly verifierInfo?: Json
  /** Names in the verifier's certificate; empty where a page asks without signing. */
  readonly dnsNames: readonly string[]
  readonly nonce: string
  readonly query: DcqlQuery
  readonly state?: string
  /** Where the answer is posted; absent where the browser takes it. */
  readonly responseUri?: string
  readonly encryption?: EncryptionTarget
}

const maxRequestCharacters = 256 * 1024

/**
 * Fetches and checks the request behind a link. Refusals, in the order they are checked: `link_malformed`,
 * `request_malformed`, those of a chain, `request_client_mismatch`, `request_signature_invalid`, `request_expired`,
 * `request_wallet_nonce_wrong`, `request_response_uri_wrong`, those of a query, `request_encryption_missing`.
 */
export async function openRequest(wallet: Wallet, link: string): Promise<AskedPresentation | Refusal> {
  const query = readParameters(link.slice(link.indexOf('?') + 1))
  if (!/^(openid4vp|haip-vp):\/\/\?/.test(link) || isRefusal(query)) return refuse('link_malformed')
  const [clientId, requestUri] = [query.get('client_id'), query.get('request_uri')]
  if (clientId === undefined || requestUri === undefined || !URL.canParse(requestUri)) return refuse('link_malformed')
  // By GET nothing of ours would be in the request, and an old one could be put before us.
  if (query.get('request_uri_method') !== 'post') return refuse('link_malformed')

  const walletNonce = randomSecret()
  const accept = { accept: `application/${requestObjectType}` }
  const answer = await wallet.send(formRequest(requestUri, { wallet_nonce: walletNonce }, accept))
  if (answer.status !== 200) return refuse('request_malformed')
  const signed = await openSigned(wallet, answer.body, clientId)
  if (isRefusal(signed)) return signed
  const { payload, chain } = signed
  if (payload['wallet_nonce'] !== walletNonce) return refuse('request_wallet_nonce_wrong')
  // Two places to answer to could be read as either (section 8.2).
  if (payload['redirect_uri'] !== undefined) return refuse('request_malformed')
  const responseUri = payload['response_uri']
  if (typeof responseUri !== 'string' || !isOwnAddress(clientId, responseUri)) {
    return refuse('request_response_uri_wrong')
  }
  const asked = readAsked(payload, clientId, chain.dnsNames, 'direct_post')
  return isRefusal(asked) ? asked : { ...asked, responseUri }
}

/**
 * Checks a request that the browser handed over, with the origin it names. Refusals: `request_malformed`, those of a chain and
 * of a signature as of `openRequest`, `request_origin_wrong`, those of a query, `request_encryption_missing`.
 */
export async function openBrowserRequest(
  wallet: Wallet,
  { protocol, data }: { readonly protocol: string; readonly data: JsonObject },
  origin: string,
): Promise<AskedPresentation | Refusal> {
  const audience = `origin:${origin}`
  // A client id that nobody signed says nothing; the standard has it ignored.
  if (protocol === 'openid4vp-v1-unsigned') return readAsked(data, audience, undefined, 'dc_api')
  const text = data['request']
  if (protocol !== 'openid4vp-v1-signed' || typeof text !== 'string') return refuse('request_malformed')
  const signed = await openSigned(wallet, text, undefined)
  if (isRefusal(signed)) return signed
  const { payload, chain } = signed
  const origins = payload['expected_origins']
  if (!Array.isArray(origins) || !origins.includes(origin)) return refuse('request_origin_wrong')
  return readAsked(payload, audience, chain.dnsNames, 'dc_api')
}

async function openSigned(
  wallet: Wallet,
  text: string,
  expectedClientId: string | undefined,
): Promise<{ readonly payload: JsonObject; readonly chain: TrustedChain } | Refusal> {
  const jwt = parseJwt(text, maxRequestCharacters)
  if (!jwt || jwt.header['typ'] !== requestObjectType) return refuse('request_malformed')
  const chain = await openChain(jwt.header['x5c'], wallet.anchors, wallet.nowMs())
  if (isRefusal(chain)) return chain
  const { client_id: clientId, exp, iat } = jwt.payload
  const isNamed = typeof clientId === 'string' && isClientOf(clientId, chain)
  if (!isNamed || (expectedClientId !== undefined && clientId !== expectedClientId)) {
    return refuse('request_client_mismatch')
  }
  if (!(await isSignedBy(jwt, chain))) return refuse('request_signature_invalid')
  const nowMs = wallet.nowMs()
  const isPast = exp !== undefined && (typeof exp !== 'number' || exp * 1000 <= nowMs)
  const isAhead = iat !== undefined && (typeof iat !== 'number' || iat * 1000 > nowMs + skewMs)
  return isPast || isAhead ? refuse('request_expired') : { payload: jwt.payload, chain }
}

async function isSignedBy(jwt: Jwt, { key }: TrustedChain): Promise<boolean> {
  return (await verifyJwt(webPlatform, jwt, key)) === 'holds'
}

function isClientOf(clientId: string, { leaf, dnsNames }: TrustedChain): boolean {
  if (clientId === `x509_hash:${toBase64url(sha256(leaf))}`) return true
  return clientId.startsWith('x509_san_dns:') && dnsNames.includes(clientId.slice('x509_san_dns:'.length))
}

/** A name in the client id is the name that the answer goes to; a hash names no place, so there any will do. */
function isOwnAddress(clientId: string, responseUri: string): boolean {
  if (!URL.canParse(responseUri)) return false
  return !clientId.startsWith('x509_san_dns:') || clientId === `x509_san_dns:${new URL(responseUri).hostname}`
}

function readAsked(
  payload: JsonObject,
  audience: string,
  chainNames: readonly string[] | undefined,
  mode: 'direct_post' | 'dc_api',
): AskedPresentation | Refusal {
  const { response_type: type, response_mode: stated, nonce, state, client_metadata: metadata } = payload
  if (type !== 'vp_token' || !isNonce(nonce) || (state !== undefined && typeof state !== 'string')) {
    return refuse('request_malformed')
  }
  // What is in a transaction must be shown and signed; a wallet that cannot must refuse (section 8.4).
  if (payload['transaction_data'] !== undefined) return refuse('request_malformed')
  if (stated !== mode && stated !== `${mode}.jwt`) return refuse('request_malformed')
  const query = parseForeignDcql(payload['dcql_query'])
  if (isRefusal(query)) return query
  const encryption = stated === mode ? undefined : encryptionTarget(asObject(metadata))
  if (stated !== mode && !encryption) return refuse('request_encryption_missing')
  const { client_id: clientId, verifier_info: verifierInfo } = payload
  return {
    audience,
    // Without a chain nobody has signed for the name.
    ...(chainNames !== undefined && typeof clientId === 'string' && { clientId }),
    ...(verifierInfo !== undefined && { verifierInfo }),
    dnsNames: chainNames ?? [],
    nonce,
    query,
    ...(typeof state === 'string' && { state }),
    ...(encryption && { encryption }),
  }
}

function isNonce(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{16,512}$/.test(value)
}
