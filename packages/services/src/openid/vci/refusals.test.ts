/** One row for each way in which an issuer is asked wrongly; what libraries let pass is among them. */
import { sha256 } from '@chengxin/crypto/node'
import { formRequest, getRequest, type HolderKey, jsonRequest, preAuthorizedGrant, signToken } from '@chengxin/holder'
import { expectOk, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { vct } from '@chengxin/testkit/certificate-city'
import { createOpenidScene, identifier, newHolderKey, walletId, walletRedirect } from '@chengxin/testkit/openid-scene'
import { describe, expect, test } from 'vitest'
import type { OpenidAnswer, OpenidRequest } from '../exchange.ts'
import { finishAuthorization, openAuthorization } from './authorize.ts'
import { createIssuer } from './issuer.ts'
import { makeNonce } from './nonce.ts'
import { createPreAuthorizedOffer } from './offer.ts'

type Scene = ReturnType<typeof createOpenidScene>

function codeOf({ body }: OpenidAnswer): string {
  return (JSON.parse(body || '{"code":"ok"}') as { code?: string }).code ?? 'ok'
}

const urls = {
  par: `${identifier}/par`,
  token: `${identifier}/token`,
  credential: `${identifier}/credential`,
  notification: `${identifier}/notification`,
  deferred: `${identifier}/deferred-credential`,
}
let jti = 0

function without(form: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))
}

interface Changes {
  readonly header?: JsonObject
  readonly payload?: JsonObject
  readonly key?: HolderKey
  readonly text?: (jwt: string) => string
}

async function dpop(scene: Scene, key: HolderKey, url: string, token?: string, change: Changes = {}): Promise<string> {
  const ath = token === undefined ? {} : { ath: toBase64url(sha256(toUtf8(token))) }
  const payload = {
    jti: `proof ${++jti}`,
    htm: 'POST',
    htu: url,
    iat: scene.clock.nowMs / 1000,
    ...ath,
    ...change.payload,
  }
  const jwt = await signToken(change.key ?? key, { typ: 'dpop+jwt', jwk: key.jwk, ...change.header }, payload)
  return change.text ? change.text(jwt) : jwt
}

async function offered(scene: Scene, withTxCode = true, subject = 'chan') {
  const { offer, txCode } = await createPreAuthorizedOffer(scene.issuer, {
    subject,
    configurationIds: ['degree'],
    withTxCode,
  })
  const grants = offer['grants'] as { [name: string]: { 'pre-authorized_code': string } }
  const code = grants[preAuthorizedGrant]?.['pre-authorized_code'] ?? ''
  return {
    code,
    form: { grant_type: preAuthorizedGrant, 'pre-authorized_code': code, ...(txCode && { tx_code: txCode }) },
  }
}

async function tokenFor(scene: Scene, key: HolderKey, subject = 'chan'): Promise<string> {
  const { form } = await offered(scene, true, subject)
  const answer = await scene.send(formRequest(urls.token, form, { dpop: await dpop(scene, key, urls.token) }))
  expect(answer.headers['cache-control']).toBe('no-store')
  return (JSON.parse(answer.body) as { access_token: string }).access_token
}

