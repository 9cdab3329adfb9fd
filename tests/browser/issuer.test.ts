/**
 * The issuer's console in a browser: a register with faults is tried out, its faulty rows are left out, entitlements are made of
 * the others; a type is described in a form and published; a certificate is suspended. And how it all looks.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { bePersona, openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']
const register = fileURLToPath(new URL('../../samples/graduates-with-faults.csv', import.meta.url))

describe.skipIf(!hasChromium)('issuing in a browser', () => {
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

  async function visit(viewport: Viewport, path: string, language = 'en', persona = 'university'): Promise<Page> {
    const page = await openPage(browser, { viewport, language })
    await bePersona(page, node.url, persona)
    await page.goto(`${node.url}${path}`)
    await shown(page)
    return page
  }

  const at = (testId: string) => `[data-testid="${testId}"]`

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `issuer-${name}.png`), fullPage: true })
  }

  test('a register with faults: each is named, the rows are left out, the others become entitlements', async () => {
    const page = await visit(desk, '/issuer?tab=register')
    const complaints = complaintsOf(page)
    const file = await page.waitForSelector(at('register-file'))
    await (file as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(register)
    await page.waitForSelector(at('map-document'))
    // The sample has no column for documents; any code of its own will do to try the rest.
    await page.select(at('map-document'), 'student_no')
    await picture(page, 'mapping')
    await page.click(at('register-try'))
    await page.waitForSelector(`${at('trial')}[data-faults="8"]`)
    await picture(page, 'faults')
    expect(await page.$(at('register-make'))).toBeNull()
    await page.click(at('trial-leave-out'))
    await page.waitForSelector(`${at('trial')}[data-faults="0"][data-good="5"]`)
    await page.click(at('register-make'))
    await page.waitForSelector(`${at('register-progress')}[data-state="done"]`)
    await picture(page, 'made')
    expect(complaints).toEqual([])
    await page.browserContext().close()
  }, 300_000)

  test('a type is described without code, published, and cannot be changed any more', async () => {
    const page = await visit(desk, '/issuer')
    await page.click(at('type-new'))
    await page.waitForSelector(at('type-id'))
    await page.type(at('type-id'), 'award')
    for (const language of ['en', 'zh-Hans', 'zh-Hant', 'pt']) {
      await page.type(at(`type-name-${language}`), `Award ${language}`)
      await page.type(at(`field-label-1-${language}`), `Prize ${language}`)
    }
    await page.type(at('field-id-1'), 'prize')
    await picture(page, 'editor')
    await page.click(at('type-save'))
    const publish = await page.waitForSelector(at('type-publish'))
    await publish?.click()
    await page.waitForFunction(() => document.querySelector('[data-testid="type-publish"]') === null, {
      timeout: patienceMs,
    })
    const { types } = (await (await fetch(`${node.url}/v1/groups/${await groupId()}/credential-types`)).json()) as {
      readonly types: readonly { readonly typeId: string }[]
    }
    expect(types.map(({ typeId }) => typeId)).toContain('type_award')
    await page.browserContext().close()
  }, 300_000)

  test('a certificate is suspended with a reason and stands under that status then', async () => {
    const page = await visit(desk, '/issuer?tab=certificates')
    const box = await page.waitForSelector(at('certificate-choose'), { timeout: patienceMs })
    await box?.click()
    await page.click(at('change-do'))
    await page.waitForFunction(() => document.querySelector('[data-testid="change-told"]')?.textContent !== '', {
      timeout: patienceMs,
    })
    await page.select(at('certificates-status'), 'suspended')
    await page.waitForSelector(at('certificate-choose'))
    await picture(page, 'suspended')
    await page.browserContext().close()
  }, 300_000)

  test.each([
    ['zh-Hant', phone, 'phone'],
    ['pt', phone, 'phone'],
    ['zh-Hans', desk, 'desk'],
    ['en', desk, 'desk'],
  ] as const)(
    'in %s everything fits',
    async (language, viewport, width) => {
      const page = await visit(viewport, '/issuer', language)
      const complaints = complaintsOf(page)
      for (const tab of ['types', 'register', 'certificates', 'decisions']) {
        if (tab !== 'types') await page.goto(`${node.url}/issuer?tab=${tab}`)
        await shown(page)
        await picture(page, `${tab}-${language}-${width}`)
        expect(await overflowing(page), tab).toEqual([])
        expect(await seriousFindings(page), tab).toEqual([])
      }
      expect(complaints).toEqual([])
      await page.browserContext().close()
    },
    300_000,
  )

  test('a resident sees where something may be waiting', async () => {
    const page = await visit(phone, '/claims', 'pt', 'resident')
    await page.waitForSelector(at('claim-university'))
    await picture(page, 'claims')
    expect(await overflowing(page)).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
    await page.browserContext().close()
  }, 300_000)

  async function groupId(): Promise<string> {
    const { groups } = (await (await fetch(`${node.url}/v1/groups`)).json()) as { groups: readonly { id: string }[] }
    return groups[0]?.id ?? ''
  }
})
