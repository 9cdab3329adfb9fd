import {
  answerRequest,
  beginAuthorization,
  browserAnswer,
  completeAuthorization,
  type Deferred,
  declineRequest,
  firstOptions,
  jsonRequest,
  notifyIssuer,
  openBrowserRequest,
  openRequest,
  optionsFor,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
  type Wallet,
} from '@chengxin/holder'
import { expectOk, isRefusal, type JsonObject } from '@chengxin/kernel'
import { vct } from '@chengxin/testkit/certificate-city'
import { createOpenidScene, verifierOrigin, walletId, walletRedirect } from '@chengxin/testkit/openid-scene'
import { describe, expect, test } from 'vitest'
import { readParameters } from './exchange.ts'
import { finishAuthorization, openAuthorization } from './vci/authorize.ts'
import { createAuthorizationOffer, createPreAuthorizedOffer, offerLink, offerLinkByReference } from './vci/offer.ts'
import { startBrowserPresentation, startPresentation } from './vp/request.ts'
import { collectResult, receiveBrowserResponse } from './vp/response.ts'
import type { Verifier } from './vp/verifier.ts'

type Scene = ReturnType<typeof createOpenidScene>

const degreeQuery: JsonObject = {
  credentials: [
    {
      id: 'degree',
      format: 'dc+sd-jwt',
      meta: { vct_values: [vct] },
      claims: [{ path: ['degree'] }, { path: ['anchor'] }],
    },
  ],
}

async function receive({ issuer, wallet }: Scene, count = 1): Promise<Received> {
  const offer = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
  const read = expectOk(await readOffer(wallet, offerLink(offer)))
  const access = expectOk(await redeemPreAuthorized(wallet, read, offer.txCode))
  return expectOk(await requestCertificates(wallet, access, 'degree', count)) as Received
}

async function present(verifier: Verifier, wallet: Wallet, held: Received, query: JsonObject, encrypted: boolean) {
  const opened = expectOk(await startPresentation(verifier, { query, encrypted }))
  const asked = expectOk(await openRequest(wallet, opened.link))
  const options = expectOk(optionsFor(asked, held.certificates))
  const answer = await answerRequest(wallet, asked, firstOptions(options))
  return { answer, result: await collectResult(verifier, opened.ticket) }
}

