/** Who opens the portal: with which screen and language, and as whom. A slow machine is waited for. */
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { patienceMs } from './chromium.ts'

export interface Visitor {
  readonly viewport: Viewport
  /** Of the first visit; what the reader chooses later is kept. */
  readonly language?: string
}

/** A page of somebody who was never here before. `page.browserContext().close()` ends the visit. */
export async function openPage(browser: Browser, { viewport, language = 'en' }: Visitor): Promise<Page> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  await page.setViewport(viewport)
  await page.evaluateOnNewDocument((code) => {
    if (localStorage.getItem('chengxin.language') === null) localStorage.setItem('chengxin.language', code)
  }, language)
  return page
}

/** Takes a role of the sample city without touching the page that offers it. */
export async function bePersona(page: Page, nodeUrl: string, persona: string): Promise<void> {
  await page.goto(`${nodeUrl}/try`)
  const status = await page.evaluate(async (name) => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`/v1/desks/sign-in/personas/${name}`, { method: 'POST', body: '{}', headers })).status
  }, persona)
  if (status !== 200) throw new Error(`Nobody can be ${persona}: the node answered ${status}.`)
}

/** Presses a button, in the middle of the screen: at its end a telephone has the portal's bar in front of the page. */
export async function tap(page: Page, testId: string): Promise<void> {
  const selector = `[data-testid=${testId}]`
  await page.waitForSelector(selector)
  await page.$eval(selector, (element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }))
  await page.locator(selector).click()
}
