/** One row for each way in which a verifier is answered wrongly, and a wallet is asked wrongly. */
import { parseJwt } from '@chengxin/audit'
import {
  type AskedPresentation,
  browserAnswer,
  encryptObject,
  firstOptions,
  formRequest,
  getRequest,
  jsonRequest,
  openBrowserRequest,
  openRequest,
  optionsFor,
  presentationsOf,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  signToken,
} from '@chengxin/holder'
import { expectOk, isRefusal, type JsonObject, toBase64url } from '@chengxin/kernel'
import { vct } from '@chengxin/testkit/certificate-city'
import {
  anchorDer,
  createOpenidScene,
  leafDer,
  leafKey,
  newHolderKey,
  verifierOrigin,
  verifierUrl,
} from '@chengxin/testkit/openid-scene'
import { CompactEncrypt, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import type { OpenidAnswer, OpenidRequest } from '../exchange.ts'
import { createPreAuthorizedOffer, offerLink } from '../vci/offer.ts'
import { x5cOf } from '../x509-chain.ts'
import { decryptObject } from './encryption.ts'
import { startBrowserPresentation, startPresentation } from './request.ts'
import { collectResult } from './response.ts'
import { createVerifier } from './verifier.ts'

type Scene = ReturnType<typeof createOpenidScene>
const credential = { id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] } }
const asking = { ...credential, claims: [{ path: ['degree'] }, { path: ['anchor'] }] }
const query: JsonObject = { credentials: [asking] }
const responses = `${verifierUrl}/responses`

function codeOf({ body }: OpenidAnswer): string {
  return (JSON.parse(body || '{}') as { code?: string }).code ?? 'ok'
}

async function receive({ issuer, wallet }: Scene, count = 1): Promise<Received> {
  const offer = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
  const access = expectOk(
    await redeemPreAuthorized(wallet, expectOk(await readOffer(wallet, offerLink(offer))), offer.txCode),
  )
  return expectOk(await requestCertificates(wallet, access, 'degree', count)) as Received
}

/** A scene in which a request is open and a certificate at hand. */
async function asked(options: { encrypted?: boolean; query?: JsonObject; count?: number } = {}) {
  const scene = createOpenidScene()
  const held = await receive(scene, options.count)
  const { encrypted = false } = options
  const opened = expectOk(await startPresentation(scene.verifier, { query: options.query ?? query, encrypted }))
  const request = expectOk(await openRequest(scene.wallet, opened.link))
  const token = (change: Partial<AskedPresentation> = {}, nowMs = scene.clock.nowMs) =>
    presentationsOf(
      { ...scene.wallet, nowMs: () => nowMs },
      { ...request, ...change },
      firstOptions(expectOk(optionsFor(request, held.certificates))),
    )
  const post = async (form: { [name: string]: string }) => codeOf(await scene.send(formRequest(responses, form)))
  const postToken = (vpToken: unknown) => post({ vp_token: JSON.stringify(vpToken), state: request.state ?? '' })
  return { scene, held, opened, request, token, post, postToken }
}

test('a certificate whose type is newer than the bundle in hand is judged by the newest', async () => {
  const { scene, token, postToken } = await asked()
  const { verifier } = scene
  const newest = await verifier.bundle()
  const older = { ...newest, types: [] }
  const given = new Set<boolean>()
  Object.assign(verifier, {
    bundle: async ({ newest: isNewest } = { newest: false }) => {
      given.add(isNewest)
      return isNewest ? newest : older
    },
  })
  const [text = ''] = (await token())['degree'] ?? []
  expect(await postToken({ degree: [text] })).toBe('ok')
  expect([...given]).toEqual([false, true])
})

