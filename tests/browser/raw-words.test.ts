/**
 * No desk shows a reader what only programs should: a walk over the pages of every role, each with something on it, that fails on
 * words such as `resident_card` or `issuer.claims.state`. Ids of the ledger stand in `code`, where they belong.
 */
import { join } from 'node:path'
import { openStage, type Stage } from '@chengxin/client'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { schemePlayed } from './scheme-played.ts'
import { bePersona, openPage } from './visitor.ts'

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true }

const places = {
  resident: [
    '/wallet',
    '/wallet/consents',
    '/wallet/prints',
    '/wallet/keys',
    '/bureau',
    '/sharing',
    '/claims',
    '/sign-in',
  ],
  clerk: ['/bureau', '/bureau?tab=acts', '/bureau?tab=people', '/bureau?tab=counter', '/bureau?tab=registrars'],
  university: ['/issuer', '/issuer?tab=register', '/issuer?tab=certificates', '/issuer?tab=decisions'],
  department: ['/sharing', '/issuer'],
  verifier: ['/verifier', '/verifier?tab=requests', '/verifier?tab=registration', '/sharing'],
  nobody: [
    ...['/', '/try', '/check', '/help', '/points', '/explorer', '/nowhere'],
    ...['/certificates', '/certificates?tab=issuers', '/certificates?tab=types', '/certificates?tab=statusLists'],
    ...['/governance', '/governance?tab=proposals', '/governance?tab=roles', '/governance?tab=rules'],
  ],
} as const

/** Words of programs in what a reader sees: names with underscores or dots, and places that nothing was put in. */
function rawWords(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { textContent, parentElement } = walker.currentNode
      const text = textContent?.trim() ?? ''
      if (parentElement === null || !parentElement.checkVisibility()) continue
      // Ids, addresses and the columns of a file somebody brought are shown as they are.
      if (parentElement.closest('code, script, style, textarea, option') !== null) continue
      if (/\b[a-z]+(_[a-z0-9]+)+\b|\{\{|\b[a-z]+(\.[a-z]+[A-Z][A-Za-z]*)+\b/.test(text)) found.push(text)
    }
    return found
  })
}

describe.skipIf(!hasChromium)('raw words', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser
  let stage: Stage
  const certificatePages: string[] = []

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    browser = await launchChromium()
    stage = await schemePlayed(node.url, 'claim')
    const { certificates } = await stage.ask<{ certificates: readonly { certificateId: string }[] }>(
      'GET',
      'agent/wallet',
    )
    certificatePages.push(...certificates.map(({ certificateId }) => `/wallet/certificates/${certificateId}`))
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  test('the test itself sees a raw word, and leaves an id alone', async () => {
    const page = await openPage(browser, { viewport: phone })
    await page.goto(`${node.url}/help`)
    await shown(page)
    await page.evaluate(() => {
      document.querySelector('main')?.insertAdjacentHTML('beforeend', '<p>resident_card</p><code>list_one</code>')
    })
    expect(await rawWords(page)).toEqual(['resident_card'])
    await page.browserContext().close()
  })

  describe.each(['zh-Hant', 'pt'])('in %s', (language) => {
    test.each(Object.entries(places))('%s', async (persona, paths) => {
      const page = await openPage(browser, { viewport: phone, language })
      if (persona !== 'nobody') await bePersona(page, node.url, persona)
      const further = persona === 'resident' ? certificatePages : []
      for (const path of [...paths, ...further]) {
        await page.goto(`${node.url}${path}`)
        await shown(page)
        // Names come from the ledger a moment after the page; what is raw for good stays so.
        await expect.poll(() => rawWords(page), { timeout: 120_000, message: path }).toEqual([])
        expect(await overflowing(page), path).toEqual([])
      }
      await page.browserContext().close()
    })

    test('the sheet of a request for the certificate of identity', async () => {
      const asker = await openStage({ url: node.url })
      await asker.become('resident')
      const { link } = await asker.ask<{ link: string }>('POST', 'issuer/claims', { office: 'university' })
      const page = await openPage(browser, { viewport: phone, language })
      await bePersona(page, node.url, 'resident')
      await page.goto(`${node.url}/wallet/request#${link}`)
      await page.waitForSelector('[data-testid=agree]')
      expect(await page.$$eval('.wanted-field', (fields) => fields.length)).toBe(5)
      await expect.poll(() => rawWords(page), { timeout: 120_000 }).toEqual([])
      await page.browserContext().close()
    })
  })
})
