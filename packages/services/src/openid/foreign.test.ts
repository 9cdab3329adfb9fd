/**
 * Our issuer and verifier before a wallet, and our wallet before a verifier, that others wrote: @openid4vc for the
 * protocols, @sd-jwt for the certificates, jose for tokens and encryption.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  answerRequest,
  openRequest,
  optionsFor,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
} from '@chengxin/holder'
import { expectOk, isRefusal } from '@chengxin/kernel'
import { vct } from '@chengxin/testkit/certificate-city'
import {
  anchorDer,
  certificateNames,
  createOpenidScene,
  fetchOver,
  leafDer,
  leafKey,
  walletId,
  walletRedirect,
} from '@chengxin/testkit/openid-scene'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { Openid4vpClient, Openid4vpVerifier } from '@openid4vc/openid4vp'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import {
  CompactEncrypt,
  calculateJwkThumbprint,
  compactDecrypt,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  importX509,
  type JWK,
  SignJWT,
} from 'jose'
import { expect, test } from 'vitest'
import type { OpenidRequest } from './exchange.ts'
import { readParameters } from './exchange.ts'
import { finishAuthorization } from './vci/authorize.ts'
import { createAuthorizationOffer, createPreAuthorizedOffer, offerLink, offerLinkByReference } from './vci/offer.ts'
import { createEncryptionKey, encryptionMetadata } from './vp/encryption.ts'
import { startPresentation } from './vp/request.ts'
import { collectResult } from './vp/response.ts'
import { x5cOf } from './x509-chain.ts'

type Scene = ReturnType<typeof createOpenidScene>
const hasher = (data: string | ArrayBuffer | Uint8Array, algorithm: string) => {
  const bytes = typeof data === 'string' ? data : new Uint8Array(data)
  return new Uint8Array(createHash(algorithm.replace('-', '')).update(bytes).digest())
}

/** The reader and verifier of @sd-jwt, with the status list as the node serves it. */
function foreignReader({ city, bundle }: Scene, holder: JWK) {
  const verifyWith = (jwk: object) => async (data: string, signature: string) => {
    await compactVerify(`${data}.${signature}`, await importJWK({ ...jwk }, 'ES256'))
    return true
  }
  return new SDJwtVcInstance({
    hasher,
    hashAlg: 'sha-256',
    verifier: verifyWith(city.issuer.jwk),
    kbVerifier: verifyWith(holder),
    statusListFetcher: async () => (await bundle()).statusLists[0]?.token as string,
    statusVerifier: verifyWith(city.issuer.jwk),
  } as never)
}