describe('answers', () => {
  test.each<[string, (text: string) => unknown, string]>([
    ['as it should be', (text) => ({ degree: [text] }), 'ok'],
    ['no list', (text) => ({ degree: text }), 'vp_token_malformed'],
    ['an empty list', () => ({ degree: [] }), 'vp_token_malformed'],
    ['nothing', () => ({}), 'vp_token_malformed'],
    ['an object for a text', () => ({ degree: [{}] }), 'vp_token_malformed'],
    ['another id', (text) => ({ other: [text] }), 'vp_token_id_unknown'],
    ['more than was asked', (text) => ({ degree: [text], other: [text] }), 'vp_token_id_unknown'],
    ['two for one', (text) => ({ degree: [text, `${text}x`] }), 'vp_token_too_many'],
    ['no holder’s proof', (text) => ({ degree: [text.slice(0, text.lastIndexOf('~') + 1)] }), 'presentation_not_valid'],
    ['no certificate', () => ({ degree: ['x~'] }), 'presentation_not_valid'],
    ['a field nobody signed', (text) => ({ degree: [withForged(text)] }), 'presentation_not_valid'],
    ['a field left out after the proof', (text) => ({ degree: [withoutFirst(text)] }), 'presentation_not_valid'],
  ])('%s', async (_case, change, code) => {
    const { token, postToken, scene, opened } = await asked()
    const [text = ''] = (await token())['degree'] ?? []
    expect(await postToken(change(text))).toBe(code)
    // A second answer finds nothing to answer, whatever the first was.
    expect(await postToken({ degree: [text] })).toBe('response_state_unknown')
    const result = await collectResult(scene.verifier, opened.ticket)
    expect(result).toMatchObject(code === 'ok' ? { status: 'accepted' } : { status: 'refused', code })
  })

  test.each<[string, Partial<AskedPresentation>, number, string]>([
    ['for another verifier', { audience: 'x509_hash:other' }, 0, 'holder_audience_wrong'],
    ['for the bare host', { audience: 'verifier.example' }, 0, 'holder_audience_wrong'],
    ['to another question', { nonce: 'another-nonce-of-some-length' }, 0, 'holder_nonce_wrong'],
    ['from long ago', {}, -6 * 60_000, 'holder_proof_too_old'],
    ['from the future', {}, 5 * 60_000, 'holder_proof_from_future'],
  ])('a holder’s proof %s', async (_case, change, shiftMs, code) => {
    const { scene, opened, token, postToken } = await asked()
    expect(await postToken(await token(change, scene.clock.nowMs + shiftMs))).toBe('presentation_not_valid')
    expect(JSON.stringify(await collectResult(scene.verifier, opened.ticket))).toContain(code)
  })

  test('a holder’s proof by another key, and of another certificate', async () => {
    const first = await asked({ count: 2 })
    const [one, two] = first.held.certificates as [Received['certificates'][0], Received['certificates'][0]]
    const options = new Map([['degree', [{ certificate: { ...one, key: newHolderKey() }, paths: [['degree']] }]]])
    expect(await first.postToken(await presentationsOf(first.scene.wallet, first.request, options))).toBe(
      'presentation_not_valid',
    )
    expect(JSON.stringify(await collectResult(first.scene.verifier, first.opened.ticket))).toContain(
      'holder_signature_invalid',
    )

    const second = await asked()
    const of = (certificate: typeof one) => new Map([['degree', [{ certificate, paths: [['degree']] }]]])
    const [shown = ''] = (await presentationsOf(first.scene.wallet, second.request, of(one)))['degree'] ?? []
    const [other = ''] =
      (await presentationsOf(first.scene.wallet, second.request, of({ ...two, key: one.key })))['degree'] ?? []
    const mixed = shown.slice(0, shown.lastIndexOf('~') + 1) + other.slice(other.lastIndexOf('~') + 1)
    expect(await second.postToken({ degree: [mixed] })).toBe('presentation_not_valid')
  })

  test.each<[string, JsonObject, JsonObject, string]>([
    ['another type', { ...asking, meta: { vct_values: ['urn:other'] } }, asking, 'dcql_type_other'],
    [
      'less than was asked',
      { ...asking, claims: [{ path: ['degree'] }, { path: ['gpa'] }] },
      asking,
      'dcql_claims_missing',
    ],
    [
      'another value',
      { ...asking, claims: [{ path: ['degree'], values: ['PHD'] }, { path: ['anchor'] }] },
      asking,
      'dcql_claims_missing',
    ],
    ['another format', { id: 'degree', format: 'mso_mdoc', meta: { doctype_value: 'x' } }, asking, 'dcql_format_other'],
  ])('a certificate that shows %s', async (_case, wanted, shown, code) => {
    const asks = { credentials: [wanted] }
    const scene = createOpenidScene()
    const held = await receive(scene)
    const opened = expectOk(await startPresentation(scene.verifier, { query: asks, encrypted: false }))
    const request = expectOk(await openRequest(scene.wallet, opened.link))
    const own = { ...request, query: expectOk(await shownQuery(scene, shown)) }
    const token = await presentationsOf(scene.wallet, request, expectOk(optionsFor(own, held.certificates)))
    const form = { vp_token: JSON.stringify(token), state: request.state ?? '' }
    expect(codeOf(await scene.send(formRequest(responses, form)))).toBe(code)
  })

  async function shownQuery(scene: Scene, shown: JsonObject) {
    const opened = expectOk(await startPresentation(scene.verifier, { query: { credentials: [shown] } }))
    const request = await openRequest(scene.wallet, opened.link)
    return isRefusal(request) ? request : request.query
  }

  test('one of two, where both are needed; two shows of one certificate for two', async () => {
    const both = {
      credentials: [
        { ...asking, id: 'one' },
        { ...asking, id: 'two' },
      ],
    }
    const first = await asked({ query: both })
    const { one = [] } = await first.token()
    expect(await first.postToken({ one })).toBe('dcql_not_satisfied')
    const many = await asked({ query: { credentials: [{ ...asking, multiple: true }] } })
    const [shown] = (await many.token())['degree'] ?? []
    const [again] = (await many.token())['degree'] ?? []
    expect(await many.postToken({ degree: [shown, again] })).toBe('vp_token_repeated')
  })

  test('without holder binding a copy will do, where the query says so; else the match refuses it', async () => {
    const copy = await asked({ query: { credentials: [{ ...asking, require_cryptographic_holder_binding: false }] } })
    const [text = ''] = (await copy.token())['degree'] ?? []
    expect(await copy.postToken({ degree: [text.slice(0, text.lastIndexOf('~') + 1)] })).toBe('ok')
    // Where a proof comes along although none was needed, it must hold all the same.
    const wrong = await asked({ query: { credentials: [{ ...asking, require_cryptographic_holder_binding: false }] } })
    expect(await wrong.postToken(await wrong.token({ nonce: 'another-nonce-of-some-length' }))).toBe(
      'presentation_not_valid',
    )
  })

  test('forms that are no answer leave the request open', async () => {
    const { post, request, token, postToken } = await asked()
    expect(await post({ vp_token: '{}' })).toBe('response_malformed')
    expect(await post({ vp_token: '[]', state: request.state ?? '' })).toBe('response_malformed')
    expect(await post({ vp_token: '{"degree":["a"],"degree":["b"]}', state: request.state ?? '' })).toBe(
      'response_malformed',
    )
    expect(await post({ vp_token: '{}', state: 'other' })).toBe('response_state_unknown')
    expect(await postToken(await token())).toBe('ok')
  })

  test('late answers find no request', async () => {
    const { scene, token, postToken } = await asked()
    const answer = await token()
    scene.clock.nowMs += 5 * 60_000
    expect(await postToken(answer)).toBe('response_state_unknown')
  })
})

