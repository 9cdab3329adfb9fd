/**
 * The whole scheme without a mouse: the tour, and by hand asking, agreeing, printing and revoking, by Tab, Space, Enter, arrows
 * and Escape alone. At each stop on the way a person sees where they are.
 */
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { hasChromium, launchChromium, shown } from './chromium.ts'
import { here, outOfOrder, press, tabTo } from './keyboard.ts'
import { schemePlayed } from './scheme-played.ts'
import { openPage } from './visitor.ts'

const desk = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }

describe.skipIf(!hasChromium)('by keyboard alone', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    browser = await launchChromium()
    await schemePlayed(node.url, 'claim')
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
    expect(await outOfOrder(page)).toEqual([])
  }

  async function become(page: Page, persona: string, home: string): Promise<void> {
    await open(page, '/try')
    await press(page, `persona-${persona}`)
    await page.waitForFunction((path) => location.pathname === path, {}, home)
    await shown(page)
  }

  test('the first key leads past the navigation, and the page begins there', async () => {
    const page = await openPage(browser, { viewport: desk })
    await open(page, '/wallet')
    await page.keyboard.press('Tab')
    expect((await here(page)).name).toMatch(/^A Skip/)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'main')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    await page.browserContext().close()
  })

  test('a verifier asks, the resident picks and agrees, the verifier sees it', async () => {
    const verifier = await openPage(browser, { viewport: desk })
    await become(verifier, 'verifier', '/verifier')
    await press(verifier, 'field-name_latin', 'Space')
    await press(verifier, 'field-degree_en', 'Space')
    await press(verifier, 'optional-degree_en', 'Space')
    await press(verifier, 'ask-open')
    await verifier.waitForSelector('[data-testid=asked][data-status=open]')
    const link = await verifier.$eval('.asked-link a', (element) => element.getAttribute('href') ?? '')

    const resident = await openPage(browser, { viewport: desk })
    await become(resident, 'resident', '/wallet')
    await open(resident, `/wallet/request#${link}`)
    await press(resident, 'agree')
    await resident.waitForSelector('[data-testid=answered][data-outcome=agreed]')
    await verifier.waitForSelector(
      '[data-testid=asked][data-status=accepted] [data-testid=verdict][data-verdict=valid]',
    )
    await verifier.browserContext().close()
    await resident.browserContext().close()
  })

  test('a question before what cannot be taken back holds the keyboard, begins harmlessly, and gives the focus back', async () => {
    const page = await openPage(browser, { viewport: desk })
    await become(page, 'resident', '/wallet')
    await page.waitForSelector('[data-testid=certificate-card][data-standing=valid]')
    await page.$eval('[data-testid=certificate-card][data-standing=valid]', (card) => (card as HTMLElement).focus())
    await page.keyboard.press('Enter')
    await press(page, 'remove')
    await page.waitForSelector('dialog[open]')
    expect(await here(page)).toEqual({ name: 'remove-not' })
    for (let steps = 0; steps < 5; steps++) {
      await page.keyboard.press('Tab')
      // The window itself may have its turn; the page behind the question has none.
      const inside = () =>
        document.activeElement === document.body || document.activeElement?.closest('dialog[open]') !== null
      expect(await page.evaluate(inside)).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null)
    expect((await here(page)).name).toBe('remove')
    await page.browserContext().close()
  })

  test('a certificate goes onto paper, and the paper is cancelled', async () => {
    const page = await openPage(browser, { viewport: desk })
    await become(page, 'resident', '/wallet')
    await page.waitForSelector('[data-testid=certificate-card][data-standing=valid]')
    await page.$eval('[data-testid=certificate-card][data-standing=valid]', (card) => (card as HTMLElement).focus())
    await page.keyboard.press('Enter')
    await press(page, 'print')
    await page.waitForSelector('.pick-list input')
    for (let steps = 0; steps < 80; steps++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.matches('.pick-list input') === true)) break
    }
    await page.keyboard.press('Space')
    await press(page, 'make-print')
    await page.waitForSelector('[data-testid=paper-codes] svg')
    await press(page, 'cancel-print')
    await press(page, 'cancel-print-sure')
    await page.waitForSelector('[data-testid=cancel-print][disabled]')
    await page.browserContext().close()
  })

  test('a clerk revokes, with a reason', async () => {
    const page = await openPage(browser, { viewport: desk })
    await become(page, 'university', '/issuer')
    await open(page, '/issuer?tab=certificates')
    await press(page, 'certificate-choose', 'Space')
    await tabTo(page, 'change-word')
    await page.keyboard.press('ArrowDown')
    expect(await page.$eval('[data-testid=change-word]', (select) => (select as HTMLSelectElement).value)).toBe(
      'revoked',
    )
    await press(page, 'change-do')
    await press(page, 'change-do-sure')
    await page.waitForFunction(() => document.querySelector('[data-testid="change-told"]')?.textContent !== '')
    await page.browserContext().close()
  })

  test('the sheet of a phone holds the keyboard and gives the focus back', async () => {
    const page = await openPage(browser, { viewport: phone })
    await open(page, '/')
    await press(page, 'more-menu')
    await page.waitForSelector('dialog[open]')
    expect(await page.evaluate(() => document.activeElement?.closest('dialog[open]') !== null)).toBe(true)
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null)
    expect((await here(page)).name).toBe('more-menu')
    await page.browserContext().close()
  })

  test('the tour goes on with the key that it was begun with', async () => {
    const page = await openPage(browser, { viewport: desk })
    await open(page, '/try')
    await press(page, 'tour-begin')
    for (let done = 0; done < 11; done++) {
      await page.waitForSelector(`[data-testid=tour][data-done="${done}"]`)
      // The next act's button has the focus by itself; revocation and all that follows needs nothing else.
      await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'tour-play')
      expect(await here(page)).toEqual({ name: 'tour-play' })
      await page.keyboard.press('Enter')
    }
    await page.waitForSelector('[data-testid=tour-over]')
    await page.browserContext().close()
  })
})
