/**
 * The desks that were never only read: who uses no mouse or hears the page gets along in every language and at both widths,
 * nothing is cut off, and no key stands where words should be. Each page has something to show.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openStage, sampleActor } from '@chengxin/client'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { bePersona, openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
/** The narrowest desk: names are long and columns small. */
const desk: Viewport = { width: 1280, height: 800 }
const languages = ['zh-Hant', 'zh-Hans', 'pt', 'en'] as const
const widths = [
  ['a phone', phone],
  ['a desk', desk],
] as const
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']

const places = {
  clerk: ['/bureau?tab=registrars', '/bureau?tab=acts', '/newcomers'],
  university: ['/newcomers', '/issuer?tab=decisions', '/issuer?tab=succession'],
  verifier: ['/verifier', '/verifier?tab=requests', '/verifier?tab=files', '/verifier?tab=registration', '/sharing'],
  resident: ['/sharing', '/wallet', '/wallet/own', '/newcomers'],
  nobody: ['/', '/explorer', '/governance?tab=consortium'],
} as const

describe.skipIf(!hasChromium)('desks for everybody', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    await fill()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  /** The university becomes a registrar and invites somebody with a long name; another office waits for the second officer. */
  async function fill(): Promise<void> {
    const { ask, become } = await openStage({ url: node.url })
    const propose = (name: 'university' | 'city-office-admin') =>
      ask<{ authorisationId: string }>('POST', 'registrars/authorisations', {
        did: sampleActor(name).did,
        kind: 'grant',
      })
    await become('clerk')
    const { authorisationId } = await propose('university')
    await propose('city-office-admin')
    await become('second-officer')
    const decided = await ask('POST', `registrars/authorisations/${authorisationId}/decision`, { agree: true })
    expect(decided).toMatchObject({ state: 'done' })
    await become('university')
    const facts = {
      family_name: 'FERNANDES DA SILVA RODRIGUES',
      given_name: 'MARIA MADALENA',
      birth_date: '1999-04-03',
      document_type: 'passport',
      document_number: 'PX1234567',
      document_expires: '2036-01-01',
    }
    await ask('POST', 'registrars/newcomers', { facts })
  }

  async function look(page: Page, name: string): Promise<void> {
    await shown(page)
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
    const seen = await page.$eval('main', ({ innerText }) => innerText)
    // A key without words shows as itself, an id of a member as the ledger writes it.
    expect(seen, name).not.toMatch(/\b[a-z]+\.[a-z]+[A-Z][A-Za-z]*\b|\{\{|\bmember_[a-z]+/)
    expect(await overflowing(page), name).toEqual([])
    expect(await seriousFindings(page), name).toEqual([])
  }

  describe.each(languages)('in %s', (language) => {
    describe.each(widths)('on %s', (width, viewport) => {
      test.each(Object.entries(places))('as %s', async (persona, paths) => {
        const page = await openPage(browser, { viewport, language })
        if (persona !== 'nobody') await bePersona(page, node.url, persona)
        const complaints = complaintsOf(page)
        for (const path of paths) {
          await page.goto(`${node.url}${path}`)
          await look(page, `${persona}${path.replaceAll(/[^a-z]+/g, '-')}-${language}-${width.slice(2)}`)
        }
        // The bureau is told that it invites nobody; a browser counts that answer as an error.
        expect(complaints.filter((complaint) => !complaint.includes('/registrars/newcomers'))).toEqual([])
        await page.browserContext().close()
      })
    })
  })

  test('who is a registrar sees whom the office invited; who is none is told so and gets no form', async () => {
    const page = await openPage(browser, { viewport: desk })
    await bePersona(page, node.url, 'university')
    await page.goto(`${node.url}/newcomers`)
    await page.waitForSelector('.records')
    expect(await page.$eval('main', ({ innerText }) => innerText)).toContain('FERNANDES DA SILVA RODRIGUES')
    await bePersona(page, node.url, 'department')
    await page.goto(`${node.url}/newcomers`)
    await page.waitForSelector('main .state')
    expect(await page.$('[data-testid=invite-newcomer]')).toBeNull()
    expect(await page.$eval('main', ({ innerText }) => innerText)).toContain('The committee has not made this office')
    await page.browserContext().close()
  })
})