function withForged(text: string): string {
  const forged = toBase64url(new TextEncoder().encode('["c2FsdHNhbHRzYWx0c2FsdA","honours","first"]'))
  const at = text.lastIndexOf('~')
  return `${text.slice(0, at)}~${forged}${text.slice(at)}`
}

function withoutFirst(text: string): string {
  const [jwt = '', _first, ...rest] = text.split('~')
  return [jwt, ...rest].join('~')
}

describe('encrypted answers', () => {
  test('the example of OpenID4VP 1.0 section 8.3 opens with its key, and with no other', async () => {
    const jwe = [
      'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt',
      '0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2piaGNhZlFhUkJrU1ZOSGx3Wkh3dC05ck9wSnVmeVlJdWsiLCJ5I',
      'joicjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05UWU45ZyIsImNydiI6IlAtMjU2In1',
      '9..uAYcHRUSSn2X0WPX.yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3hdLN',
      '4taHZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ',
    ].join('')
    const x = 'YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk'
    const y = 'Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk'
    const d = 'Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww'
    const key = { kid: 'ac', privateJwk: { kty: 'EC', crv: 'P-256', x, y, d } }
    expect(await decryptObject(jwe, key)).toEqual({ vp_token: { example_credential_id: ['eyJhb...YMetA'] } })
    const other = { kid: 'ac', privateJwk: { ...leafKey } }
    expect(await decryptObject(jwe, other)).toEqual({ refused: 'response_not_decrypted' })
    for (const spelled of [jwe.replace('..', '. .'), jwe.replace('.yV', '.y V'), `${jwe}\n`, `${jwe}==`]) {
      expect(await decryptObject(spelled, key)).toEqual({ refused: 'response_not_decrypted' })
    }
  })

  async function sealed() {
    const all = await asked({ encrypted: true })
    const { encryption } = all.request
    if (!encryption) throw new Error('The request offers no key.')
    const content = { vp_token: await all.token(), state: all.request.state }
    const seal = async (header: JsonObject, object: object = content, key: object = encryption.key) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(object)))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: encryption.kid ?? '', ...header })
        .encrypt(await importJWK({ ...key }, 'ECDH-ES'))
    return { ...all, encryption, content, seal }
  }

  test.each<[string, JsonObject, string]>([
    ['as it should be', {}, 'ok'],
    ['with the other cipher', { enc: 'A128GCM' }, 'ok'],
    ['with a cipher that was not offered', { enc: 'A128CBC-HS256' }, 'response_encryption_not_allowed'],
    ['with a wrapped key', { alg: 'ECDH-ES+A128KW' }, 'response_encryption_not_allowed'],
    ['to a request of nobody', { kid: 'other' }, 'response_state_unknown'],
  ])('%s', async (_case, header, code) => {
    const { seal, post } = await sealed()
    expect(await post({ response: await seal(header) })).toBe(code)
  })

  test('to another key, broken, in the open, with something beside, of another state, or no object', async () => {
    const { seal, post, content, encryption, scene } = await sealed()
    expect(await post({ response: await seal({}, content, newHolderKey().jwk) })).toBe('response_not_decrypted')
    const whole = await seal({})
    expect(await post({ response: `${whole.slice(0, -4)}AAAA` })).toBe('response_not_decrypted')
    expect(await post({ response: 'x' })).toBe('response_malformed')
    expect(await post({ response: whole, state: 'x' })).toBe('response_malformed')
    expect(await post({ response: await seal({}, [content]) })).toBe('response_malformed')
    const other = { ...content, state: 'other' }
    expect(await post({ response: await encryptObject(other, encryption) })).toBe('response_state_unknown')
    expect(await post({ vp_token: JSON.stringify(content.vp_token), state: content.state ?? '' })).toBe(
      'response_mode_wrong',
    )
    expect(await post({ response: whole })).toBe('ok')
    expect(await post({ response: whole })).toBe('response_state_unknown')
    expect(scene.sent.at(-1)?.url).toBe(responses)
  })
})

