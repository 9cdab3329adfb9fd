/**
 * A verifier's console and the open check in a browser: asking by QR code and through the browser's own wallet (Digital
 * Credentials API), the answer as it comes, a signed report that the check opens, many files, and a certificate read by camera.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeClient, type GroupClient } from '@chengxin/client'
import { expectOk, type JsonObject } from '@chengxin/kernel'
import {
  answerRequest,
  browserAnswer,
  declineRequest,
  type HeldCertificate,
  openBrowserRequest,
  openRequest,
  optionsFor,
  type Wallet,
} from '@chengxin/services/openid'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { framesOf } from '../../apps/portal/src/qr/frames.ts'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { graduateClaims, holderOfGraduation, httpWallet } from './holder.ts'
import { writeFilm } from './video.ts'
import { openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']

describe.skipIf(!hasChromium)('verifying in a browser', () => {
  const place = temporaryData()
  const film = join(place.path, 'camera.y4m')
  const downloads = join(place.path, 'downloads')
  let node: RunningNode
  let group: GroupClient
  let browser: Browser
  let held: HeldCertificate
  let wallet: Wallet

  beforeAll(async () => {
    mkdirSync(downloads)
    node = await startNode({ data: join(place.path, 'data') })
    group = await createNodeClient({ url: node.url }).findGroup()
    held = await holderOfGraduation(group, node.url, place.path)
    wallet = await httpWallet(group)
    writeFilm(film, await framesOf(held.text))
    browser = await launchChromium([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ])
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  async function visit(viewport: Viewport, language = 'en'): Promise<Page> {
    return openPage(browser, { viewport, language })
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  async function asVerifier(page: Page): Promise<void> {
    await open(page, '/try')
    await page.locator('[data-testid=persona-verifier]').click()
    await page.waitForFunction(() => location.pathname === '/verifier')
    await shown(page)
  }

  async function look(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }

  async function choose(page: Page): Promise<void> {
    await page.waitForSelector('[data-testid=field-name_latin]')
    for (const field of ['name_latin', 'degree_en']) await page.locator(`[data-testid=field-${field}]`).click()
  }

  async function download(page: Page, selector: string, ending: string): Promise<string> {
    const session = await browser.target().createCDPSession()
    const { id: browserContextId } = page.browserContext()
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: downloads,
      ...(browserContextId === undefined ? {} : { browserContextId }),
    })
    const files = () => readdirSync(downloads).filter((name) => name.endsWith(ending))
    const before = files().length
    await page.locator(selector).click()
    await expect.poll(() => files().length, { timeout: patienceMs }).toBe(before + 1)
    return join(downloads, files().at(-1) as string)
  }

  const status = (page: Page, wanted: string) =>
    page.waitForSelector(`[data-testid=asked][data-status=${wanted}]`, { timeout: patienceMs })

  test('a request by QR code, its answer as it comes, and a signed report that the open check reads', async () => {
    const page = await visit(desk)
    const complaints = complaintsOf(page)
    await asVerifier(page)
    await choose(page)
    await look(page, 'ask-desk')
    await page.locator('[data-testid=ask-open]').click()
    await status(page, 'open')
    await page.waitForSelector('[data-testid=qr] svg')
    await look(page, 'asked-desk')
    const link = await page.$eval('.asked-link a', (element) => element.getAttribute('href') ?? '')
    const asked = expectOk(await openRequest(wallet, link))
    expect(await answerRequest(wallet, asked, expectOk(optionsFor(asked, [held])))).toEqual({})
    await status(page, 'accepted')
    const seen = await page.$eval('main', ({ innerText }) => innerText)
    expect(seen).toContain(graduateClaims.name_latin)
    expect(seen).not.toContain(graduateClaims.gpa)
    expect(await page.$eval('[data-testid=verdict]', (element) => element.getAttribute('data-verdict'))).toBe('valid')
    await look(page, 'answered-desk')
    const report = await download(page, '[data-testid=report-save]', '.jws')
    expect(readFileSync(report, 'utf8').split('.')).toHaveLength(3)

    await open(page, '/check')
    const chooser = await page.waitForSelector('input[data-testid=check-file]')
    await chooser?.uploadFile(report)
    await page.waitForSelector('[data-testid=signed-report]:not([data-fault])')
    expect(await page.$eval('[data-testid=signed-report]', (element) => element.textContent)).toContain(
      'Sample City Employment Service',
    )
    await look(page, 'signed-desk')
    expect(complaints).toEqual([])
    await page.browserContext().close()
  }, 300_000)

  test('through the browser’s own wallet, and when the holder refuses there', async () => {
    const page = await visit(desk)
    const session = await page.createCDPSession()
    let refuses = false
    // The page asks the wallet at once, so the wallet's answer is made between the desk's answer and the page.
    await page.exposeFunction('prepareWallet', async (text: string) => {
      const { digital } = JSON.parse(text) as {
        digital?: { requests: [{ protocol: string; data: JsonObject }] }
      }
      if (digital === undefined) return
      const [request] = digital.requests
      const asked = expectOk(await openBrowserRequest(wallet, request, new URL(node.url).origin))
      const response = await browserAnswer(wallet, asked, expectOk(optionsFor(asked, [held])))
      const behaviour = refuses ? { action: 'decline' } : { action: 'respond', protocol: request.protocol, response }
      await session.send('DigitalCredentials.setVirtualWalletBehavior' as never, behaviour as never)
    })
    await page.evaluateOnNewDocument(() => {
      const send = window.fetch
      window.fetch = async (...call) => {
        const answer = await send(...call)
        const [address] = call
        if (
          typeof address === 'string' &&
          address.endsWith('/v1/desks/verifier/requests') &&
          call[1]?.method === 'POST'
        ) {
          await (window as never as { prepareWallet(text: string): Promise<void> }).prepareWallet(
            await answer.clone().text(),
          )
        }
        return answer
      }
    })
    await asVerifier(page)
    await choose(page)
    await page.locator('[data-testid=ask-browser]').click()
    await status(page, 'accepted')
    expect(await page.$eval('[data-testid=verdict]', (element) => element.getAttribute('data-verdict'))).toBe('valid')

    refuses = true
    await page.locator('[data-testid=asked-again]').click()
    await choose(page)
    await page.locator('[data-testid=ask-browser]').click()
    await page.waitForSelector('.fault')
    await page.browserContext().close()
  }, 300_000)

  test('a holder who refuses is told as that, and what was answered can be erased at once', async () => {
    const page = await visit(phone, 'zh-Hant')
    await asVerifier(page)
    await choose(page)
    await look(page, 'ask-phone')
    expect(await overflowing(page)).toEqual([])
    await page.locator('[data-testid=ask-open]').click()
    await status(page, 'open')
    await look(page, 'asked-phone')
    expect(await overflowing(page)).toEqual([])
    const link = await page.$eval('.asked-link a', (element) => element.getAttribute('href') ?? '')
    await declineRequest(wallet, expectOk(await openRequest(wallet, link)))
    await status(page, 'refused')
    await look(page, 'refused-phone')
    await page.browserContext().close()
  }, 300_000)

  test.each(['requests', 'files', 'registration'])(
    'the tab %s fits a phone and a desk in four languages',
    async (tab) => {
      for (const [language, viewport] of [
        ['zh-Hant', phone],
        ['pt', phone],
        ['zh-Hans', desk],
        ['en', desk],
      ] as const) {
        const page = await visit(viewport, language)
        const complaints = complaintsOf(page)
        await asVerifier(page)
        await open(page, `/verifier?tab=${tab}`)
        await look(page, `${tab}-${language}`)
        const seen = await page.$eval('main', ({ innerText }) => innerText)
        expect(seen.length).toBeGreaterThan(60)
        expect(seen).not.toMatch(/\b[a-z]+\.[a-z]+[A-Z][A-Za-z]*\b|\{\{/)
        expect(await overflowing(page)).toEqual([])
        expect(complaints).toEqual([])
        await page.browserContext().close()
      }
    },
    300_000,
  )

  test('many files have one answer each, what is wrong first', async () => {
    const page = await visit(phone)
    await open(page, '/check')
    const files = ['one', 'two', 'three'].map((name) => join(place.path, `${name}.sd-jwt`))
    const [jwt = ''] = held.text.split('~')
    const texts = [held.text, held.text.replace(jwt.slice(-20), 'A'.repeat(20)), 'not a certificate']
    files.forEach((file, index) => {
      writeFileSync(file, texts[index] as string)
    })
    const chooser = await page.waitForSelector('input[data-testid=check-file]')
    await chooser?.uploadFile(...files)
    await page.waitForSelector('[data-testid=many][data-count="3"]')
    const verdicts = await page.$$eval('.many-row', (rows) => rows.map((row) => row.getAttribute('data-verdict')))
    expect(verdicts).toEqual(['not_valid', 'not_valid', 'valid'])
    await look(page, 'many-phone')
    expect(await overflowing(page)).toEqual([])
    await page.locator('.many-row[data-verdict=valid]').click()
    await page.waitForSelector('[data-testid=copy]')
    await page.browserContext().close()
  }, 300_000)

  test('a certificate that is too long for one code is read by the camera, part by part', async () => {
    const page = await visit(phone)
    await open(page, '/check')
    await page.locator('[data-testid=check-scan]').click()
    await page.waitForSelector('[data-testid=scanner][data-state=looking]', { timeout: patienceMs })
    await look(page, 'scan-phone')
    await page.waitForSelector('[data-testid=verdict][data-verdict=valid]', { timeout: patienceMs })
    expect(await page.$eval('main', ({ innerText }) => innerText)).toContain(graduateClaims.name_latin)
    await look(page, 'check-phone')
    await page.browserContext().close()
  }, 300_000)
})
