/**
 * An issuer, a verifier and a wallet in one process, over a city with a real log: nothing is sent but requests and answers
 * as text, all keys and signatures are real, and the clock is the test's.
 */
import { X509Certificate } from 'node:crypto'
import { openBundle, type TrustBundle } from '@chengxin/audit'
import { nativeSigner } from '@chengxin/client/node'
import { type PrivateJwk, publicPart, signPortably } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { expectOk, type JsonObject, toUtf8 } from '@chengxin/kernel'
import {
  type IssuedCertificate,
  planBatch,
  StatusRegister,
  signBatch,
  signStatusToken,
  treeOfPlan,
  type Wanted,
} from '@chengxin/services'
import {
  createIssuer,
  createIssuingDesk,
  createVerifier,
  findEndpoint,
  type HolderKey,
  type Issuer,
  type IssuerOptions,
  issuerEndpoints,
  type OpenidAnswer,
  type OpenidRequest,
  type VerifierOptions,
  verifierEndpoints,
  type Wallet,
} from '@chengxin/services/openid'
import { actor, statusUri as cityStatusUri, createCertificateCity, startMs, vct } from './certificate-city.ts'
import { x509Of } from './group-authority.ts'

export const identifier = 'https://issuer.example/openid'
export const verifierUrl = 'https://verifier.example/openid'
export const verifierOrigin = 'https://verifier.example'
export const walletId = 'https://wallet.example'
export const walletRedirect = 'https://wallet.example/back'

/** Made with OpenSSL: an authority, and a verifier's certificate under it for `verifier.example`, good until 2126. */
export const anchorDer = fromBase64(
  'MIIBmjCCAUGgAwIBAgIUexQxzF0itIUZoMmVcBBw+hhI9wswCgYIKoZIzj0EAwIwGjEYMBYGA1UEAwwPVHJpYWwgYXV0aG9yaXR5MCAXDTI2MTEyMjEw' +
    'Mjg0MloYDzIxMjYxMDI5MTAyODQyWjAaMRgwFgYDVQQDDA9UcmlhbCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASIeDAsUObs39ys' +
    '317i4z55ePon1GrGpJVsl8sJoiMvNyinrETV6lXiI5qke8z56QvRVdH6q2DfvMJnFvVC8C/4o2MwYTAdBgNVHQ4EFgQUXJi3HasjBJ6oKu0Efw+5OjHC' +
    'soAwHwYDVR0jBBgwFoAUXJi3HasjBJ6oKu0Efw+5OjHCsoAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDRwAwRAIg' +
    'aYnpp1IANT5MImdIHkmuIE+mU8a9DI0dSfjHs/1x3pMCIH+K1vT/OoANsWKl3f337PPW/oYNdYAjI8b2ACPkKqEu',
)
export const leafDer = fromBase64(
  'MIIBtDCCAVqgAwIBAgIUeIsaAUMm598EEwK3E/WKxlOxaMkwCgYIKoZIzj0EAwIwGjEYMBYGA1UEAwwPVHJpYWwgYXV0aG9yaXR5MCAXDTI2MTEyMjEw' +
    'Mjg0MloYDzIxMjYxMDI5MTAyODQyWjAZMRcwFQYDVQQDDA5UcmlhbCB2ZXJpZmllcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPmftISpksyulwRW' +
    'iHj5eqGvpUPCS8snuh9CzKHOvP4BbEX/y25/UAe3isZKuuESIThyyC1QKhuSV8LAhjtij0qjfTB7MBsGA1UdEQQUMBKCEHZlcmlmaWVyLmV4YW1wbGUw' +
    'DgYDVR0PAQH/BAQDAgeAMAwGA1UdEwEB/wQCMAAwHQYDVR0OBBYEFDa82ex9f1BCJGtzAxYV8/CMiNXJMB8GA1UdIwQYMBaAFFyYtx2rIwSeqCrtBH8P' +
    'uToxwrKAMAoGCCqGSM49BAMCA0gAMEUCIQD3TBF9A0ofo/oKoV2P2wvJjZrRCVjaWYE01N5Ov8txfAIgHSXjq1WyELvwEFgRYwMXW4GCSWxPrwPdlCrw' +
    'NVVQudE=',
)
export const leafKey: PrivateJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: '-Z-0hKmSzK6XBFaIePl6oa-lQ8JLyye6H0LMoc68_gE',
  y: 'bEX_y25_UAe3isZKuuESIThyyC1QKhuSV8LAhjtij0o',
  d: 'DbbK2FhBqk1_6jXE83c6V-oCHSXwao1uQFWjiXNjkoY',
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** A new holder's key. */
export function newHolderKey(privateJwk: PrivateJwk = generatePrivateJwk('ES256')): HolderKey {
  return { jwk: publicPart(privateJwk), sign: async (bytes) => signPortably(privateJwk, bytes) }
}

export interface SceneOptions {
  readonly issuer?: Partial<IssuerOptions>
  readonly verifier?: Partial<VerifierOptions>
  /** Orders at which the desk closes a batch. */
  readonly closeAt?: number
  readonly claims?: JsonObject
  /** The machine's clock, for programs that read no other; the scene's own if absent. */
  readonly nowMs?: () => number
  /** Where certificates say that their status list lies. */
  readonly statusUri?: string
}

