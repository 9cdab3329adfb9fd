/**
 * Certificates of one’s own keeping, in a browser whose passkeys derive secrets: begun, filled, shown to a verifier, and
 * unreadable to the node. Where passkeys derive none, the page says so.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openStage } from '@chengxin/client'
import type { Browser, CDPSession, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { openPage, tap } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const languages = ['zh-Hant', 'zh-Hans', 'pt', 'en'] as const
const pictures = process.env['CHENGXIN_PICTURES']

describe.skipIf(!hasChromium)('certificates of one’s own keeping', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    browser = await launchChromium()
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }

  const answerOf = (page: Page, path: string): Promise<unknown> =>
    page.evaluate(async (at) => (await fetch(at)).json() as Promise<unknown>, `/v1/desks/${path}`)

  const posted = (page: Page, path: string, body: object): Promise<unknown> =>
    page.evaluate(
      async (at, text) => {
        const headers = { 'content-type': 'application/json' }
        return (await fetch(at, { method: 'POST', body: text, headers })).json() as Promise<unknown>
      },
      `/v1/desks/${path}`,
      JSON.stringify(body),
    )

  async function authenticator(cdp: CDPSession, hasPrf: boolean): Promise<void> {
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        hasPrf,
      },
    })
  }

  /** A resident with a passkey of this browser. */
  async function newcomer(hasPrf: boolean) {
    const page = await openPage(browser, { viewport: phone })
    const cdp = await page.createCDPSession()
    await cdp.send('WebAuthn.enable')
    await authenticator(cdp, hasPrf)
    await open(page, '/sign-in')
    await tap(page, 'register')
    await page.waitForSelector('[data-testid=sign-out]')
    return { page }
  }

  /** Applies at the bureau with two pictures drawn here; a clerk confirms. */
  async function confirmed(page: Page, facts: object): Promise<void> {
    const applied = await page.evaluate(async (text) => {
      const bring = async () => {
        const canvas = new OffscreenCanvas(600, 400)
        canvas.getContext('2d')?.fillText('A document', 20, 20)
        const body = await canvas.convertToBlob({ type: 'image/jpeg' })
        const kept = await fetch('/v1/desks/bureau/photos', {
          method: 'POST',
          body,
          headers: { 'content-type': 'image/jpeg' },
        })
        return ((await kept.json()) as { photoId: string }).photoId
      }
      const body = JSON.stringify({
        facts: JSON.parse(text) as unknown,
        documentPhoto: await bring(),
        facePhoto: await bring(),
      })
      const headers = { 'content-type': 'application/json' }
      return (
        await fetch('/v1/desks/bureau/applications', { method: 'POST', body, headers })
      ).json() as Promise<unknown>
    }, JSON.stringify(facts))
    const { applicationId } = applied as { applicationId: string }
    const stage = await openStage({ url: node.url })
    await stage.become('clerk')
    await stage.ask('POST', `bureau/applications/${applicationId}/decision`, { confirm: true })
  }

  const facts = {
    family_name: 'NGAI',
    given_name: 'SOK TENG',
    birth_date: '1988-02-14',
    document_type: 'resident_card',
    document_number: '5550042(7)',
    document_expires: '2036-01-01',
  }

  test('begun, filled and shown; the node reads none of it', async () => {
    const { page } = await newcomer(true)
    await confirmed(page, facts)
    await open(page, '/wallet/own')
    await picture(page, 'own-begin')
    await tap(page, 'own-understood')
    await tap(page, 'begin-own-vault')
    await page.waitForSelector('[data-testid=open-own-vault]')

    // The identity certificate goes into the vault, without any agent being allowed.
    const { uri } = (await posted(page, 'bureau/certificate', {})) as { uri: string }
    await open(page, `/wallet/offer#${uri}`)
    await picture(page, 'own-keeper')
    await tap(page, 'keeper-own')
    await tap(page, 'take-offer')
    await page.waitForFunction(() => location.pathname === '/wallet/own')
    await tap(page, 'open-own-vault')
    await page.waitForSelector('[data-testid=own-card]')
    await picture(page, 'own-cards')
    expect(await page.$eval('[data-testid=own-card]', (card) => card.textContent)).toContain('NGAI')

    // What the node has tells neither the name nor the keys; the agent holds nothing.
    const kept = JSON.stringify(await answerOf(page, 'agent/own-vault'))
    for (const secret of ['NGAI', '5550042', '"d"']) expect(kept).not.toContain(secret)
    // A JWT has a point; what is sealed may begin like one by chance.
    expect(kept).not.toMatch(/eyJ[\w-]+\./)
    expect(await answerOf(page, 'agent/wallet')).toMatchObject({ certificates: [], hasOwnVault: true })

    // A verifier asks: the university, for who claims a diploma. Who asks is shown before the vault is opened.
    const { link } = (await posted(page, 'issuer/claims', { office: 'university' })) as { link: string }
    await open(page, `/wallet/request#${link}`)
    await tap(page, 'keeper-own')
    await page.waitForSelector('[data-testid=asker]')
    await picture(page, 'own-asker')
    await tap(page, 'open-own-vault')
    await page.waitForSelector('[data-testid=agree]')
    expect(await page.$eval('main', (main) => main.innerText)).toContain('5550042(7)')
    await picture(page, 'own-request')
    await tap(page, 'agree')
    await page.waitForSelector('[data-testid=answered][data-outcome=agreed]')
    await open(page, '/wallet/own')
    await tap(page, 'open-own-vault')
    await page.waitForSelector('[data-testid=own-card]')
    expect(await page.$eval('main', (main) => main.innerText)).toContain('What I have shown from here')
    await page.browserContext().close()
  })

  test('where passkeys derive no secrets, the page says so and keeps nothing', async () => {
    const { page } = await newcomer(false)
    await open(page, '/wallet/own')
    await tap(page, 'own-understood')
    await tap(page, 'begin-own-vault')
    await page.waitForSelector('.fault')
    expect(await page.$eval('.fault', (fault) => fault.textContent)).toMatch(/cannot derive a secret/)
    expect(await answerOf(page, 'agent/own-vault')).not.toHaveProperty('vault')
    await page.browserContext().close()
  })

  test('what it means fits a phone in four languages and passes axe', async () => {
    const { page } = await newcomer(true)
    for (const language of languages) {
      await page.evaluateOnNewDocument((code) => localStorage.setItem('chengxin.language', code), language)
      await open(page, '/wallet/own')
      expect(await overflowing(page), language).toEqual([])
      expect(await seriousFindings(page), language).toEqual([])
      await picture(page, `own-new-${language}`)
    }
    await page.browserContext().close()
  })
})
