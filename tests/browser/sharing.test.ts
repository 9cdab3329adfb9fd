/** Licence sharing in a browser, by three people in turn: an office asks, the resident agrees, the office looks, all see it. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBundle, openStatement } from '@chengxin/audit'
import { createNodeClient, type GroupClient } from '@chengxin/client'
import { expectOk } from '@chengxin/kernel'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']

describe.skipIf(!hasChromium)('licence sharing in a browser', () => {
  const place = temporaryData()
  const downloads = join(place.path, 'downloads')
  let node: RunningNode
  let group: GroupClient
  let browser: Browser

  beforeAll(async () => {
    mkdirSync(downloads)
    node = await startNode({ data: join(place.path, 'data') })
    group = await createNodeClient({ url: node.url }).findGroup()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  async function as(persona: string, viewport: Viewport, language = 'en'): Promise<Page> {
    const page = await openPage(browser, { viewport, language })
    await page.goto(`${node.url}/try`)
    await page.locator(`[data-testid=persona-${persona}]`).click()
    await page.waitForFunction(() => location.pathname !== '/try')
    await open(page, '')
    return page
  }

  async function open(page: Page, query: string): Promise<void> {
    await page.goto(`${node.url}/sharing${query}`)
    await shown(page)
  }

  async function look(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
    expect(await overflowing(page), name).toEqual([])
  }

  test('asked, agreed to, looked at and seen by all three; the receipt holds without the node', async () => {
    const office = await as('verifier', desk)
    const complaints = complaintsOf(office)
    await office.locator('[data-testid=option-driver-hiring]').click()
    for (const field of ['family_name', 'categories']) await office.locator(`[data-testid=field-${field}]`).click()
    await office.locator('[data-testid=share-number]').fill('1234567(8)')
    await look(office, 'sharing-ask-desk')
    await office.locator('[data-testid=share-ask]').click()
    await office.waitForFunction(() => location.search.includes('tab=shares'))
    await office.waitForSelector('.records .tag-warn')

    const resident = await as('resident', phone, 'zh-Hant')
    await resident.waitForSelector('[data-testid=share][data-state=waiting]')
    await look(resident, 'sharing-resident-waiting')
    await resident.locator('[data-testid=share-agree]').click()
    await resident.waitForSelector('[data-testid=share][data-state=agreed]', { timeout: patienceMs })

    await open(office, '?tab=shares')
    await office.locator('[data-testid=share-look]').click()
    await office.waitForSelector('[data-testid=licence]')
    const licence = await office.$eval('[data-testid=licence]', (element) => element.textContent ?? '')
    expect(licence).toContain('B, C1')
    expect(licence).not.toMatch(/1990-05-17|Tai Man|DL-204-118/)
    await look(office, 'sharing-licence-desk')

    await open(resident, '')
    await resident.waitForSelector('[data-testid=receipt-save]')
    await look(resident, 'sharing-resident-looks')
    const department = await as('department', desk, 'pt')
    await open(department, '?tab=looks')
    await department.waitForSelector('.records')
    await look(department, 'sharing-department')

    const session = await browser.target().createCDPSession()
    const { id: browserContextId } = department.browserContext()
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: downloads,
      ...(browserContextId === undefined ? {} : { browserContextId }),
    })
    // Statements wait a moment for others before they are anchored together.
    await expect
      .poll(
        async () => {
          await department.locator('[data-testid=receipt-save]').click()
          return readdirSync(downloads).filter((name) => name.endsWith('.json')).length
        },
        { timeout: patienceMs, interval: 1_500 },
      )
      .toBeGreaterThan(0)
    const [file = ''] = readdirSync(downloads)
    const bundle = expectOk(await openBundle(await group.getText('/trust-bundle')))
    const receipt = JSON.parse(readFileSync(join(downloads, file), 'utf8')) as never
    expect(expectOk(openStatement(receipt, bundle)).statement).toMatchObject({
      kind: 'access',
      forPurpose: 'driver-hiring',
    })

    await open(resident, '')
    await resident.locator('[data-testid=share-withdraw]').click()
    await resident.waitForSelector('[data-testid=share][data-state=withdrawn]')
    expect(complaints).toEqual([])
    for (const page of [office, resident, department]) await page.browserContext().close()
  }, 300_000)

  test.each([
    ['zh-Hans', 'verifier', phone, ['', '?tab=shares', '?tab=looks']],
    ['pt', 'resident', phone, ['']],
    ['en', 'resident', desk, ['']],
  ] as const)(
    'in %s everything fits a %s’s screen',
    async (language, persona, viewport, queries) => {
      const page = await as(persona, viewport, language)
      for (const query of queries) {
        await open(page, query)
        await look(page, `sharing-${persona}-${language}${query.replace('?tab=', '-')}`)
        const seen = await page.$eval('main', ({ innerText }) => innerText)
        expect(seen.length).toBeGreaterThan(60)
        expect(seen).not.toMatch(/\b[a-z]+\.[a-z]+[A-Z][A-Za-z]*\b|\{\{/)
      }
      await page.browserContext().close()
    },
    300_000,
  )
})
