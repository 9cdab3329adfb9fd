/**
 * The authorisation code flow of OpenID4VCI over the wire: a wallet that we did not write pushes its request (PAR, PKCE, DPoP),
 * the resident signs in and answers in a browser, and the wallet gets the certificate for the code that comes back.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openStage } from '@chengxin/client'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { foreignClient } from './foreign-client.ts'
import { schemePlayed } from './scheme-played.ts'
import { openPage } from './visitor.ts'

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true }
const clientId = 'https://wallet.example'
const scope = 'type_graduation-v1'

describe.skipIf(!hasChromium)('signing in for a wallet of another make', () => {
  const place = temporaryData()
  const { client, newKey } = foreignClient()
  const walletServer = createServer((_request, response) => response.end('Back in the wallet.'))
  let redirectUri: string
  let node: RunningNode
  let browser: Browser

  beforeAll(async () => {
    await new Promise<void>((done) => walletServer.listen(0, '127.0.0.1', done))
    redirectUri = `http://127.0.0.1:${(walletServer.address() as AddressInfo).port}/back`
    node = await startNode({ data: join(place.path, 'data'), env: { CHENGXIN_WALLETS: `${clientId}=${redirectUri}` } })
    browser = await launchChromium()
    const stage = await schemePlayed(node.url, 'claim')
    // A second entry of the register has the same document under another name: the clerk says that it is the same person.
    await stage.become('university')
    const { doubts } = await stage.ask<{ doubts: readonly { doubtId: string }[] }>('GET', 'issuer/doubts')
    await stage.ask('POST', `issuer/doubts/${doubts[0]?.doubtId}/decision`, { grant: true })
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    walletServer.close()
    place.remove()
  })

  const issuerMetadata = () => client.resolveIssuerMetadata(`${node.url}/v1/issuers/university`)

  /** The wallet pushes its request; where it would send the browser. */
  async function begin(change: { readonly clientId?: string; readonly redirectUri?: string } = {}) {
    const metadata = await issuerMetadata()
    const credentialOffer = {
      credential_issuer: `${node.url}/v1/issuers/university`,
      credential_configuration_ids: [scope],
      grants: { authorization_code: {} },
    }
    const begun = await client.createAuthorizationRequestUrlFromOffer({
      ...{ credentialOffer, issuerMetadata: metadata, clientId, redirectUri, scope, ...change },
      dpop: { signer: newKey() },
    })
    return { ...begun, credentialOffer, metadata }
  }

  async function answered(page: Page, answer: 'agree' | 'refuse'): Promise<URL> {
    await page.locator(`[data-testid=${answer}]`).click()
    await page.waitForFunction((back) => location.href.startsWith(back), {}, redirectUri)
    return new URL(page.url())
  }

  test('who is signed out signs in and comes back to the question; agreeing gives the wallet a code for the certificate', async () => {
    const begun = await begin()
    expect(new URL(begun.authorizationRequestUrl).searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth/)
    const page = await openPage(browser, { viewport: phone })
    await page.goto(begun.authorizationRequestUrl)
    await shown(page)
    await page.locator('main a[href="/try"]').click()
    await page.locator('[data-testid=persona-resident]').click()
    await page.waitForSelector('[data-testid=authorize-wallet]')
    // Who asks, who issues, and what: the name of the type comes from the ledger a moment later.
    await page.waitForFunction(() =>
      /wallet\.example.*University.*Certificate of graduation/s.test(document.querySelector('main')?.innerText ?? ''),
    )
    expect(await overflowing(page)).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
    const back = await answered(page, 'agree')
    await page.browserContext().close()
    // RFC 9207: the wallet sees whose answer it holds.
    expect(back.searchParams.get('iss')).toBe(`${node.url}/v1/issuers/university`)

    const code = {
      credentialOffer: begun.credentialOffer,
      issuerMetadata: begun.metadata,
      authorizationCode: back.searchParams.get('code') ?? '',
      redirectUri,
      additionalRequestPayload: { client_id: clientId },
      ...(begun.dpop && { dpop: begun.dpop }),
    }
    const { accessTokenResponse, dpop } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
      ...code,
      pkceCodeVerifier: begun.pkce?.codeVerifier ?? '',
    })
    expect(accessTokenResponse.token_type).toBe('DPoP')
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata: begun.metadata })
    const signer = newKey()
    const { jwt } = await client.createCredentialRequestJwtProof({
      ...{ issuerMetadata: begun.metadata, signer, nonce, credentialConfigurationId: scope },
    })
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata: begun.metadata,
      accessToken: accessTokenResponse.access_token,
      credentialConfigurationId: scope,
      proofs: { jwt: [jwt] },
      ...(dpop && { dpop }),
    })
    const [received] = (credentialResponse.credentials ?? []) as readonly { credential: string }[]
    const stage = await openStage({ url: node.url })
    await stage.become('verifier')
    await expect
      .poll(
        async () => {
          const files = [{ name: 'received', text: received?.credential ?? '' }]
          const { results } = await stage.ask<{
            results: readonly { report: { verdict: string; certificate: { claims: object } } }[]
          }>('POST', 'verifier/files', { files })
          return results[0]?.report
        },
        { timeout: 120_000 },
      )
      .toMatchObject({ verdict: 'valid', certificate: { claims: { name_latin: 'Chan Tai Man' } } })

    // A code is used once.
    await expect(
      client.retrieveAuthorizationCodeAccessTokenFromOffer({
        ...code,
        pkceCodeVerifier: begun.pkce?.codeVerifier ?? '',
      }),
    ).rejects.toThrow()
  })

  test('where nothing waits the page says so, and refusing takes the resident back to the wallet with no code', async () => {
    const begun = await begin()
    const page = await openPage(browser, { viewport: phone })
    await page.goto(`${node.url}/try`)
    await page.locator('[data-testid=persona-resident]').click()
    await page.waitForFunction(() => location.pathname === '/wallet')
    await page.goto(begun.authorizationRequestUrl)
    await page.waitForSelector('[data-testid=authorize-wallet]')
    // The only certificate that waited was fetched by the test before: there is nothing left, and the page says so.
    await page.locator('[data-testid=agree]').click()
    await page.waitForSelector('main .fault')
    const back = await answered(page, 'refuse')
    expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null])
    await page.browserContext().close()
  })

  test.each([
    ['unknown', { clientId: 'https://stranger.example' }],
    ['sent elsewhere', { redirectUri: 'https://wallet.example/elsewhere' }],
  ])('a wallet that is %s does not get as far as the resident', async (_case, change) => {
    await expect(begin(change)).rejects.toThrow()
  })

  test('an answer is given once: who opens the same question again is told so', async () => {
    const begun = await begin()
    const page = await openPage(browser, { viewport: phone })
    await page.goto(`${node.url}/try`)
    await page.locator('[data-testid=persona-resident]').click()
    await page.waitForFunction(() => location.pathname === '/wallet')
    await page.goto(begun.authorizationRequestUrl)
    await page.waitForSelector('[data-testid=authorize-wallet]')
    const question = page.url()
    await answered(page, 'refuse')
    await page.goto(question)
    await page.waitForSelector('[data-testid=stopped][data-code=request_uri_unknown]')
    await page.browserContext().close()
  })
})