describe('requests', () => {
  test('a query that cannot be read is never sent', async () => {
    const { verifier } = createOpenidScene()
    expect(await startPresentation(verifier, { query: {} })).toEqual({ refused: 'dcql_malformed' })
    const elsewhere = { query, origin: 'https://evil.example' }
    expect(await startBrowserPresentation(verifier, elsewhere)).toEqual({ refused: 'response_origin_wrong' })
  })

  test('are fetched with a nonce that is a nonce, and only while they are open', async () => {
    const { scene, opened, token, postToken } = await asked()
    const bad = formRequest(opened.requestUri, { wallet_nonce: 'a b' })
    expect(codeOf(await scene.send(bad))).toBe('wallet_nonce_malformed')
    expect(codeOf(await scene.send(getRequest(`${verifierUrl}/requests/none`)))).toBe('request_not_found')
    expect((await scene.send(getRequest(opened.requestUri))).headers['content-type']).toBe(
      'application/oauth-authz-req+jwt',
    )
    await postToken(await token())
    expect(codeOf(await scene.send(getRequest(opened.requestUri)))).toBe('request_not_found')
  })

  test('a verifier that is known by name needs that name in its certificate', () => {
    const { verifier } = createOpenidScene()
    const { bundle, sign, nowMs } = verifier
    const options = { bundle, sign, nowMs, chain: [leafDer], origins: [], clientIdPrefix: 'x509_san_dns' as const }
    expect(() => createVerifier({ ...options, baseUrl: 'https://other.example' })).toThrow('other.example')
  })
})