describe('pre-authorised codes', () => {
  test.each<[string, (form: Record<string, string>) => Record<string, string>, string]>([
    ['another grant type', (form) => ({ ...form, grant_type: 'password' }), 'grant_type_not_supported'],
    ['no code', (form) => without(form, 'pre-authorized_code'), 'code_missing'],
    ['a code of nobody', (form) => ({ ...form, 'pre-authorized_code': 'none' }), 'code_unknown'],
    ['no transaction code', (form) => without(form, 'tx_code'), 'tx_code_missing'],
    ['another transaction code', (form) => ({ ...form, tx_code: `${form['tx_code']}0` }), 'tx_code_wrong'],
  ])('%s', async (_case, change, code) => {
    const scene = createOpenidScene()
    const { form } = await offered(scene)
    const send = async (body: Record<string, string>) =>
      codeOf(await scene.send(formRequest(urls.token, body, { dpop: await dpop(scene, newHolderKey(), urls.token) })))
    expect(await send(change(form as Record<string, string>))).toBe(code)
    // A mistake does not cost the resident the offer.
    expect(await send(form as Record<string, string>)).toBe('ok')
    expect(await send(form as Record<string, string>)).toBe('code_unknown')
  })

  test('the third wrong transaction code voids the offer, and a code nobody asked for is refused', async () => {
    const scene = createOpenidScene({ issuer: { needsDpop: false } })
    const { form } = await offered(scene)
    const wrong = { ...form, tx_code: 'wrong' }
    for (let times = 0; times < 3; times++)
      expect(codeOf(await scene.send(formRequest(urls.token, wrong)))).toBe('tx_code_wrong')
    expect(codeOf(await scene.send(formRequest(urls.token, form as Record<string, string>)))).toBe('code_unknown')
    const open = await offered(scene, false)
    const extra = { ...open.form, tx_code: '123456' }
    expect(codeOf(await scene.send(formRequest(urls.token, extra)))).toBe('tx_code_unexpected')
  })

  test('a code past its time, and two at the same moment', async () => {
    const scene = createOpenidScene({ issuer: { needsDpop: false } })
    const { form } = await offered(scene)
    const request = formRequest(urls.token, form)
    const both = await Promise.all([scene.send(request), scene.send(request)])
    expect(both.map(codeOf).sort()).toEqual(['code_unknown', 'ok'])
    const late = await offered(scene)
    scene.clock.nowMs += 10 * 60_000
    expect(codeOf(await scene.send(formRequest(urls.token, late.form as Record<string, string>)))).toBe('code_unknown')
  })
})

describe('DPoP', () => {
  const other = newHolderKey()
  test.each<[string, Changes | undefined, string]>([
    ['none', undefined, 'dpop_missing'],
    ['no token at all', { text: () => 'x' }, 'dpop_malformed'],
    ['another type', { header: { typ: 'jwt' } }, 'dpop_malformed'],
    ['no jti', { payload: { jti: '' } }, 'dpop_malformed'],
    ['no time', { payload: { iat: 'now' } }, 'dpop_malformed'],
    ['a private key in it', { header: { jwk: { ...other.jwk, d: 'x' } } }, 'dpop_key_not_allowed'],
    ['alg none', { header: { alg: 'none' } }, 'dpop_algorithm_not_allowed'],
    ['HMAC', { header: { alg: 'HS256' } }, 'dpop_algorithm_not_allowed'],
    ['signed by another', { key: other }, 'dpop_signature_invalid'],
    ['for another address', { payload: { htu: urls.credential } }, 'dpop_other_request'],
    ['for another method', { payload: { htm: 'GET' } }, 'dpop_other_request'],
    ['from 1970', { payload: { iat: 0 } }, 'dpop_too_old'],
    ['from tomorrow', { payload: { iat: 2_000_000_000 } }, 'dpop_from_future'],
    ['used before', { payload: { jti: 'the same' } }, 'dpop_replayed'],
  ])('%s', async (_case, change, code) => {
    const scene = createOpenidScene()
    const key = newHolderKey()
    const headers = change === undefined ? {} : { dpop: await dpop(scene, key, urls.token, undefined, change) }
    if (code === 'dpop_replayed') {
      const { form } = await offered(scene)
      expect(codeOf(await scene.send(formRequest(urls.token, form as Record<string, string>, headers)))).toBe('ok')
    }
    const { form } = await offered(scene)
    expect(codeOf(await scene.send(formRequest(urls.token, form as Record<string, string>, headers)))).toBe(code)
  })

  test('binds the token: another key, another token, no proof, bearer', async () => {
    const scene = createOpenidScene()
    const key = newHolderKey()
    const token = await tokenFor(scene, key)
    const send = async (headers: OpenidRequest['headers']) => {
      const answer = await scene.send(jsonRequest(urls.credential, {}, headers))
      return codeOf(answer)
    }
    const authorization = `DPoP ${token}`
    expect(await send({ authorization, dpop: await dpop(scene, other, urls.credential, token) })).toBe(
      'dpop_key_changed',
    )
    expect(await send({ authorization, dpop: await dpop(scene, key, urls.credential, 'other') })).toBe(
      'dpop_other_token',
    )
    expect(await send({ authorization, dpop: await dpop(scene, key, urls.credential) })).toBe('dpop_other_token')
    expect(await send({ authorization })).toBe('dpop_missing')
    expect(await send({ authorization: `Bearer ${token}` })).toBe('token_scheme_wrong')
    expect(await send({ authorization: 'DPoP unknown' })).toBe('token_unknown')
    expect(await send({})).toBe('token_missing')
    scene.clock.nowMs += 61 * 60_000
    const late = await scene.send(jsonRequest(urls.credential, {}, { authorization }))
    expect([codeOf(late), late.status]).toEqual(['token_unknown', 401])
    expect(late.headers['www-authenticate']).toContain('invalid_token')
  })
})