describe('issuing', () => {
  test('by a code: a batch whose members share no key, salt or place in the status list', async () => {
    const scene = createOpenidScene()
    const { certificates, notificationId } = await receive(scene, 5)
    expect(certificates).toHaveLength(5)
    expect(new Set(certificates.map(({ key }) => JSON.stringify(key.jwk))).size).toBe(5)
    const parts = certificates.flatMap(({ text }) => text.split('~').slice(1, -1))
    expect(new Set(parts).size).toBe(parts.length)
    expect(notificationId).toBeTypeOf('string')
  })

  test('by reference: the offer is fetched once', async () => {
    const { issuer, wallet } = createOpenidScene()
    const offer = await createPreAuthorizedOffer(issuer, {
      subject: 'chan',
      configurationIds: ['degree'],
      withTxCode: false,
    })
    const link = await offerLinkByReference(issuer, offer)
    expect(link.length).toBeLessThan(200)
    const read = expectOk(await readOffer(wallet, link))
    expect(isRefusal(await redeemPreAuthorized(wallet, read))).toBe(false)
    expect(await readOffer(wallet, link)).toEqual({ refused: 'offer_malformed' })
  })

  test('by signing in: pushed request, PKCE, DPoP, and the issuer named in the answer', async () => {
    const { issuer, wallet } = createOpenidScene()
    const link = offerLink(createAuthorizationOffer(issuer, ['degree'], 'counter-7'))
    const offer = expectOk(await readOffer(wallet, link))
    const own = { clientId: walletId, redirectUri: walletRedirect }
    const begun = expectOk(await beginAuthorization(wallet, offer, own))
    const query = expectOk(readParameters(new URL(begun.location).search.slice(1)))
    expect(expectOk(await openAuthorization(issuer, query))).toMatchObject({
      clientId: walletId,
      issuerState: 'counter-7',
    })
    const { location } = expectOk(await finishAuthorization(issuer, query, { subject: 'chan' }))
    expect(await finishAuthorization(issuer, query, { subject: 'chan' })).toEqual({ refused: 'request_uri_unknown' })
    const access = expectOk(await completeAuthorization(wallet, begun, location))
    const received = expectOk(await requestCertificates(wallet, access, 'degree', 2)) as Received
    expect(received.certificates).toHaveLength(2)
  })

  test('by signing in: a resident who refuses sends the wallet back with an error', async () => {
    const { issuer, wallet } = createOpenidScene()
    const offer = expectOk(await readOffer(wallet, offerLink(createAuthorizationOffer(issuer, ['degree']))))
    const begun = expectOk(await beginAuthorization(wallet, offer, { clientId: walletId, redirectUri: walletRedirect }))
    const query = expectOk(readParameters(new URL(begun.location).search.slice(1)))
    const { location } = expectOk(await finishAuthorization(issuer, query, 'denied'))
    expect(await completeAuthorization(wallet, begun, location)).toMatchObject({ code: 'access_denied' })
    const other = location.replace('issuer.example', 'evil.example')
    expect(await completeAuthorization(wallet, begun, other)).toEqual({ refused: 'issuer_mismatch' })
  })

  test('later: orders of several residents wait for one root', async () => {
    const scene = createOpenidScene({ closeAt: 3 })
    const { issuer, wallet, desk, city } = scene
    const waiting: { access: Parameters<typeof requestDeferredCertificates>[1]; order: Deferred }[] = []
    for (const subject of ['chan', 'lei']) {
      const offer = await createPreAuthorizedOffer(issuer, { subject, configurationIds: ['degree'] })
      const access = expectOk(
        await redeemPreAuthorized(wallet, expectOk(await readOffer(wallet, offerLink(offer))), offer.txCode),
      )
      waiting.push({ access, order: expectOk(await requestCertificates(wallet, access, 'degree', 2)) as Deferred })
    }
    const [first, second] = waiting as [(typeof waiting)[0], (typeof waiting)[0]]
    expect(first.order.retryAfterSeconds).toBe(5)
    expect(await requestDeferredCertificates(wallet, first.access, first.order)).toMatchObject({
      transactionId: first.order.transactionId,
    })
    const size = city.log.size
    expect(desk.waiting).toBe(2)
    await desk.close()
    expect(city.log.size).toBe(size + 1)
    // Neither gets what the other ordered.
    expect(await requestDeferredCertificates(wallet, first.access, second.order)).toMatchObject({
      code: 'transaction_id_unknown',
    })
    for (const { access, order } of waiting) {
      const received = expectOk(await requestDeferredCertificates(wallet, access, order)) as Received
      expect(received.certificates).toHaveLength(2)
      expect(await requestDeferredCertificates(wallet, access, order)).toMatchObject({ code: 'transaction_id_unknown' })
    }
  })

  test('is told once what became of the certificates', async () => {
    const heard: string[] = []
    const scene = createOpenidScene({
      issuer: { notified: async ({ subject }, event) => void heard.push(`${subject} ${event}`) },
    })
    const { issuer, wallet } = scene
    const offer = await createPreAuthorizedOffer(issuer, { subject: 'chan', configurationIds: ['degree'] })
    const access = expectOk(
      await redeemPreAuthorized(wallet, expectOk(await readOffer(wallet, offerLink(offer))), offer.txCode),
    )
    const { notificationId = '' } = expectOk(await requestCertificates(wallet, access, 'degree')) as Received
    for (let times = 0; times < 2; times++) {
      expect(await notifyIssuer(wallet, access, notificationId, 'credential_accepted')).toBeUndefined()
    }
    expect(heard).toEqual(['chan credential_accepted'])
    expect(await notifyIssuer(wallet, access, notificationId, 'credential_eaten')).toMatchObject({
      code: 'notification_malformed',
    })
    expect(await notifyIssuer(wallet, access, 'other', 'credential_accepted')).toMatchObject({
      code: 'notification_id_unknown',
    })
  })
})