describe('our wallet refuses', () => {
  interface Change {
    readonly header?: JsonObject
    readonly payload?: JsonObject
    readonly key?: typeof leafKey
    readonly link?: { readonly [name: string]: string }
    readonly anchors?: readonly Uint8Array[]
  }

  /** A request of our verifier, changed on its way and signed again. */
  async function opening(change: Change) {
    const scene = createOpenidScene({ verifier: { clientIdPrefix: 'x509_san_dns' } })
    const opened = expectOk(await startPresentation(scene.verifier, { query }))
    const signer = newHolderKey(change.key ?? leafKey)
    async function send(request: OpenidRequest): Promise<OpenidAnswer> {
      const answer = await scene.send(request)
      const jwt = parseJwt(answer.body, 100_000)
      if (!jwt) return answer
      const header = { ...jwt.header, ...change.header }
      return { ...answer, body: await signToken(signer, header, { ...jwt.payload, ...change.payload }) }
    }
    const { searchParams } = new URL(opened.link)
    for (const [name, value] of Object.entries(change.link ?? {})) searchParams.set(name, value)
    const wallet = { ...scene.wallet, send, ...(change.anchors && { anchors: change.anchors }) }
    const read = await openRequest(wallet, `openid4vp://?${searchParams.toString()}`)
    return isRefusal(read) ? read.refused : 'ok'
  }

  const hash = `x509_hash:${toBase64url(new Uint8Array(32))}`
  const noKey = { vp_formats_supported: {} }
  test.each<[string, Change, string]>([
    ['nothing, where all is as it should be', {}, 'ok'],
    ['a link by GET', { link: { request_uri_method: 'get' } }, 'link_malformed'],
    ['a link to nowhere', { link: { request_uri: 'nowhere' } }, 'link_malformed'],
    ['a request that is not there', { link: { request_uri: `${verifierUrl}/requests/none` } }, 'request_malformed'],
    ['another type of token', { header: { typ: 'JWT' } }, 'request_malformed'],
    ['no chain', { header: { x5c: [] } }, 'chain_malformed'],
    ['a chain with junk', { header: { x5c: ['AAAA'] } }, 'chain_malformed'],
    ['a chain with its authority', { header: { x5c: x5cOf([leafDer, anchorDer]) } }, 'chain_malformed'],
    ['a chain twice as long', { header: { x5c: x5cOf([leafDer, leafDer]) } }, 'chain_untrusted'],
    ['a chain to nobody', { anchors: [] }, 'chain_untrusted'],
    [
      'another client than its certificate',
      { payload: { client_id: 'x509_san_dns:evil.example' } },
      'request_client_mismatch',
    ],
    ['another hash than its certificate’s', { payload: { client_id: hash } }, 'request_client_mismatch'],
    ['another client than its link', { link: { client_id: hash } }, 'request_client_mismatch'],
    ['a signature of another', { key: { ...leafKey, ...keyOfAnother() } }, 'request_signature_invalid'],
    ['HMAC', { header: { alg: 'HS256' } }, 'request_signature_invalid'],
    ['an old request', { payload: { exp: 1_700_000_000 } }, 'request_expired'],
    ['one from tomorrow', { payload: { iat: 2_000_000_000 } }, 'request_expired'],
    ['another’s nonce', { payload: { wallet_nonce: 'other' } }, 'request_wallet_nonce_wrong'],
    [
      'an answer sent elsewhere',
      { payload: { response_uri: 'https://evil.example/responses' } },
      'request_response_uri_wrong',
    ],
    ['a short nonce', { payload: { nonce: 'short' } }, 'request_malformed'],
    ['another response type', { payload: { response_type: 'code' } }, 'request_malformed'],
    ['a mode for browsers', { payload: { response_mode: 'dc_api.jwt' } }, 'request_malformed'],
    [
      'a redirect beside the place to answer',
      { payload: { redirect_uri: 'https://verifier.example' } },
      'request_malformed',
    ],
    ['a transaction that it cannot show', { payload: { transaction_data: ['x'] } }, 'request_malformed'],
    ['a query that cannot be read', { payload: { dcql_query: {} } }, 'dcql_malformed'],
    ['no key to encrypt to', { payload: { client_metadata: noKey } }, 'request_encryption_missing'],
  ])('%s', async (_case, change, code) => {
    expect(await opening(change)).toBe(code)
  })

  function keyOfAnother(): { d: string } {
    return { d: toBase64url(new Uint8Array(32).fill(9)) }
  }

  test('a certificate whose time has not come', async () => {
    const scene = createOpenidScene()
    const opened = expectOk(await startPresentation(scene.verifier, { query }))
    const early = { ...scene.wallet, nowMs: () => Date.UTC(2020, 0, 1) }
    expect(await openRequest(early, opened.link)).toEqual({ refused: 'chain_not_in_force' })
  })

  test('pages that are not those the request names', async () => {
    const { verifier, wallet } = createOpenidScene()
    const origin = verifierOrigin
    const { digital } = expectOk(await startBrowserPresentation(verifier, { query, origin }))
    const [request] = digital.requests as [(typeof digital.requests)[0]]
    expect(await openBrowserRequest(wallet, request, 'https://evil.example')).toEqual({
      refused: 'request_origin_wrong',
    })
    const unknown = { ...request, protocol: 'openid4vp' }
    expect(await openBrowserRequest(wallet, unknown, origin)).toEqual({ refused: 'request_malformed' })
    const open = expectOk(await startBrowserPresentation(verifier, { query, origin, signed: false }))
    const { protocol = '', data = {} } = open.digital.requests[0] ?? {}
    const named = { protocol, data: { ...data, client_id: 'x509_san_dns:bank.example' } }
    // Nobody signed the name, so the holder answers the page and sees no name.
    expect(await openBrowserRequest(wallet, named, origin)).toMatchObject({
      audience: `origin:${origin}`,
      dnsNames: [],
    })
  })

  test('offers that cannot be read, and issuers that call themselves otherwise', async () => {
    const { wallet, issuer, send } = createOpenidScene()
    const { offer } = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
    const linkOf = (change: JsonObject) => offerLink({ offer: { ...offer, ...change } })
    expect(await readOffer(wallet, 'https://issuer.example')).toEqual({ refused: 'offer_malformed' })
    expect(await readOffer(wallet, linkOf({ credential_configuration_ids: [] }))).toEqual({
      refused: 'offer_malformed',
    })
    expect(await readOffer(wallet, linkOf({ grants: {} }))).toEqual({ refused: 'offer_grant_not_supported' })
    const elsewhere = linkOf({ credential_issuer: 'https://evil.example' })
    expect(await readOffer(wallet, elsewhere)).toEqual({ refused: 'issuer_metadata_malformed' })
    const answering = (change: JsonObject, at: string) => ({
      ...wallet,
      send: async (request: OpenidRequest) => {
        const answer = await send(request)
        if (!request.url.includes(at)) return answer
        return { ...answer, body: JSON.stringify({ ...(JSON.parse(answer.body) as JsonObject), ...change }) }
      },
    })
    const link = linkOf({})
    const posing = answering({ credential_issuer: 'https://other.example' }, 'openid-credential-issuer')
    expect(await readOffer(posing, link)).toEqual({ refused: 'issuer_mismatch' })
    const server = answering({ issuer: 'https://other.example' }, 'oauth-authorization-server')
    expect(await readOffer(server, link)).toEqual({ refused: 'issuer_mismatch' })
    const tokenless = answering({ access_token: 7 }, '/token')
    const read = expectOk(await readOffer(tokenless, link))
    expect(await redeemPreAuthorized(tokenless, read, '000000')).toMatchObject({
      refused: 'issuer_refused',
      code: 'tx_code_wrong',
    })
  })

  test('certificates that are not what was asked for, and tokens of another kind', async () => {
    const scene = createOpenidScene()
    const other = (await receive(scene)).certificates[0]?.text ?? ''
    const answering = (at: string, change: JsonObject) => ({
      ...scene.wallet,
      send: async (request: OpenidRequest) => {
        const answer = await scene.send(request)
        if (!request.url.endsWith(at)) return answer
        return { ...answer, body: JSON.stringify({ ...(JSON.parse(answer.body) as JsonObject), ...change }) }
      },
    })
    for (const text of [other, 'x', `${other.slice(0, -40)}~`]) {
      const wallet = answering('/credential', { credentials: [{ credential: text }] })
      const offer = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
      const access = expectOk(
        await redeemPreAuthorized(wallet, expectOk(await readOffer(wallet, offerLink(offer))), offer.txCode),
      )
      expect(await requestCertificates(wallet, access, 'degree')).toEqual({ refused: 'certificate_malformed' })
    }
    const bearer = answering('/token', { token_type: 'Bearer' })
    const offer = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
    const read = expectOk(await readOffer(bearer, offerLink(offer)))
    expect(await redeemPreAuthorized(bearer, read, offer.txCode)).toEqual({ refused: 'issuer_answer_malformed' })
  })
})

