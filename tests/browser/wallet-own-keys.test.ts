/** A vault of one’s own with two passkeys: the second, on a device of its own, is let in by the first and then opens it alone. */
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { hasChromium, launchChromium, shown } from './chromium.ts'

describe.skipIf(!hasChromium)('passkeys of a vault of one’s own', () => {
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

  async function tap(page: Page, testId: string): Promise<void> {
    const selector = `[data-testid=${testId}]:not([disabled])`
    await page.waitForSelector(selector)
    await page.$eval(selector, (element) => (element as HTMLElement).click())
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  /** A browser knows one device of its own at most; the other is plugged in. Nobody touches it yet. */
  async function plugIn(cdp: CDPSession, transport: 'internal' | 'usb') {
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport, hasResidentKey: true, hasPrf: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: false },
      },
    })
    return {
      touch: (enabled: boolean) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
      pullOut: () => cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
      async holds(credentialIds: readonly string[]) {
        const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId })
        return credentials.some(({ credentialId }) => credentialIds.includes(credentialId))
      },
    }
  }
  type Device = Awaited<ReturnType<typeof plugIn>>

  /** A person touches the device that has a passkey asked for; a touch of the other would end the question. */
  async function touchTheRight(page: Page, devices: () => readonly Device[]): Promise<void> {
    await page.exposeFunction('beforeAsked', async (credentialIds: readonly string[]) => {
      for (const device of devices()) await device.touch(await device.holds(credentialIds))
    })
    await page.evaluateOnNewDocument(() => {
      const { beforeAsked } = window as unknown as { beforeAsked: (ids: readonly string[]) => Promise<void> }
      const ask = navigator.credentials.get.bind(navigator.credentials)
      navigator.credentials.get = async (options) => {
        const ids = (options?.publicKey?.allowCredentials ?? []).map(({ id }) =>
          btoa(String.fromCharCode(...new Uint8Array(id as ArrayBuffer))),
        )
        await beforeAsked(ids)
        return ask(options)
      }
    })
  }

  const keysOf = (page: Page): Promise<number> =>
    page.evaluate(async () => {
      const answer = (await (await fetch('/v1/desks/agent/own-vault')).json()) as { vault: { keys: unknown[] } }
      return answer.vault.keys.length
    })

  test('a second one is let in, and opens the vault when the first is gone', async () => {
    const page = await (await browser.createBrowserContext()).newPage()
    page.setDefaultTimeout(120_000)
    const cdp = await page.createCDPSession()
    await cdp.send('WebAuthn.enable')
    const first = await plugIn(cdp, 'internal')
    const devices = [first]
    await touchTheRight(page, () => devices)
    await first.touch(true)
    await open(page, '/sign-in')
    await tap(page, 'register')
    await page.waitForSelector('[data-testid=sign-out]')
    await open(page, '/wallet/own')
    await tap(page, 'own-understood')
    await tap(page, 'begin-own-vault')
    await page.waitForSelector('[data-testid=open-own-vault]')
    expect(await page.$('[data-testid=let-another-open]')).toBeNull()

    const second = await plugIn(cdp, 'usb')
    devices.push(second)
    await first.touch(false)
    await second.touch(true)
    await open(page, '/sign-in')
    await tap(page, 'add-passkey')
    await page.waitForFunction(
      async () => {
        const answer = (await (await fetch('/v1/desks/sign-in/session')).json()) as { person: { passkeys: unknown[] } }
        return answer.person.passkeys.length === 2
      },
      { polling: 500 },
    )
    await open(page, '/wallet/own')
    // One passkey for each press of a button: a browser need not answer a second question that nobody pressed for.
    await tap(page, 'let-another-open')
    await page.waitForSelector('[data-testid=another-passkey][data-step="2"]')
    expect(await keysOf(page)).toBe(1)
    await tap(page, 'admit-another')
    await page.waitForFunction(() => document.querySelector('[data-testid=another-passkey]') === null)
    expect(await keysOf(page)).toBe(2)

    await first.pullOut()
    devices.shift()
    await open(page, '/wallet/own')
    await tap(page, 'open-own-vault')
    await page.waitForFunction(() => document.querySelector('[data-testid=open-own-vault]') === null)
    await page.browserContext().close()
  })
})