describe('presenting', () => {
  test.each([true, false])(
    'encrypted %s: what was asked is shown, nothing else, and the anchor is checked',
    async (encrypted) => {
      const scene = createOpenidScene()
      const held = await receive(scene)
      const { answer, result } = await present(scene.verifier, scene.wallet, held, degreeQuery, encrypted)
      expect(answer).toEqual({})
      if (isRefusal(result) || result.status !== 'accepted') throw new Error(JSON.stringify(result))
      const [shown] = result.presented
      expect(shown?.report.verdict).toBe('valid')
      expect(shown?.claims[0]).toEqual({ path: ['degree'], values: ['BSC'] })
      expect(Object.keys(shown?.report.certificate?.claims ?? {})).toEqual(['degree'])
      const posted = scene.sent.at(-1)?.body ?? ''
      expect(posted.startsWith(encrypted ? 'response=' : 'vp_token=')).toBe(true)
    },
  )

  test('without the proof of anchoring the verdict is open, and the verifier decides whether that will do', async () => {
    const query = {
      credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims: [{ path: ['gpa'] }] }],
    }
    const lenient = createOpenidScene()
    const shown = await present(lenient.verifier, lenient.wallet, await receive(lenient), query, true)
    expect(shown.result).toMatchObject({ status: 'accepted', presented: [{ report: { verdict: 'undecided' } }] })
    const strict = createOpenidScene({ verifier: { tolerated: [] } })
    const refused = await present(strict.verifier, strict.wallet, await receive(strict), query, true)
    expect(refused.answer).toEqual({ refused: 'presentation_undecided' })
    expect(refused.result).toMatchObject({ status: 'refused', code: 'presentation_undecided' })
  })

  test('a revoked certificate is refused, and the report says why', async () => {
    const scene = createOpenidScene()
    const held = await receive(scene)
    const [index] = Object.keys(scene.register.record().statuses)
    scene.register.set(Number(index), 'revoked')
    const { answer, result } = await present(scene.verifier, scene.wallet, held, degreeQuery, true)
    expect(answer).toEqual({ refused: 'presentation_not_valid' })
    const codes = JSON.stringify(result)
    expect(codes).toContain('status_revoked')
  })

  test('a holder who refuses leaves a refusal', async () => {
    const { verifier, wallet } = createOpenidScene()
    const opened = expectOk(await startPresentation(verifier, { query: degreeQuery }))
    const asked = expectOk(await openRequest(wallet, opened.link))
    expect(await declineRequest(wallet, asked)).toEqual({})
    expect(await collectResult(verifier, opened.ticket)).toMatchObject({ status: 'refused', code: 'wallet_refused' })
    expect(await collectResult(verifier, opened.ticket)).toEqual({ refused: 'result_not_found' })
  })

  test('on one device the result needs the code of the redirect too, which stands behind the hash', async () => {
    const scene = createOpenidScene()
    const { verifier, wallet } = scene
    const held = await receive(scene)
    const opened = expectOk(
      await startPresentation(verifier, { query: degreeQuery, redirectUri: 'https://verifier.example/done' }),
    )
    const asked = expectOk(await openRequest(wallet, opened.link))
    const { redirectUri = '' } = expectOk(
      await answerRequest(wallet, asked, expectOk(optionsFor(asked, held.certificates))),
    )
    const [page, code] = redirectUri.split('#response_code=')
    expect(page).toBe('https://verifier.example/done')
    expect(await collectResult(verifier, opened.ticket)).toEqual({ refused: 'result_not_found' })
    expect(await collectResult(verifier, opened.ticket, 'guess')).toEqual({ refused: 'result_not_found' })
    expect(await collectResult(verifier, opened.ticket, code)).toMatchObject({ status: 'accepted' })
  })

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('through the browser, signed %s and encrypted %s', async (signed, encrypted) => {
    const scene = createOpenidScene()
    const { verifier, wallet } = scene
    const held = await receive(scene)
    const origin = verifierOrigin
    const opened = expectOk(await startBrowserPresentation(verifier, { query: degreeQuery, origin, signed, encrypted }))
    const [request] = opened.digital.requests as [(typeof opened.digital.requests)[0]]
    const asked = expectOk(await openBrowserRequest(wallet, request, origin))
    const data = await browserAnswer(wallet, asked, expectOk(optionsFor(asked, held.certificates)))
    const body = { ticket: opened.ticket, protocol: request.protocol, data }
    const url = 'https://verifier.example/openid/browser-responses'
    expect(await receiveBrowserResponse(verifier, jsonRequest(url, body, { origin: 'https://evil.example' }))).toEqual({
      refused: 'response_origin_wrong',
    })
    expect(await receiveBrowserResponse(verifier, jsonRequest(url, body, { origin }))).toMatchObject({ status: 200 })
    expect(await collectResult(verifier, opened.ticket)).toMatchObject({ status: 'accepted' })
    expect(await receiveBrowserResponse(verifier, jsonRequest(url, body, { origin }))).toEqual({
      refused: 'response_state_unknown',
    })
  })
})
