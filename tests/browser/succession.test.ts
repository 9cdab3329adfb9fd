/**
 * A university is dissolved, by hand: an officer sees what passes and proposes, a second agrees, the successor's officer revokes,
 * and whoever checks a certificate reads who keeps it. And how it all looks in four languages.
 */
import { join } from 'node:path'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { bePersona, openPage, tap } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1280, height: 900 }
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']
const looks = [
  ['zh-Hant', phone, 'phone'],
  ['pt', phone, 'phone'],
  ['zh-Hans', desk, 'desk'],
  ['en', desk, 'desk'],
] as const

describe.skipIf(!hasChromium)('a succession in a browser', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  const at = (testId: string) => `[data-testid="${testId}"]`

  async function visit(viewport: Viewport, language: string, persona: string): Promise<Page> {
    const page = await openPage(browser, { viewport, language })
    await bePersona(page, node.url, persona)
    await page.goto(`${node.url}/issuer?tab=succession`)
    await shown(page)
    return page
  }

  async function looksWell(page: Page, name: string): Promise<void> {
    await shown(page)
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `succession-${name}.png`), fullPage: true })
    expect(await overflowing(page), name).toEqual([])
    expect(await seriousFindings(page), name).toEqual([])
  }

  const chooseAll = `input[data-testid^="succession-choose-"]`

  /** Everything of the office, to the transport office; nothing is proposed yet. */
  async function fillIn(page: Page): Promise<void> {
    await page.waitForSelector(chooseAll)
    for (const box of await page.$$(chooseAll)) await box.click()
    await page.waitForSelector(at('succession-what'))
    await page.select(at('succession-successor'), 'transport')
    await page.click(at('succession-understood'))
    await page.waitForSelector(`${at('succession-propose')}:enabled`)
  }

  test.each(looks)(
    'in %s what passes is shown before it is proposed',
    async (language, viewport, width) => {
      const page = await visit(viewport, language, 'university')
      const complaints = complaintsOf(page)
      expect(await page.$(`${at('succession-propose')}:enabled`)).toBeNull()
      await fillIn(page)
      await looksWell(page, `form-${language}-${width}`)
      expect(complaints).toEqual([])
      await page.browserContext().close()
    },
    300_000,
  )

  test('one officer proposes and a second agrees; nobody does both', async () => {
    const page = await visit(desk, 'en', 'university')
    await fillIn(page)
    const types = (await page.$$(`${chooseAll}:checked`)).length
    // Whoever looks away for ten minutes while the key is asked is asked again, with everything as it was filled in.
    await page.setRequestInterception(true)
    let [statements, sent] = [0, 0]
    page.on('request', (request) => {
      const isPost = request.method() === 'POST'
      if (isPost && request.url().endsWith('/proposals/word')) statements++
      const isFirst = isPost && request.url().endsWith('/proposals') && ++sent === 1
      const body = JSON.stringify({ status: 403, code: 'officer_word_too_old' })
      if (isFirst) void request.respond({ status: 403, contentType: 'application/problem+json', body })
      else void request.continue()
    })
    await page.click(at('succession-propose'))
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-testid="succession-proposed"]').length === count,
      {},
      types,
    )
    expect([statements, sent]).toEqual([types + 1, types + 1])
    await page.setRequestInterception(false)
    expect(await page.$(`${at('succession-agree')}:enabled`)).toBeNull()
    await looksWell(page, 'proposed')
    await page.browserContext().close()

    const second = await visit(desk, 'en', 'university-second')
    const agree = await second.waitForSelector(`${at('succession-agree')}:enabled`)
    await agree?.click()
    await second.waitForSelector(at('succession-passed'))
    expect(await second.$(at('succession-proposed'))).toBeNull()
    await second.browserContext().close()
  }, 300_000)

  test.each(looks)(
    'in %s the old office sees what has passed, and the successor what came',
    async (language, viewport, width) => {
      const old = await visit(viewport, language, 'university')
      await old.waitForSelector(at('succession-passed'))
      await looksWell(old, `passed-${language}-${width}`)
      await old.browserContext().close()
      const heir = await visit(viewport, language, 'department')
      await heir.waitForSelector(at('inherited-choose'))
      await looksWell(heir, `inherited-${language}-${width}`)
      await heir.browserContext().close()
    },
    300_000,
  )

  test('the successor revokes a certificate of the old office', async () => {
    const page = await visit(desk, 'en', 'department')
    const before = await page.waitForSelector(at('inherited-choose')).then(() => page.$$(at('inherited-choose')))
    await before[0]?.click()
    await page.select(at('change-word'), 'revoked')
    await page.click(`${at('change-do')}:enabled`)
    await page.click(at('change-do-sure'))
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-testid="inherited-choose"]').length === count - 1,
      { timeout: patienceMs },
      before.length,
    )
    await page.browserContext().close()
  }, 300_000)

  test.each(looks)(
    'in %s whoever checks a certificate reads who keeps it',
    async (language, viewport, width) => {
      const page = await openPage(browser, { viewport, language })
      await page.goto(`${node.url}/check`)
      // A bundle that tells of it is on its way: the page is opened again until it has come.
      await expect
        .poll(
          async () => {
            await page.goto(`${node.url}/check`)
            await tap(page, 'sample-good')
            const check = await page.waitForSelector(at('check-issuer'))
            return check?.evaluate((element) => element.getAttribute('data-code'))
          },
          { timeout: patienceMs, interval: 1000 },
        )
        .toBe('issuer_succeeded')
      const lines = await page.$$eval('.paper-issuer', (all) => all.map((line) => line.textContent))
      expect(lines[0]).toContain('university.sample-city.example')
      expect(lines[1]).toContain('Sample City Office')
      await looksWell(page, `check-${language}-${width}`)
      await page.browserContext().close()
    },
    300_000,
  )
})