describe('answers through the browser', () => {
  const url = `${verifierUrl}/browser-responses`
  const origin = verifierOrigin

  test('of another protocol, in the open, malformed, or by error', async () => {
    const scene = createOpenidScene()
    const held = await receive(scene)
    const { ticket, digital } = expectOk(await startBrowserPresentation(scene.verifier, { query, origin }))
    const [request] = digital.requests as [(typeof digital.requests)[0]]
    const read = expectOk(await openBrowserRequest(scene.wallet, request, origin))
    const data = await browserAnswer(scene.wallet, read, expectOk(optionsFor(read, held.certificates)))
    const { protocol } = request
    const send = async (body: object) => codeOf(await scene.send(jsonRequest(url, body, { origin })))
    expect(await send({ ticket, protocol: 'openid4vp-v1-unsigned', data })).toBe('response_protocol_wrong')
    expect(await send({ ticket, protocol, data: { vp_token: {} } })).toBe('response_mode_wrong')
    expect(await send({ ticket, protocol, data: { response: 7 } })).toBe('response_malformed')
    expect(await send({ ticket, protocol })).toBe('response_malformed')
    expect(await send({ ticket: 'other', protocol, data })).toBe('response_state_unknown')
    expect(codeOf(await scene.send(jsonRequest(url, { ticket, protocol, data })))).toBe('response_origin_wrong')
    expect(await send({ ticket, protocol, data: { error: 'access_denied' } })).toBe('ok')
    expect(await collectResult(scene.verifier, ticket)).toMatchObject({ status: 'refused', code: 'wallet_refused' })
    expect(await send({ ticket, protocol, data })).toBe('response_state_unknown')
  })

  test('an answer made for another page is none for this one', async () => {
    const scene = createOpenidScene()
    const held = await receive(scene)
    const options = { query, origin, signed: false, encrypted: false }
    const { ticket, digital } = expectOk(await startBrowserPresentation(scene.verifier, options))
    const [request] = digital.requests as [(typeof digital.requests)[0]]
    // The page in the middle shows the request as its own; the wallet signs for the page that it sees.
    const read = expectOk(await openBrowserRequest(scene.wallet, request, 'https://evil.example'))
    const data = await browserAnswer(scene.wallet, read, expectOk(optionsFor(read, held.certificates)))
    const body = { ticket, protocol: request.protocol, data }
    expect(codeOf(await scene.send(jsonRequest(url, body, { origin })))).toBe('presentation_not_valid')
    expect(JSON.stringify(await collectResult(scene.verifier, ticket))).toContain('holder_audience_wrong')
  })
})
