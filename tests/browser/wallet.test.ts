/**
 * The resident's wallet in a browser, by hand and by the guided tour: allowed, filled, asked, refused, printed, withdrawn from,
 * and told of a revocation. Everything runs at the desks of a real node, with the keys of the sample city.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStage, type Stage } from '@chengxin/client'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { openPage, tap } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }
const languages = ['zh-Hant', 'zh-Hans', 'pt', 'en'] as const
const addresses = ['/wallet', '/wallet/consents', '/wallet/prints', '/wallet/keys', '/wallet/offer', '/wallet/request']
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']

describe.skipIf(!hasChromium)('the wallet', () => {
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

  async function visit(viewport: Viewport, language = 'en'): Promise<Page> {
    return openPage(browser, { viewport, language })
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  async function asResident(page: Page): Promise<void> {
    await open(page, '/try')
    await page.locator('[data-testid=persona-resident]').click()
    await page.waitForFunction(() => location.pathname === '/wallet')
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
  }

  /** The verifier, at its own desk. */
  async function asked(): Promise<{ readonly stage: Stage; readonly link: string; readonly requestId: string }> {
    const stage = await openStage({ url: node.url })
    await stage.become('verifier')
    const wish = {
      purposeId: 'job-application',
      typeId: 'type_graduation-v1',
      fields: ['name_latin', 'degree_en'],
      device: 'other',
    }
    return { stage, ...(await stage.ask<{ link: string; requestId: string }>('POST', 'verifier/requests', wish)) }
  }

  test('the tour plays the whole scheme at one touch an act, is left and taken up again, and ends', async () => {
    const page = await visit(desk)
    const complaints = complaintsOf(page)
    await open(page, '/try')
    await tap(page, 'tour-begin')
    const startedAt = Date.now()
    for (let done = 0; done < 11; done++) {
      await page.waitForSelector(`[data-testid=tour][data-done="${done}"]`)
      if (done === 4) await page.reload()
      await tap(page, 'tour-play')
      await page.waitForFunction(
        (before) => {
          const bar = document.querySelector<HTMLElement>('[data-testid=tour]')
          return bar?.dataset['done'] === String(before + 1) || bar?.querySelector('.fault') !== null
        },
        {},
        done,
      )
      expect(await page.$eval('[data-testid=tour]', (bar) => bar.querySelector('.fault')?.textContent ?? '')).toBe('')
      await picture(page, `tour-${String(done + 1).padStart(2, '0')}`)
    }
    await page.waitForSelector('[data-testid=tour-over]')
    // The page behind has judged the very file that the tour was about, and both can be taken home.
    await page.waitForSelector('[data-verdict=not_valid]')
    const saved = await savedBy(page, ['tour-certificate', 'tour-report'])
    expect(saved.map(([name]) => name)).toEqual(['certificate.txt', 'chengxin-report.jws'])
    expect(saved[0]?.[1]).toMatch(/^eyJ[\w-]+\./)
    expect(saved[1]?.[1]).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    // Five minutes are for reading; the acts themselves take a fraction of it.
    expect(Date.now() - startedAt).toBeLessThan(300_000)
    expect(complaints).toEqual([])
    await page.browserContext().close()
  })

  test('whoever holds the revoked certificate is told, with the reason and where to object', async () => {
    const page = await visit(phone)
    await asResident(page)
    await page.waitForSelector('[data-testid=notice]')
    expect(await page.$eval('[data-testid=notice]', (notice) => notice.textContent)).toMatch(/revoked.*error.*object/is)
    expect(
      await page.$$eval('[data-testid=certificate-card]', (cards) =>
        cards.map((card) => card.getAttribute('data-standing')),
      ),
    ).toContain('status_revoked')
    await picture(page, 'wallet-told')
    await page.browserContext().close()
  })

  test('a request shows who asks, for what and until when; refusing shows nothing, agreeing shows what was asked', async () => {
    const stage = await openStage({ url: node.url })
    const acts = await scheme()
    // A new certificate in the place of the one that the tour revoked.
    await stage.become('university')
    await acts.issue(stage)
    await stage.become('resident')
    await acts.claim(stage)

    const page = await visit(phone)
    await asResident(page)
    const refused = await asked()
    await open(page, `/wallet/request#${refused.link}`)
    await page.waitForSelector('[data-testid=agree]')
    const words = await page.$eval('main', (main) => main.innerText)
    expect(words).toContain('Employment Service')
    expect(words).toContain('employment.sample-city.example')
    expect(words).toContain('Confirming a degree for a job application')
    const sizes = await page.$$eval('.answer-button', (buttons) => buttons.map((button) => button.clientWidth))
    expect(sizes[0]).toBe(sizes[1])
    await picture(page, 'request')
    await tap(page, 'refuse')
    await page.waitForSelector('[data-testid=answered][data-outcome=refused]')
    const no = await refused.stage.ask<{ status: string; shown?: object }>(
      'GET',
      `verifier/requests/${refused.requestId}`,
    )
    expect(no).toMatchObject({ status: 'refused' })
    expect(no.shown).toBeUndefined()

    const agreed = await asked()
    await open(page, `/wallet/request#${agreed.link}`)
    await tap(page, 'agree')
    await page.waitForSelector('[data-testid=answered][data-outcome=agreed]')
    const yes = await agreed.stage.ask<object>('GET', `verifier/requests/${agreed.requestId}`)
    expect(yes).toMatchObject({ status: 'accepted', shown: { claims: { name_latin: 'CHAN SIO MENG' } } })

    await open(page, '/wallet/consents')
    await page.waitForSelector('[data-testid=consent][data-state=given]')
    const before = await page.$$eval('[data-testid=consent][data-state=withdrawn]', (all) => all.length)
    await tap(page, 'withdraw')
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-testid=consent][data-state=withdrawn]').length === count + 1,
      {},
      before,
    )
    await picture(page, 'consents')
    await page.browserContext().close()
  })

  test('a certificate goes onto paper, is checked as a copy, and the paper alone is cancelled', async () => {
    const page = await visit(phone)
    await asResident(page)
    await page.locator('[data-testid=certificate-card][data-standing=valid]').click()
    await tap(page, 'print')
    await page.waitForSelector('.pick-list input')
    await page.$$eval('.pick-list input', (boxes) => {
      for (const box of boxes.slice(0, 2)) box.click()
    })
    await tap(page, 'make-print')
    await page.waitForSelector('[data-testid=print-codes], [data-testid=paper-codes] svg')
    await picture(page, 'paper')
    const stage = await openStage({ url: node.url })
    await stage.become('resident')
    interface Prints {
      readonly prints: readonly { readonly text: string; readonly standing?: { readonly word: string } }[]
    }
    const paper = async () => (await stage.ask<Prints>('GET', 'agent/prints')).prints[0]?.text ?? ''
    const codeOf = async (name: string) => {
      type Results = { results: { report: { checks: { name: string; code?: string }[] } }[] }
      const body = { files: [{ name: 'paper', text: await paper() }] }
      const { results } = await stage.ask<Results>('POST', 'verifier/files', body)
      return results[0]?.report.checks.find((check) => check.name === name)?.code
    }
    expect(await codeOf('holder')).toBe('holder_printed')
    await tap(page, 'cancel-print')
    await tap(page, 'cancel-print-sure')
    await expect.poll(() => codeOf('status'), { timeout: patienceMs, interval: 500 }).toBe('status_revoked')
    await open(page, '/wallet')
    await page.waitForSelector('[data-testid=certificate-card][data-standing=valid]')
    await page.browserContext().close()
  })

  test('the agent that is not allowed any more does nothing, and is allowed again by one touch', async () => {
    const page = await visit(phone)
    await asResident(page)
    await open(page, '/wallet/keys')
    await tap(page, 'end-agent')
    await page.waitForFunction(() => document.querySelector('[data-testid=end-agent]') === null)
    const { link } = await asked()
    await open(page, `/wallet/request#${link}`)
    await page.waitForSelector('[data-testid=stopped][data-code=agent_not_authorised]')
    await open(page, '/wallet')
    await tap(page, 'allow-agent')
    await page.waitForSelector('[data-testid=scan]')
    await page.browserContext().close()
  })

  /** Applies with two pictures drawn here; a clerk confirms. */
  async function confirmedByBureau(page: Page): Promise<void> {
    const answer = await page.evaluate(async () => {
      const bring = async () => {
        const canvas = new OffscreenCanvas(600, 400)
        canvas.getContext('2d')?.fillText('A document', 20, 20)
        const body = await canvas.convertToBlob({ type: 'image/jpeg' })
        const headers = { 'content-type': 'image/jpeg' }
        const kept = await fetch('/v1/desks/bureau/photos', { method: 'POST', body, headers })
        return ((await kept.json()) as { photoId: string }).photoId
      }
      const facts = {
        family_name: 'LEI',
        given_name: 'KA YAN',
        birth_date: '1991-07-08',
        document_type: 'resident_card',
        document_number: '5550001(2)',
        document_expires: '2036-01-01',
      }
      const body = JSON.stringify({ facts, documentPhoto: await bring(), facePhoto: await bring() })
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/v1/desks/bureau/applications', { method: 'POST', body, headers })).json()
    })
    const { applicationId } = answer as { applicationId: string }
    const stage = await openStage({ url: node.url })
    await stage.become('clerk')
    await stage.ask('POST', `bureau/applications/${applicationId}/decision`, { confirm: true })
  }

  const posted = (page: Page, path: string, body: object): Promise<unknown> =>
    page.evaluate(
      async (at, text) => {
        const headers = { 'content-type': 'application/json' }
        return (await fetch(at, { method: 'POST', body: text, headers })).json()
      },
      `/v1/desks/${path}`,
      JSON.stringify(body),
    )

  test('with a passkey of one’s own: allowed, taken and shown by the right finger, and by no other', async () => {
    const page = await visit(phone)
    const cdp = await page.createCDPSession()
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    const finger = (isUserVerified: boolean) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    await open(page, '/sign-in')
    await tap(page, 'register')
    await page.waitForSelector('[data-testid=sign-out]')
    await confirmedByBureau(page)
    await open(page, '/wallet')
    await tap(page, 'allow-agent')
    await page.waitForSelector('[data-testid=scan]')

    const { uri } = (await posted(page, 'bureau/certificate', {})) as { uri: string }
    await open(page, `/wallet/offer#${uri}`)
    await finger(false)
    await tap(page, 'take-offer')
    await page.waitForSelector('.fault')
    const held = async () => {
      const wallet = await page.evaluate(async () => (await fetch('/v1/desks/agent/wallet')).json() as Promise<unknown>)
      return (wallet as { certificates: readonly object[] }).certificates.length
    }
    expect(await held()).toBe(0)
    await finger(true)
    await tap(page, 'take-offer')
    await page.waitForSelector('[data-testid=certificate-card]')
    expect(await held()).toBe(1)

    const { link } = (await posted(page, 'issuer/claims', { office: 'university' })) as { link: string }
    await open(page, `/wallet/request#${link}`)
    await finger(false)
    await tap(page, 'agree')
    await page.waitForSelector('.fault')
    const { consents } = (await page.evaluate(async () => (await fetch('/v1/desks/agent/consents')).json())) as {
      consents: readonly object[]
    }
    expect(consents).toEqual([])
    await finger(true)
    await tap(page, 'agree')
    await page.waitForSelector('[data-testid=answered][data-outcome=agreed]')
    await page.browserContext().close()
  })

  describe.each(languages)('in %s', (language) => {
    test.each([
      ['a phone', phone],
      ['a desk', desk],
    ])('every page fits %s and complains of nothing', async (where, viewport) => {
      const page = await visit(viewport, language)
      const complaints = complaintsOf(page)
      await asResident(page)
      for (const address of addresses) {
        await open(page, address)
        expect(await overflowing(page), address).toEqual([])
        expect(await seriousFindings(page), address).toEqual([])
        await picture(page, `${language}-${where.replace(' ', '-')}${address.replaceAll('/', '-')}`)
      }
      expect(complaints).toEqual([])
      await page.browserContext().close()
    })
  })
})

/** Acts of the scheme that a test needs to come before its own. */
/** Touches what saves a file, one after the other: names and contents, as they lie on the disk. */
async function savedBy(page: Page, buttons: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chengxin-saved-'))
  const session = await page.createCDPSession()
  const context = page.browserContext().id
  await session.send('Browser.setDownloadBehavior', {
    ...{ behavior: 'allow', downloadPath: folder },
    ...(context !== undefined && { browserContextId: context }),
  })
  const whole = () => readdirSync(folder).filter((name) => !name.endsWith('.crdownload'))
  for (const [index, button] of buttons.entries()) {
    await page.locator(`[data-testid=${button}]`).click()
    await expect.poll(() => whole().length, { timeout: patienceMs }).toBe(index + 1)
  }
  const saved = whole()
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
  rmSync(folder, { recursive: true })
  return saved
}

async function scheme() {
  const { macauScheme } = await import('@chengxin/client')
  const play = (key: string) => async (stage: Stage) => {
    const act = macauScheme.find((candidate) => candidate.key === key)
    if (act === undefined) throw new Error(`The scheme has no act ${key}.`)
    await act.play(stage, {})
  }
  return { issue: play('issue'), claim: play('claim') }
}
