/** Signing in and the identity bureau, in Chromium with virtual authenticators: passkeys, refusals, officers, lost keys. */
import { join } from 'node:path'
import { createNodeClient, sampleActor } from '@chengxin/client'
import type { Browser, CDPSession, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, shown } from './chromium.ts'
import { bePersona, openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }

/** A page with an authenticator of its own. */
interface Visit {
  readonly page: Page
  readonly cdp: CDPSession
  readonly authenticatorId: string
}

describe.skipIf(!hasChromium)('accounts', () => {
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

  async function visit(viewport: Viewport = desk, language = 'en'): Promise<Visit> {
    const page = await openPage(browser, { viewport, language })
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
    return { page, cdp, authenticatorId }
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  /** Waits for something and touches it, however the page moves meanwhile. */
  async function touch(page: Page, testId: string): Promise<void> {
    await page.waitForSelector(`[data-testid=${testId}]:not([disabled])`)
    await page.$eval(`[data-testid=${testId}]`, (element) => (element as HTMLElement).click())
  }

  async function be(persona: string, viewport?: Viewport): Promise<Page> {
    const { page } = await visit(viewport)
    await open(page, '/try')
    await touch(page, `persona-${persona}`)
    await page.waitForSelector(`[data-testid=persona-banner][data-persona=${persona}]`)
    return page
  }

  const leave = (page: Page) => page.browserContext().close()

  async function fill(page: Page, name: string, value: string): Promise<void> {
    await page.$eval(
      `[name=${name}]`,
      (element, text) => {
        ;(element as HTMLInputElement).value = text
      },
      value,
    )
  }

  /** A picture drawn here, as a phone's camera would hand it over. */
  async function choosePhotos(page: Page): Promise<void> {
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(2400, 1600)
      canvas.getContext('2d')?.fillText('An identity document', 200, 200)
      const file = new File([await canvas.convertToBlob()], 'photo.png', { type: 'image/png' })
      for (const name of ['documentPhoto', 'facePhoto']) {
        const input = document.querySelector<HTMLInputElement>(`[data-testid=${name}]`)
        const transfer = new DataTransfer()
        transfer.items.add(file)
        if (input === null) throw new Error('There is nowhere to put a photograph.')
        input.files = transfer.files
        input.dispatchEvent(new Event('change', { bubbles: true }))
      }
    })
  }

  let documents = 100
  async function apply(page: Page): Promise<string> {
    await open(page, '/bureau')
    const number = `${documents++}4567(8)`
    const facts = { family_name: 'Chan', given_name: 'Siu Ming', birth_date: '1990-02-28' }
    for (const [name, value] of Object.entries(facts)) await fill(page, name, value)
    await fill(page, 'document_number', number)
    await fill(page, 'document_expires', '2039-05-01')
    await choosePhotos(page)
    await touch(page, 'send-application')
    return number
  }

  async function confirmNext(): Promise<void> {
    const clerk = await be('clerk')
    await touch(clerk, 'open-application')
    // Both photographs are shown, and no larger than they were to become.
    await clerk.waitForFunction(() => {
      const images = [...document.querySelectorAll<HTMLImageElement>('[data-testid=application] img')]
      return images.length === 2 && images.every((image) => image.naturalWidth === 1600)
    })
    await touch(clerk, 'confirm-application')
    await clerk.waitForFunction(() => document.querySelector('[data-testid=application]') === null)
    await leave(clerk)
  }

  test('a resident makes a passkey, applies with photographs, is confirmed, and signs in again', async () => {
    const { page, cdp, authenticatorId } = await visit(phone, 'zh-Hant')
    const complaints = complaintsOf(page)
    await open(page, '/sign-in')
    await touch(page, 'register')
    await page.waitForSelector('[data-testid=sign-out]')
    // The passkey was asked a second time, for its word that it wants to be on the ledger.
    await page.waitForFunction(
      () =>
        document.querySelector('.panel-note') === null ||
        !document.querySelector('.panel-note')?.textContent?.includes('DID'),
    )
    await apply(page)
    await page.waitForFunction(() => document.querySelector('[data-testid=send-application]') === null)
    await confirmNext()
    await open(page, '/bureau')
    await page.waitForSelector('[data-testid=fetch-identity]')
    expect(await seriousFindings(page)).toEqual([])

    await open(page, '/sign-in')
    await touch(page, 'sign-out')
    await page.waitForSelector('[data-testid=sign-in]')
    expect(complaints).toEqual([])
    // A finger that the device does not know.
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await touch(page, 'sign-in')
    await page.waitForSelector('[data-testid=fault]')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await touch(page, 'sign-in')
    await page.waitForSelector('[data-testid=sign-out]')
    await leave(page)
  })

  test('an officer comes by a link that two colleagues made, once', async () => {
    const [clerk, second, { page }] = [await be('clerk'), await be('second-officer'), await visit()]
    await open(clerk, '/sign-in')
    await touch(clerk, 'invite-bureau_clerk')
    await clerk.waitForFunction(() => document.querySelectorAll('tbody tr').length > 1)
    await open(second, '/sign-in')
    await touch(second, 'approve-invitation')
    const link = await second
      .waitForSelector('[data-testid=invitation-link]')
      .then((element) => element?.evaluate((code) => code.textContent ?? ''))
    await page.goto(link ?? '')
    await touch(page, 'accept-invitation')
    await page.waitForSelector('[data-testid=sign-out]')
    await open(page, '/bureau')
    await page.waitForSelector('.bureau-filters')
    const late = await visit()
    await late.page.goto(link ?? '')
    await touch(late.page, 'accept-invitation')
    await late.page.waitForSelector('[data-testid=fault]')
    for (const one of [clerk, second, page, late.page]) await leave(one)
  })

  test('what is opened on a page stays open, however late the words of its parts come', async () => {
    const { page } = await visit()
    await bePersona(page, node.url, 'clerk')
    await page.setBypassServiceWorker(true)
    await page.setRequestInterception(true)
    page.on('request', (request) => {
      // As on a line that is slow for this one file alone.
      if (request.url().includes('/en_GB-')) setTimeout(() => void request.continue(), 1_500)
      else void request.continue()
    })
    const late = page.waitForResponse((response) => response.url().includes('/en_GB-'))
    await page.goto(`${node.url}/bureau?tab=people`)
    await page.waitForSelector('[name=document_number]')
    await page.$eval('[name=document_number]', (field) => field.setAttribute('data-typed', ''))
    await (await late).text()
    // A page that its words took apart would be drawn anew by now: they were read, and two pictures have passed.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    expect(await page.$('[name=document_number][data-typed]')).not.toBeNull()
    await leave(page)
  })

  /** What the wallet of Chan, the resident of the sample city, says on the ledger. */
  async function chanOnLedger() {
    const group = await createNodeClient({ url: node.url }).findGroup()
    await group.readModelReached(((await group.get('')) as { height: number }).height)
    return group.get(`/dids/${encodeURIComponent(sampleActor('resident-chan').did)}`)
  }

  /** The second officer of the bureau agrees to what waits, on the ledger and with a key of their own. */
  async function secondOfficerSigns(): Promise<void> {
    const second = await be('second-officer')
    await open(second, '/bureau?tab=acts')
    await touch(second, 'counter-approve')
    await second.waitForFunction(() => document.querySelector('[data-testid=counter-approve]') === null)
    await leave(second)
  }

  test('lost keys, no guardian: the counter, a passkey on a new phone, two officers’ keys; and whoever has the phone stops it', async () => {
    const resident = await be('resident', phone)
    const number = await apply(resident)
    await resident.waitForFunction(() => document.querySelector('[data-testid=send-application]') === null)
    await confirmNext()

    const clerk = await be('clerk')
    await open(clerk, '/bureau?tab=people')
    await fill(clerk, 'document_number', number)
    await touch(clerk, 'find-person')
    await clerk.waitForSelector('[data-testid=act-kind]')
    await clerk.select('[data-testid=act-kind]', 'recover')
    await touch(clerk, 'propose-act')
    const ticket = await clerk
      .waitForSelector('[data-testid=ticket]')
      .then((element) => element?.evaluate((box) => (box as HTMLElement).dataset['link'] ?? ''))
    const { page: newPhone } = await visit(phone, 'pt')
    await newPhone.goto(ticket ?? '')
    await touch(newPhone, 'make-new-key')
    await newPhone.waitForSelector('[data-testid=key-given]')

    // The first officer's own key asks the ledger, and from now on everything of the resident's rests.
    await open(clerk, '/bureau?tab=acts')
    await clerk.waitForSelector('[data-testid=own-standing]')
    await touch(clerk, 'counter-request')
    await clerk.waitForSelector('[data-testid=counter-withdraw]')
    expect(await chanOnLedger()).toHaveProperty('recovery.atCounter', true)
    expect(await chanOnLedger()).not.toHaveProperty('recovery.completableAtMs')
    await secondOfficerSigns()
    expect(await chanOnLedger()).toHaveProperty('recovery.completableAtMs')

    // The phone was not lost after all, or somebody else stood at the counter: its holder reads of it and stops it.
    await open(resident, '/wallet/keys')
    await resident.waitForSelector('[data-testid=recovery]')
    expect(await seriousFindings(resident)).toEqual([])
    expect(await overflowing(resident)).toEqual([])
    await touch(resident, 'stop-recovery')
    await resident.waitForFunction(() => document.querySelector('[data-testid=recovery]') === null)
    expect(await chanOnLedger()).not.toHaveProperty('recovery')

    // Who wants no counter takes it out.
    await touch(resident, 'close-counter')
    await resident.waitForSelector('[data-testid=counter-standing][data-standing=closed]')
    expect(await chanOnLedger()).toHaveProperty('counter.standing', 'closed')
    await touch(resident, 'open-counter')
    await resident.waitForSelector('[data-testid=counter-standing][data-standing=open]')
    for (const one of [resident, clerk, newPhone]) await leave(one)
  })

  test('an officer’s passkey is asked for each act that weighs, and a finger that it does not know stops the act', async () => {
    const [clerk, second, officer] = [await be('clerk'), await be('second-officer'), await visit()]
    await open(clerk, '/sign-in')
    await touch(clerk, 'invite-bureau_clerk')
    await clerk.waitForFunction(() => document.querySelectorAll('tbody tr').length > 1)
    await open(second, '/sign-in')
    await touch(second, 'approve-invitation')
    const link = await second
      .waitForSelector('[data-testid=invitation-link]')
      .then((element) => element?.evaluate((code) => code.textContent ?? ''))
    const { page, cdp, authenticatorId } = officer
    await page.goto(link ?? '')
    await touch(page, 'accept-invitation')
    await page.waitForSelector('[data-testid=sign-out]')

    const resident = await visit(phone)
    await open(resident.page, '/sign-in')
    await touch(resident.page, 'register')
    await resident.page.waitForSelector('[data-testid=sign-out]')
    const number = await apply(resident.page)
    await resident.page.waitForFunction(() => document.querySelector('[data-testid=send-application]') === null)
    await confirmNext()

    await open(page, '/bureau?tab=people')
    await fill(page, 'document_number', number)
    await touch(page, 'find-person')
    await page.waitForSelector('[data-testid=act-kind]')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await touch(page, 'propose-act')
    await page.waitForSelector('[data-testid=fault]')
    expect(await page.$$('[role=status]')).toHaveLength(0)
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await touch(page, 'propose-act')
    await page.waitForSelector('.bureau-act [role=status]')
    // An officer of the bureau has a key on the ledger too; what it may sign there the committee says.
    await open(page, '/bureau?tab=acts')
    await page.waitForSelector('[data-testid=own-standing]')
    for (const one of [clerk, second, page, resident.page]) await leave(one)
  })

  describe.each(['zh-Hant', 'zh-Hans', 'pt', 'en'])('in %s', (language) => {
    test.each([
      ['a phone', phone],
      ['a desk', desk],
    ])('every page fits %s and keeps nobody out', async (_where, viewport) => {
      const { page } = await visit(viewport, language)
      const look = async (address: string) => {
        await open(page, address)
        expect(await overflowing(page), address).toEqual([])
        const text = await page.$eval('main', (main) => main.innerText)
        expect(text, address).not.toMatch(/\b[a-z]+\.[a-z]+[A-Z][A-Za-z]*\b|\{\{/)
        expect(await seriousFindings(page), address).toEqual([])
      }
      for (const address of ['/', '/try', '/sign-in', '/recover', '/bureau']) await look(address)
      await open(page, '/try')
      await touch(page, 'persona-second-officer')
      await page.waitForSelector('[data-testid=persona-banner]')
      for (const tab of ['queue&status=confirmed', 'acts', 'people', 'counter']) await look(`/bureau?tab=${tab}`)
      await look('/sign-in')
      await leave(page)
    })
  })
})