async function proofOf(scene: Scene, key: HolderKey, change: Changes = {}): Promise<string> {
  const payload = { aud: identifier, iat: scene.clock.nowMs / 1000, nonce: makeNonce(scene.issuer), ...change.payload }
  const jwt = await signToken(
    change.key ?? key,
    { typ: 'openid4vci-proof+jwt', jwk: key.jwk, ...change.header },
    payload,
  )
  return change.text ? change.text(jwt) : jwt
}

async function requestWith(scene: Scene, body: JsonObject, subject = 'chan'): Promise<string> {
  const key = newHolderKey()
  const token = await tokenFor(scene, key, subject)
  const headers = { authorization: `DPoP ${token}`, dpop: await dpop(scene, key, urls.credential, token) }
  return codeOf(await scene.send(jsonRequest(urls.credential, body, headers)))
}

const wish = { credential_configuration_id: 'degree' }

describe('proofs of the holder’s keys', () => {
  const other = newHolderKey()
  const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  test.each<[string, Changes, string]>([
    ['all as it should be', {}, 'ok'],
    ['no token at all', { text: () => 'x' }, 'proof_malformed'],
    ['another type', { header: { typ: 'JWT' } }, 'proof_malformed'],
    ['a key named twice', { header: { kid: 'did:example:1' } }, 'proof_malformed'],
    ['a critical header', { header: { crit: ['exp'] } }, 'proof_malformed'],
    ['no time', { payload: { iat: null } }, 'proof_malformed'],
    ['a private key in it', { header: { jwk: { ...other.jwk, d: 'x' } } }, 'proof_key_not_allowed'],
    ['a key of another kind', { header: { jwk: ed25519 } }, 'proof_key_not_allowed'],
    ['alg none', { header: { alg: 'none' } }, 'proof_algorithm_not_allowed'],
    ['HMAC under the public key', { header: { alg: 'HS256' } }, 'proof_algorithm_not_allowed'],
    ['signed by another', { key: other }, 'proof_signature_invalid'],
    ['for another issuer', { payload: { aud: 'https://other.example' } }, 'proof_audience_wrong'],
    ['for several issuers', { payload: { aud: [identifier, 'https://other.example'] } }, 'proof_audience_wrong'],
    ['from another wallet', { payload: { iss: 'https://other.example' } }, 'proof_client_wrong'],
    ['from 1970', { payload: { iat: 0 } }, 'proof_too_old'],
    ['from tomorrow', { payload: { iat: 2_000_000_000 } }, 'proof_from_future'],
    ['without a nonce', { payload: { nonce: '' } }, 'proof_nonce_missing'],
    ['with a nonce of its own', { payload: { nonce: 'A'.repeat(51) } }, 'proof_nonce_invalid'],
  ])('%s', async (_case, change, code) => {
    const scene = createOpenidScene()
    expect(await requestWith(scene, { ...wish, proofs: { jwt: [await proofOf(scene, newHolderKey(), change)] } })).toBe(
      code,
    )
  })

  test('a nonce is used once, by whomever, and not past its time', async () => {
    const scene = createOpenidScene()
    const nonce = makeNonce(scene.issuer)
    const proofs = async () => ({
      ...wish,
      proofs: { jwt: [await proofOf(scene, newHolderKey(), { payload: { nonce } })] },
    })
    expect(await requestWith(scene, await proofs())).toBe('ok')
    expect(await requestWith(scene, await proofs())).toBe('proof_nonce_replayed')
    const late = makeNonce(scene.issuer)
    scene.clock.nowMs += 5 * 60_000
    const body = { ...wish, proofs: { jwt: [await proofOf(scene, newHolderKey(), { payload: { nonce: late } })] } }
    expect(await requestWith(scene, body)).toBe('proof_nonce_invalid')
  })

  test('a nonce that was changed anywhere is none of ours', async () => {
    const scene = createOpenidScene()
    const nonce = makeNonce(scene.issuer)
    for (const at of [0, 20, 25, 35, 50]) {
      const changed = nonce.slice(0, at) + (nonce[at] === 'A' ? 'Q' : 'A') + nonce.slice(at + 1)
      const jwt = await proofOf(scene, newHolderKey(), { payload: { nonce: changed } })
      expect(await requestWith(scene, { ...wish, proofs: { jwt: [jwt] } })).toBe('proof_nonce_invalid')
    }
  })

  test('the same key twice, more keys than are served, and forms that are no list', async () => {
    const scene = createOpenidScene({ issuer: { batchSize: 2 } })
    const key = newHolderKey()
    const twice = [await proofOf(scene, key), await proofOf(scene, key)]
    expect(await requestWith(scene, { ...wish, proofs: { jwt: twice } })).toBe('proof_key_repeated')
    const three = [...twice, await proofOf(scene, newHolderKey())]
    expect(await requestWith(scene, { ...wish, proofs: { jwt: three } })).toBe('proofs_too_many')
    for (const proofs of [undefined, [], { jwt: [] }, { jwt: [1] }, { jwt: 'x' }, { jwt: twice, attestation: ['x'] }]) {
      expect(await requestWith(scene, { ...wish, ...(proofs && { proofs }) })).toBe('proofs_malformed')
    }
    expect(await requestWith(scene, { ...wish, proofs: { di_vp: ['x'] } })).toBe('proof_type_not_supported')
    const [jwt = ''] = twice
    for (const proof of ['x', null, [], {}, { proof_type: 'jwt' }, { proof_type: 1, jwt }]) {
      expect(await requestWith(scene, { ...wish, proof })).toBe('proofs_malformed')
    }
    const proof = { proof_type: 'jwt', jwt }
    expect(await requestWith(scene, { ...wish, proof, proofs: { jwt: [jwt] } })).toBe('proofs_malformed')
    expect(await requestWith(scene, { ...wish, proof: { proof_type: 'di_vp', di_vp: {} } })).toBe(
      'proof_type_not_supported',
    )
    expect(await requestWith(scene, { ...wish, proof })).toBe('ok')
  })

  test('one bad proof among good ones spoils all, and uses no nonce up', async () => {
    const scene = createOpenidScene()
    const nonce = makeNonce(scene.issuer)
    const good = await proofOf(scene, newHolderKey(), { payload: { nonce } })
    const bad = await proofOf(scene, newHolderKey(), { payload: { nonce, aud: 'https://other.example' } })
    expect(await requestWith(scene, { ...wish, proofs: { jwt: [good, bad] } })).toBe('proof_audience_wrong')
    expect(await requestWith(scene, { ...wish, proofs: { jwt: [good] } })).toBe('ok')
  })
})

