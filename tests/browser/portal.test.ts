/** The portal of a running node, as readers of four languages see it on a phone and on a desk, with and without a network. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBundle, openReceipt, webPlatform } from '@chengxin/audit'
import { action, buildTransaction, createNodeClient, type GroupClient, identity, sampleActor } from '@chengxin/client'
import { expectOk, type GroupId } from '@chengxin/kernel'
import { build } from 'esbuild'
import type { Browser, CDPSession, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import type * as BrowserActor from './browser-actor.ts'
import { complaintsOf, hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { openPage } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1440, height: 900 }
const languages = ['zh-Hant', 'zh-Hans', 'pt', 'en'] as const
const addresses = ['/', '/check', '/explorer', '/certificates', '/points', '/governance', '/help'] as const

describe.skipIf(!hasChromium)('the portal', () => {
  const place = temporaryData()
  let node: RunningNode
  let group: GroupClient
  let browser: Browser

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    group = await createNodeClient({ url: node.url }).findGroup()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  /** A page of a reader who was never here before. */
  async function visit(viewport: Viewport, language = 'en'): Promise<Page> {
    return openPage(browser, { viewport, language })
  }

  async function leave(page: Page): Promise<void> {
    await page.browserContext().close()
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  describe.each(languages)('in %s', (language) => {
    test.each([
      ['a phone', phone],
      ['a desk', desk],
    ])('every page fits %s, says something and complains of nothing', async (_where, viewport) => {
      const page = await visit(viewport, language)
      const complaints = complaintsOf(page)
      for (const address of addresses) {
        await open(page, address)
        const seen = await page.evaluate(() => ({
          lang: document.documentElement.lang,
          title: document.title,
          text: document.querySelector('main')?.innerText ?? '',
        }))
        expect(seen.lang).toBe(language)
        expect(seen.text.length, `${address} says little`).toBeGreaterThan(80)
        // A key without words shows as itself.
        expect(seen.text, address).not.toMatch(/\b[a-z]+\.[a-z]+[A-Z][A-Za-z]*\b|\{\{/)
        expect(await overflowing(page), address).toEqual([])
      }
      expect(complaints).toEqual([])
      await leave(page)
    })
  })

  test('the overview lives: activity is there, and grows when something happens', async () => {
    const page = await visit(desk)
    await open(page, '/')
    const heightShown = () =>
      page.$eval('[data-testid=live-height]', (element) => Number((element.textContent ?? '').replaceAll(/\D/g, '')))
    await page.waitForSelector('[data-testid=activity] a')
    const before = await heightShown()
    expect(before).toBeGreaterThan(10)
    const { signer } = sampleActor('points-operator')
    const { jws } = await buildTransaction(
      { group: group.groupId as GroupId, actions: [action(identity.cancelRecovery, {})] },
      signer,
    )
    await group.submit([jws])
    await page.waitForFunction(
      (old) =>
        Number((document.querySelector('[data-testid=live-height]')?.textContent ?? '').replaceAll(/\D/g, '')) > old,
      {},
      before,
    )
    await leave(page)
  })

  test('a language that was chosen is remembered', async () => {
    const page = await visit(desk, 'en')
    await open(page, '/')
    const english = await page.$eval('main', ({ innerText }) => innerText)
    await page.select('[data-testid=language-switch]', 'pt')
    await page.waitForFunction((old) => document.querySelector('main')?.innerText !== old, {}, english)
    await open(page, '/help')
    expect(await page.$eval('html', ({ lang }) => lang)).toBe('pt')
    await leave(page)
  })

  test('the explorer finds a transaction, and its receipt proves it without this node', async () => {
    const { transactions } = (await group.get('/transactions?limit=1')) as { transactions: readonly { id: string }[] }
    const id = transactions[0]?.id as string
    const downloads = join(place.path, 'downloads')
    mkdirSync(downloads)
    const page = await visit(desk)
    const session = await browser.target().createCDPSession()
    const { id: browserContextId } = page.browserContext()
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: downloads,
      ...(browserContextId === undefined ? {} : { browserContextId }),
    })
    await open(page, '/explorer')
    await page.type('[data-testid=search-input-large], [data-testid=search-input]', id)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.pathname !== '/explorer')
    // One hit leads to its page; several are listed first.
    const link = `main a[href*="${id}"]`
    await page.waitForSelector(`${link}, [data-testid=receipt-download]`)
    await page.evaluate((listed) => {
      if (!location.pathname.includes('/transactions/')) document.querySelector<HTMLElement>(listed)?.click()
    }, link)
    await page.locator('[data-testid=receipt-download]').click()
    await expect
      .poll(() => readdirSync(downloads).filter((name) => name.endsWith('.tlog-proof')), { timeout: patienceMs })
      .toHaveLength(1)
    const receipt = readFileSync(join(downloads, readdirSync(downloads)[0] as string), 'utf8')
    const bundle = expectOk(await openBundle(await group.getText('/trust-bundle')))
    expect(expectOk(openReceipt(webPlatform, receipt, bundle.policy)).transaction.id).toBe(id)
    await leave(page)
  })

  const verdicts = [
    ['good', 'valid'],
    ['revoked', 'not_valid'],
    ['forged', 'not_valid'],
  ] as const

  async function verdictOf(page: Page): Promise<string | undefined> {
    await page.waitForSelector('[data-testid=verdict]')
    const verdict = await page.$eval('[data-testid=verdict]', (element) => (element as HTMLElement).dataset['verdict'])
    await page.locator('[data-testid=check-another]').click()
    await page.waitForSelector('[data-testid=sample-good]:enabled')
    return verdict
  }

  async function trySamples(page: Page): Promise<readonly (readonly [string, string | undefined])[]> {
    const answers: [string, string | undefined][] = []
    for (const [name] of verdicts) {
      await page.locator(`[data-testid=sample-${name}]:enabled`).click()
      answers.push([name, await verdictOf(page)])
    }
    return answers
  }

  test.each([
    ['a phone', phone],
    ['a desk', desk],
  ])('the check tells good, revoked and forged apart on %s, with and without a network', async (_where, viewport) => {
    const page = await visit(viewport)
    const complaints = complaintsOf(page)
    await open(page, '/check')
    expect(await trySamples(page)).toEqual(verdicts)
    expect(await overflowing(page)).toEqual([])
    await page.setOfflineMode(true)
    expect(await trySamples(page)).toEqual(verdicts)
    for (const [name, verdict] of verdicts) {
      const field = await page.waitForSelector('[data-testid=check-file]')
      await (field as Awaited<ReturnType<typeof page.$<'input'>>>)?.uploadFile(
        join(node.data, 'samples', `${name}.sd-jwt`),
      )
      expect([name, await verdictOf(page)]).toEqual([name, verdict])
    }
    expect(complaints.filter((complaint) => !complaint.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
    await leave(page)
  })

  test('the check needs no mouse', async () => {
    const page = await visit(desk)
    await open(page, '/check')
    await page.waitForSelector('[data-testid=sample-revoked]:enabled')
    await tabTo(page, 'sample-revoked')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-verdict=not_valid]')
    await tabTo(page, 'check-another')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-testid=sample-good]:enabled')
    await leave(page)
  })

  async function tabTo(page: Page, testId: string): Promise<void> {
    const here = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['testid'])
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press('Tab')
      if ((await here()) === testId) return
    }
    throw new Error(`The tab key never reaches ${testId}.`)
  }

  test('127.0.0.1 leads a browser to localhost, where passkeys work', async () => {
    const page = await visit(desk)
    await page.goto(`http://127.0.0.1:${node.port}/check`)
    expect(page.url()).toBe(`${node.url}/check`)
    await leave(page)
  })

  describe('signing in the browser', () => {
    let actorText: string

    beforeAll(async () => {
      const { outputFiles } = await build({
        entryPoints: [join(home, 'tests/browser/browser-actor.ts')],
        bundle: true,
        write: false,
        format: 'iife',
        globalName: 'browserActor',
        platform: 'browser',
      })
      actorText = outputFiles[0]?.text as string
    })

    test.each(['ES256', 'EdDSA', 'passkey'] as const)(
      '%s: a key that never leaves it is brought in and opens an account',
      async (kind) => {
        const page = await visit(desk)
        await open(page, '/')
        if (kind === 'passkey') await addAuthenticator(await page.createCDPSession())
        await page.evaluate(actorText)
        const groupId = group.groupId as GroupId
        const { did, proven } = await page.evaluate((...args) => browserActor.arrive(...args), kind, groupId)
        await bringIn(did, proven)
        const accountId = `account_browser-${kind.toLowerCase()}` as const
        const outcome = await page.evaluate((...args) => browserActor.openAccount(...args), groupId, accountId)
        expect(outcome).toMatchObject({ status: 'committed' })
        const { owner } = (await readAccount(accountId, outcome?.height as number)) as { owner: string }
        expect(owner).toBe(did)
        await leave(page)
      },
    )

    async function bringIn(did: BrowserActor.Newcomer['did'], proven: BrowserActor.Newcomer['proven']): Promise<void> {
      const { signer } = sampleActor('registrar')
      const actions = [action(identity.create, { did, ...proven })]
      const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, signer)
      const [outcome] = await group.submit([jws])
      expect(outcome).toMatchObject({ status: 'committed' })
    }

    async function readAccount(accountId: string, height: number): Promise<unknown> {
      await group.readModelReached(height)
      return group.get(`/points/accounts/${accountId}`)
    }

    async function addAuthenticator(session: CDPSession): Promise<void> {
      await session.send('WebAuthn.enable')
      await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
    }
  })

  // The last test: it stops the node.
  test('after a first visit the check works with no node at all', async () => {
    const page = await visit(phone)
    await open(page, '/check')
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    expect(await trySamples(page)).toEqual(verdicts)
    await node.stop()
    await page.reload()
    expect(await trySamples(page)).toEqual(verdicts)
    await leave(page)
  })
})

/** Stands for the bundle inside the page; the function's text runs there. */
declare const browserActor: typeof BrowserActor