/** What @openid4vc asks of its surroundings, with keys that stay here. */
function foreignWallet({ send, clock }: Pick<Scene, 'send' | 'clock'>) {
  const keys = new Map<string, CryptoKey>()
  async function newKey() {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const publicJwk = (await exportJWK(publicKey)) as JWK & { kty: string }
    keys.set(await calculateJwkThumbprint(publicJwk), privateKey)
    return { method: 'jwk' as const, alg: 'ES256', publicJwk }
  }
  const callbacks = {
    fetch: fetchOver(send),
    hash: (data: Uint8Array, algorithm: string) => hasher(data, algorithm),
    generateRandom: (length: number) => new Uint8Array(randomBytes(length)),
    clientAuthentication: () => undefined,
    signJwt: async (signer: object, { header, payload }: { header: object; payload: object }) => {
      const { publicJwk } = signer as { publicJwk: JWK & { kty: string } }
      const key = keys.get(await calculateJwkThumbprint(publicJwk)) as CryptoKey
      // Libraries read the machine's clock; the city's is another.
      const timed = { ...payload, iat: Math.floor(clock.nowMs / 1000) }
      const jwt = await new SignJWT(timed).setProtectedHeader(header as { alg: string }).sign(key)
      return { jwt, signerJwk: publicJwk }
    },
    verifyJwt: async (signer: { method: string }, { compact }: { compact: string }) => {
      const [base64 = ''] = (signer as { x5c?: string[] }).x5c ?? []
      const key = await importX509(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`, 'ES256', {
        extractable: true,
      })
      await compactVerify(compact, key)
      return { verified: true as const, signerJwk: (await exportJWK(key)) as JWK & { kty: string } }
    },
    decryptJwe: () => ({ decrypted: false as const }),
    encryptJwe: async (encryptor: { publicJwk: object; alg: string; enc: string }, data: string) => {
      const to = encryptor as { publicJwk: JWK & { kty: string }; alg: string; enc: string }
      const header = { alg: to.alg, enc: to.enc, ...(to.publicJwk.kid !== undefined && { kid: to.publicJwk.kid }) }
      const key = await importJWK(to.publicJwk, to.alg)
      const jwe = await new CompactEncrypt(new TextEncoder().encode(data)).setProtectedHeader(header).encrypt(key)
      return { jwe, encryptionJwk: to.publicJwk }
    },
    getX509CertificateMetadata: certificateNames,
  }
  return { callbacks, newKey, keys }
}

test('@openid4vc redeems an offer by reference: DPoP, nonce, a batch of three, and @sd-jwt reads what came', async () => {
  const scene = createOpenidScene()
  const { callbacks, newKey } = foreignWallet(scene)
  const client = new Openid4vciClient({ callbacks })
  const made = await createPreAuthorizedOffer(scene.issuer, { subject: 'chan', configurationIds: ['degree'] })
  const credentialOffer = await client.resolveCredentialOffer(await offerLinkByReference(scene.issuer, made))
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse, dpop } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    txCode: made.txCode ?? '',
    dpop: { signer: await newKey() },
  })
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
  const signers = await Promise.all([newKey(), newKey(), newKey()])
  const proofs = await Promise.all(
    signers.map((signer) =>
      client.createCredentialRequestJwtProof({ issuerMetadata, signer, nonce, credentialConfigurationId: 'degree' }),
    ),
  )
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata,
    accessToken: accessTokenResponse.access_token,
    credentialConfigurationId: 'degree',
    proofs: { jwt: proofs.map(({ jwt }) => jwt) },
    ...(dpop && { dpop }),
  })
  const credentials = (credentialResponse.credentials ?? []) as readonly { credential: string }[]
  expect(credentials).toHaveLength(3)
  for (const [index, { credential }] of credentials.entries()) {
    const theirs = foreignReader(scene, signers[index]?.publicJwk as JWK)
    const verified = await theirs.verify(credential, { currentDate: scene.clock.nowMs / 1000 })
    const payload = verified.payload as Record<string, unknown>
    expect(payload).toMatchObject({ vct, degree: 'BSC' })
    const { x, y } = (signers[index] as (typeof signers)[0]).publicJwk
    expect(payload['cnf']).toMatchObject({ jwk: { x, y } })
  }
  await client.sendNotification({
    issuerMetadata,
    accessToken: accessTokenResponse.access_token,
    notification: { event: 'credential_accepted', notificationId: credentialResponse.notification_id as string },
    ...(dpop && { dpop }),
  })
})

test('@openid4vc signs in: pushed request, PKCE and DPoP', async () => {
  const scene = createOpenidScene()
  const { callbacks, newKey } = foreignWallet(scene)
  const client = new Openid4vciClient({ callbacks })
  const credentialOffer = await client.resolveCredentialOffer(
    offerLink(createAuthorizationOffer(scene.issuer, ['degree'])),
  )
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const begun = await client.createAuthorizationRequestUrlFromOffer({
    credentialOffer,
    issuerMetadata,
    clientId: walletId,
    redirectUri: walletRedirect,
    scope: 'degree',
    dpop: { signer: await newKey() },
  })
  const query = expectOk(readParameters(new URL(begun.authorizationRequestUrl).search.slice(1)))
  const { location } = expectOk(await finishAuthorization(scene.issuer, query, { subject: 'chan' }))
  const { accessTokenResponse } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    authorizationCode: new URL(location).searchParams.get('code') ?? '',
    redirectUri: walletRedirect,
    pkceCodeVerifier: begun.pkce?.codeVerifier ?? '',
    additionalRequestPayload: { client_id: walletId },
    ...(begun.dpop && { dpop: begun.dpop }),
  })
  expect(accessTokenResponse.token_type).toBe('DPoP')
})

async function receive({ issuer, wallet }: Scene): Promise<Received> {
  const offer = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
  const read = expectOk(await readOffer(wallet, offerLink(offer)))
  const access = expectOk(await redeemPreAuthorized(wallet, read, offer.txCode))
  return expectOk(await requestCertificates(wallet, access, 'degree')) as Received
}

const claims = [{ path: ['degree'] }, { path: ['anchor'] }]
const query = { credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims }] }

test.each(['x509_hash', 'x509_san_dns'] as const)(
  '@openid4vc presents to a verifier known by %s, encrypted, with a presentation that @sd-jwt made',
  async (clientIdPrefix) => {
    const scene = createOpenidScene({ verifier: { clientIdPrefix } })
    const { callbacks } = foreignWallet(scene)
    const client = new Openid4vpClient({ callbacks })
    const [held] = (await receive(scene)).certificates as [Received['certificates'][0]]
    const opened = expectOk(await startPresentation(scene.verifier, { query }))
    const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: opened.link })
    const { authorizationRequestPayload, client: asking } = await client.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: parsed.params,
    })
    expect(asking.effective).toBe(scene.verifier.clientId)
    const theirs = new SDJwtVcInstance({
      hasher,
      hashAlg: 'sha-256',
      kbSignAlg: 'ES256',
      kbSigner: async (data: string) => Buffer.from(await held.key.sign(Buffer.from(data))).toString('base64url'),
    })
    const payload = {
      iat: Math.floor(scene.clock.nowMs / 1000),
      aud: asking.effective,
      nonce: authorizationRequestPayload.nonce,
    }
    const frame = { degree: true, anchor: true } as never
    const presentation = await theirs.present(held.text, frame, { kb: { payload } })
    const response = await client.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload,
      authorizationResponsePayload: { vp_token: { degree: [presentation] } },
      jarm: {
        encryption: { nonce: randomBytes(16).toString('base64url') },
        serverMetadata: {
          authorization_signing_alg_values_supported: ['ES256'],
          authorization_encryption_alg_values_supported: ['ECDH-ES'],
          authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
        },
      },
    })
    const sent = await client.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: authorizationRequestPayload as never,
      authorizationResponsePayload: response.authorizationResponsePayload,
      ...(response.jarm && { jarm: response.jarm }),
    })
    expect([sent.response.status, await sent.response.text()]).toEqual([200, '{}'])
    const result = expectOk(await collectResult(scene.verifier, opened.ticket))
    expect(result).toMatchObject({ status: 'accepted', presented: [{ report: { verdict: 'valid' } }] })
  },
)

test('our wallet answers a request that @openid4vc made, and @sd-jwt verifies what it sent', async () => {
  const scene = createOpenidScene()
  const { clock } = scene
  const held = await receive(scene)
  const encryption = await createEncryptionKey('key-of-the-other')
  const nonce = randomBytes(16).toString('base64url')
  const clientId = `x509_hash:${createHash('sha256').update(leafDer).digest('base64url')}`
  const key = await importJWK({ ...leafKey }, 'ES256')
  let posted = new URLSearchParams()
  const verifier = new Openid4vpVerifier({
    callbacks: {
      ...foreignWallet(scene).callbacks,
      signJwt: async (_, { header, payload }) => {
        const iat = Math.floor(clock.nowMs / 1000)
        const timed = { ...(payload as object), iat, exp: iat + 300 }
        const jwt = await new SignJWT(timed).setProtectedHeader(header as { alg: string }).sign(key)
        return { jwt, signerJwk: { ...leafKey } }
      },
    },
  })
  async function send(request: OpenidRequest) {
    const form = new URLSearchParams(request.body)
    if (request.url.endsWith('/responses')) {
      posted = form
      return { status: 200, headers: {}, body: '{}' }
    }
    const { jar } = await verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: {
        client_id: clientId,
        response_type: 'vp_token',
        response_mode: 'direct_post.jwt',
        response_uri: 'https://other.example/responses',
        nonce,
        state: 'state-of-the-other',
        wallet_nonce: form.get('wallet_nonce') ?? '',
        dcql_query: query,
        client_metadata: {
          ...encryptionMetadata(encryption),
          vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
        } as never,
      },
      wallet: { expectedNonce: form.get('wallet_nonce') ?? '' },
      jar: {
        jwtSigner: { method: 'x5c', x5c: [...x5cOf([leafDer])], alg: 'ES256' },
        requestUri: request.url,
        expiresInSeconds: 300,
      },
    })
    return { status: 200, headers: {}, body: jar?.authorizationRequestJwt ?? '' }
  }
  const wallet = { ...scene.wallet, send, anchors: [anchorDer] }
  const link = new URLSearchParams({
    client_id: clientId,
    request_uri: 'https://other.example/r',
    request_uri_method: 'post',
  })
  const asked = expectOk(await openRequest(wallet, `openid4vp://?${link.toString()}`))
  expect(isRefusal(await answerRequest(wallet, asked, expectOk(optionsFor(asked, held.certificates))))).toBe(false)

  const jwe = posted.get('response') ?? ''
  expect(decodeProtectedHeader(jwe)).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'key-of-the-other' })
  const { plaintext } = await compactDecrypt(jwe, await importJWK(encryption.privateJwk, 'ECDH-ES'))
  const answer = JSON.parse(new TextDecoder().decode(plaintext)) as { vp_token: { degree: [string] }; state: string }
  expect(answer.state).toBe('state-of-the-other')
  const [presentation] = answer.vp_token.degree
  const [own] = held.certificates as [Received['certificates'][0]]
  const theirs = foreignReader(scene, own.key.jwk)
  const checked = await theirs.verify(presentation, {
    currentDate: clock.nowMs / 1000,
    requiredClaimKeys: ['degree'],
    keyBindingNonce: nonce,
  })
  expect(checked.kb?.payload.aud).toBe(clientId)
  expect(checked.payload).not.toHaveProperty('gpa')
})