describe('credential requests', () => {
  test.each<[string, JsonObject, string]>([
    ['no configuration', {}, 'credential_request_malformed'],
    ['an identifier nobody gave', { credential_identifier: 'x' }, 'credential_identifier_not_supported'],
    ['an encrypted answer', { ...wish, credential_response_encryption: {} }, 'encryption_not_supported'],
    ['an unknown configuration', { credential_configuration_id: 'passport' }, 'credential_configuration_unknown'],
    ['a name that every object has', { credential_configuration_id: 'toString' }, 'credential_configuration_unknown'],
    ['one that was not offered', { credential_configuration_id: 'licence' }, 'credential_not_granted'],
  ])('%s', async (_case, body, code) => {
    const licence = { vct: 'urn:licence', scope: 'licence', metadata: {} }
    const degree = { vct, scope: 'degree', metadata: {} }
    const scene = createOpenidScene({ issuer: { configurations: { degree, licence } } })
    expect(await requestWith(scene, body)).toBe(code)
  })

  test('a token fetches once; a refusal of the issuer does not use the wish up', async () => {
    const scene = createOpenidScene({ issuer: { needsDpop: false } })
    const tokenOf = async (subject: string) => {
      const { form } = await offered(scene, true, subject)
      const { body } = await scene.send(formRequest(urls.token, form))
      return (JSON.parse(body) as { access_token: string }).access_token
    }
    const fetchWith = async (token: string) => {
      const body = { ...wish, proofs: { jwt: [await proofOf(scene, newHolderKey())] } }
      return codeOf(await scene.send(jsonRequest(urls.credential, body, { authorization: `Bearer ${token}` })))
    }
    const token = await tokenOf('chan')
    expect([await fetchWith(token), await fetchWith(token)]).toEqual(['ok', 'credential_already_issued'])
    const denied = await tokenOf('nobody')
    expect([await fetchWith(denied), await fetchWith(denied)]).toEqual(['issuance_denied', 'issuance_denied'])
  })

  test('an issuer that breaks down keeps the wish for another time', async () => {
    let isBroken = true
    const scene = createOpenidScene()
    const { fill } = scene.issuer
    const breaking = createOpenidScene({
      issuer: {
        needsDpop: false,
        fill: async (order) => {
          if (isBroken) throw new Error('The disk is gone.')
          return fill(order)
        },
      },
    })
    const { form } = await offered(breaking)
    const { body } = await breaking.send(formRequest(urls.token, form))
    const authorization = `Bearer ${(JSON.parse(body) as { access_token: string }).access_token}`
    const send = async () => {
      const proofs = { jwt: [await proofOf(breaking, newHolderKey())] }
      return breaking.send(jsonRequest(urls.credential, { ...wish, proofs }, { authorization }))
    }
    await expect(send()).rejects.toThrow('The disk is gone.')
    isBroken = false
    expect(codeOf(await send())).toBe('ok')
  })
})

