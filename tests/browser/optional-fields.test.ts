/**
 * Fields that a verifier would like and does not need: said at its console, picked at the resident's sheet, and what comes of
 * it is exactly what was picked.
 */
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { schemePlayed } from './scheme-played.ts'
import { bePersona, openPage } from './visitor.ts'

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk = { width: 1280, height: 900 }

describe.skipIf(!hasChromium)('optional fields', () => {
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

  test('are left out unless the resident picks them; the verifier gets the picked ones and no others', async () => {
    const verifier = await openPage(browser, { viewport: desk })
    await bePersona(verifier, node.url, 'verifier')
    await verifier.goto(`${node.url}/verifier`)
    await shown(verifier)
    for (const field of ['name_latin', 'degree_en', 'major_en']) {
      await verifier.locator(`[data-testid=field-${field}]`).click()
    }
    for (const field of ['degree_en', 'major_en']) await verifier.locator(`[data-testid=optional-${field}]`).click()
    expect(await verifier.$eval('main', ({ innerText }) => innerText)).toContain('Major (if you like)')
    expect(await overflowing(verifier)).toEqual([])
    expect(await seriousFindings(verifier)).toEqual([])
    await verifier.locator('[data-testid=ask-open]').click()
    await verifier.waitForSelector('[data-testid=asked][data-status=open]')
    const link = await verifier.$eval('.asked-link a', (element) => element.getAttribute('href') ?? '')

    const resident = await openPage(browser, { viewport: phone })
    await bePersona(resident, node.url, 'resident')
    await resident.goto(`${node.url}/wallet/request#${link}`)
    await resident.waitForSelector('[data-testid=agree]')
    const boxes = () =>
      resident.$$eval('.wanted-field input', (all) =>
        all.map(({ checked, disabled }) => ({ checked, disabled })).toSorted((a, b) => +b.disabled - +a.disabled),
      )
    // Nothing is given away by not looking: only what is needed is ticked, and cannot be unticked.
    expect(await boxes()).toEqual([
      { checked: true, disabled: true },
      { checked: false, disabled: false },
      { checked: false, disabled: false },
    ])
    const pick = async (words: string) => {
      for (const label of await resident.$$('label.wanted-field')) {
        if ((await label.evaluate((element) => element.textContent))?.includes(words)) await label.click()
      }
    }
    // Picked and put back again, and the other one picked.
    await pick('Computer Science')
    await pick('Computer Science')
    await pick('Bachelor of Science')
    expect((await boxes()).filter(({ checked }) => checked)).toHaveLength(2)
    expect(await seriousFindings(resident)).toEqual([])
    await resident.locator('[data-testid=agree]').click()
    await resident.waitForSelector('[data-testid=answered][data-outcome=agreed]')
    await resident.goto(`${node.url}/wallet/consents`)
    await resident.waitForSelector('[data-testid=consent][data-state=given]')
    const consent = await resident.$eval('[data-testid=consent]', ({ textContent }) => textContent ?? '')
    expect(consent).toContain('Degree')
    expect(consent).not.toContain('Major')

    await verifier.waitForSelector('[data-testid=asked][data-status=accepted]')
    const shownFields = await verifier.$$eval('[data-testid^=claim-]', (all) =>
      all.map((element) => element.getAttribute('data-testid')),
    )
    expect(new Set(shownFields)).toEqual(new Set(['claim-degree_en', 'claim-name_latin']))
    await resident.browserContext().close()
    await verifier.browserContext().close()
  })
})