export function createOpenidScene({
  issuer: issuerChange,
  verifier: verifierChange,
  closeAt,
  claims,
  statusUri = cityStatusUri,
  ...clockOptions
}: SceneOptions = {}) {
  const clock = { nowMs: startMs + 100_000 }
  const nowMs = clockOptions.nowMs ?? (() => clock.nowMs)
  const city = createCertificateCity()
  const register = StatusRegister.create('list_one', statusUri, 4096)
  const issuing = nativeSigner(actor('issuer', 'ES256').privateJwk, { did: city.issuer.did })
  const signer = { ...issuing, x509: x509Of(issuing.jwk) }
  let batches = 0

  async function issueBatch(_: string, wanted: readonly Wanted[]): Promise<readonly IssuedCertificate[]> {
    const batchId = `batch_${++batches}` as const
    const named = { issuer: city.issuer.did, domain: 'university.example' }
    const options = { batchId, typeId: 'type_degree', vct, ...named, register, nowMs: nowMs() }
    const plan = planBatch(wanted, options)
    const tree = treeOfPlan(plan)
    const args = { batchId, typeId: plan.typeId, root: tree.root, count: tree.size }
    const index = city.append(city.transaction(city.issuer, [{ type: 'credentials.anchorBatch', args }]))
    const batch = { plan, tree, outcome: { status: 'committed' } as const, receipt: city.log.receipt(index) }
    const issued: IssuedCertificate[] = []
    for await (const certificate of signBatch(batch, signer)) issued.push(certificate)
    return issued
  }

  const person = claims ?? {
    name: '陳大文',
    degree: 'BSC',
    gpa: '3.83',
    address: { city: 'Macau', street: 'Rua do Campo' },
  }
  const desk = createIssuingDesk({
    claimsOf: async ({ subject }) => (subject === 'nobody' ? { refused: 'issuance_denied' } : person),
    issueBatch,
    ...(closeAt !== undefined && { closeAt }),
  })
  const issuer: Issuer = createIssuer({
    identifier,
    display: [{ name: 'Example University', locale: 'en' }],
    configurations: { degree: { vct, scope: 'degree', metadata: {} } },
    fill: desk.fill,
    redirectUris: (clientId) => (clientId === walletId ? [walletRedirect] : []),
    nonceSecret: new Uint8Array(32).fill(7),
    nowMs,
    ...issuerChange,
  })

  const statusToken = () =>
    signStatusToken(register, signer, { nowMs: nowMs(), validForMs: 86_400_000, ttlMs: 3_600_000 })

  /** The trust bundle as it stands now, status list included. */
  async function bundle(): Promise<TrustBundle> {
    const token = await statusToken()
    const payload = city.bundlePayload()
    const statusLists = payload.statusLists.map((list) => ({ ...list, uri: statusUri, token }))
    const times = { issuedAtMs: nowMs(), expiresAtMs: nowMs() + 86_400_000 }
    return expectOk(await openBundle(city.signBundle({ ...payload, statusLists, ...times })))
  }

  const verifier = createVerifier({
    clientIdPrefix: 'x509_hash',
    chain: [leafDer],
    sign: async (bytes) => signPortably(leafKey, bytes),
    baseUrl: verifierUrl,
    origins: [verifierOrigin],
    bundle,
    tolerated: ['anchor_missing', 'receipt_missing', 'issuer_time_unknown', 'bundle_trusted_as_given'],
    nowMs,
    ...verifierChange,
  })

  const hosts = new Map([
    ['issuer.example', issuerEndpoints(issuer)],
    ['verifier.example', verifierEndpoints(verifier)],
  ])
  const sent: OpenidRequest[] = []

  async function send(request: OpenidRequest): Promise<OpenidAnswer> {
    sent.push(request)
    const { hostname, pathname } = new URL(request.url)
    const found = findEndpoint(hosts.get(hostname) ?? [], request.method, pathname)
    if (!found) return { status: 404, headers: {}, body: '' }
    return found.endpoint.handle(request, found.id)
  }

  const wallet: Wallet = { send, newKey: async () => newHolderKey(), anchors: [anchorDer], nowMs }
  return { clock, city, register, desk, issuer, verifier, wallet, send, sent, bundle, statusToken }
}

/** `fetch` over a scene, for clients of others. */
export function fetchOver(send: (request: OpenidRequest) => Promise<OpenidAnswer>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const headers = Object.fromEntries(request.headers.entries())
    const answer = await send({ method: request.method, url: request.url, headers, body: await request.text() })
    const body = answer.status === 204 ? null : toUtf8(answer.body)
    const response = new Response(body && new Uint8Array(body), { status: answer.status, headers: answer.headers })
    Object.defineProperty(response, 'url', { value: request.url })
    return response
  }
}

/** The DNS names of a certificate in base64, as clients of others want to be told. */
export function certificateNames(base64: string) {
  const { subjectAltName = '' } = new X509Certificate(Buffer.from(base64, 'base64'))
  return { sanDnsNames: subjectAltName.split(', ').map((name) => name.replace('DNS:', '')), sanUriNames: [] }
}