describe('signing in', () => {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  const pushed = {
    response_type: 'code',
    client_id: walletId,
    redirect_uri: walletRedirect,
    scope: 'degree',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }

  test.each<[string, Record<string, string>, string]>([
    ['no wallet', { client_id: '' }, 'client_unknown'],
    ['an unknown wallet', { client_id: 'https://other.example' }, 'client_unknown'],
    ['another response type', { response_type: 'token' }, 'response_type_not_supported'],
    ['a redirect elsewhere', { redirect_uri: 'https://evil.example' }, 'redirect_uri_not_registered'],
    ['a redirect that begins alike', { redirect_uri: `${walletRedirect}/../evil` }, 'redirect_uri_not_registered'],
    ['no challenge', { code_challenge: '' }, 'pkce_missing'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'pkce_method_not_allowed'],
    ['nothing asked for', { scope: '' }, 'scope_unknown'],
    ['an unknown scope beside a known one', { scope: 'degree passport' }, 'scope_unknown'],
    ['a request object', { request: 'x' }, 'request_object_not_supported'],
    ['another key than it promises', { dpop_jkt: 'x' }, 'dpop_key_changed'],
  ])('%s', async (_case, change, code) => {
    const scene = createOpenidScene()
    const headers = { dpop: await dpop(scene, newHolderKey(), urls.par) }
    expect(codeOf(await scene.send(formRequest(urls.par, { ...pushed, ...change }, headers)))).toBe(code)
  })

  async function codeFrom(scene: Scene, key: HolderKey): Promise<string> {
    const headers = { dpop: await dpop(scene, key, urls.par) }
    const { body } = await scene.send(formRequest(urls.par, pushed, headers))
    const { request_uri: requestUri } = JSON.parse(body) as { request_uri: string }
    const query = new Map([
      ['client_id', walletId],
      ['request_uri', requestUri],
    ])
    expect(await openAuthorization(scene.issuer, new Map(query).set('client_id', 'other'))).toEqual({
      refused: 'client_mismatch',
    })
    const { location } = expectOk(await finishAuthorization(scene.issuer, query, { subject: 'chan' }))
    return new URL(location).searchParams.get('code') ?? ''
  }

  // RFC 7636 appendix B.
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const redeem = {
    grant_type: 'authorization_code',
    client_id: walletId,
    redirect_uri: walletRedirect,
    code_verifier: verifier,
  }

  test.each<[string, Record<string, string>, string]>([
    ['all as it should be', {}, 'ok'],
    ['another wallet', { client_id: 'https://other.example' }, 'client_mismatch'],
    ['another redirect', { redirect_uri: 'https://evil.example' }, 'redirect_uri_mismatch'],
    ['another verifier', { code_verifier: `${verifier}x` }, 'pkce_verifier_wrong'],
    ['no verifier', { code_verifier: '' }, 'pkce_verifier_wrong'],
  ])('a code with %s', async (_case, change, code) => {
    const scene = createOpenidScene()
    const key = newHolderKey()
    const form = { ...redeem, code: await codeFrom(scene, key) }
    const send = async (body: Record<string, string>, by = key) =>
      codeOf(await scene.send(formRequest(urls.token, body, { dpop: await dpop(scene, by, urls.token) })))
    expect(await send({ ...form, ...change })).toBe(code)
    expect(await send(form)).toBe('code_reused')
  })

  test('a code by another key, no code, one past its time; a second use voids the token of the first', async () => {
    const scene = createOpenidScene()
    const key = newHolderKey()
    const send = async (code: string, by = key) =>
      scene.send(
        formRequest(urls.token, { ...redeem, ...(code && { code }) }, { dpop: await dpop(scene, by, urls.token) }),
      )
    expect(codeOf(await send(await codeFrom(scene, key), newHolderKey()))).toBe('dpop_key_changed')
    expect(codeOf(await send(''))).toBe('code_missing')
    const late = await codeFrom(scene, key)
    scene.clock.nowMs += 60_000
    expect(codeOf(await send(late))).toBe('code_unknown')

    const code = await codeFrom(scene, key)
    const token = (JSON.parse((await send(code)).body) as { access_token: string }).access_token
    expect(codeOf(await send(code))).toBe('code_reused')
    const headers = { authorization: `DPoP ${token}`, dpop: await dpop(scene, key, urls.credential, token) }
    expect(codeOf(await scene.send(jsonRequest(urls.credential, wish, headers)))).toBe('token_unknown')
  })

  test('an address that was never pushed', async () => {
    const { issuer } = createOpenidScene()
    const query = new Map([['request_uri', 'urn:ietf:params:oauth:request_uri:none']])
    expect(await openAuthorization(issuer, query)).toEqual({ refused: 'request_uri_unknown' })
    const missing = formRequest(urls.par, { response_type: 'code' })
    expect(codeOf(await createOpenidScene().send(missing))).toBe('request_parameter_missing')
  })
})

describe('bodies', () => {
  test.each<[string, Partial<OpenidRequest>, string]>([
    ['of another type', { headers: { 'content-type': 'text/plain' } }, 'content_type_wrong'],
    ['with a parameter twice', { body: 'grant_type=a&grant_type=b' }, 'parameter_repeated'],
    ['with a broken escape', { body: 'grant_type=%zz' }, 'form_malformed'],
    ['too large', { body: `a=${'x'.repeat(600_000)}` }, 'request_too_large'],
  ])('%s', async (_case, change, code) => {
    const scene = createOpenidScene()
    expect(codeOf(await scene.send({ ...formRequest(urls.token, {}), ...change }))).toBe(code)
  })

  test('of JSON with a name twice', async () => {
    const scene = createOpenidScene()
    const key = newHolderKey()
    const token = await tokenFor(scene, key)
    const headers = async (url: string) => ({
      'content-type': 'application/json',
      authorization: `DPoP ${token}`,
      dpop: await dpop(scene, key, url, token),
    })
    for (const url of [urls.credential, urls.deferred, urls.notification]) {
      const request = { method: 'POST', url, headers: await headers(url), body: '{"a":1,"a":2}' }
      expect(codeOf(await scene.send(request))).toBe('json_malformed')
    }
  })

  test('an offer that nobody made, and an issuer of a bad name', async () => {
    expect(codeOf(await createOpenidScene().send(getRequest(`${identifier}/offers/none`)))).toBe('offer_not_found')
    const { issuer } = createOpenidScene()
    for (const bad of ['http://issuer.example', 'https://issuer.example/', 'https://issuer.example?x=1', 'issuer']) {
      expect(() => createIssuer({ ...issuer, identifier: bad })).toThrow(bad)
    }
  })

  test('full stores answer busy, and lose nothing', async () => {
    const full = { add: async () => false, get: async () => undefined, take: async () => undefined }
    const scene = createOpenidScene({ issuer: { needsDpop: false, stores: { pushed: full } } })
    const form = {
      response_type: 'code',
      client_id: walletId,
      redirect_uri: walletRedirect,
      scope: 'degree',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    }
    const answer = await scene.send(formRequest(urls.par, form))
    expect([answer.status, codeOf(answer)]).toEqual([503, 'too_busy'])
  })
})
