/** Chromium as a reader has it, but without a window, and telling all that goes wrong on a page. */
import { existsSync } from 'node:fs'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { requirePeer } from '../peers/require-peer.ts'

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

export const hasChromium = requirePeer('Chromium', () => program !== undefined, 'apt install chromium')

/** How long anything on a page is waited for, in milliseconds: long enough for a machine that is five times slower. */
export const patienceMs = 120_000

export function launchChromium(further: readonly string[] = []): Promise<Browser> {
  return puppeteer.launch({
    executablePath: program as string,
    timeout: patienceMs,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...further,
    ],
  })
}

/** What a page complains of: errors in its console, exceptions, and what its content security policy has stopped. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url ?? ''}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}

/** Waits until a page shows its content and no outline of it any more. */
export async function shown(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('main h1') !== null && document.querySelector('.outline') === null,
  )
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

/** What sticks out to the right: the page itself, or texts cut off by their own box. Empty where everything fits. */
export function overflowing(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    const found = scrollWidth > clientWidth ? [`the page: ${scrollWidth} in ${clientWidth}`] : []
    for (const element of document.querySelectorAll('main *, header *, footer *, nav *, aside *')) {
      const { overflowX, textOverflow, display } = getComputedStyle(element)
      // A list that is wider than its panel lies on whatever stands beside it, though the page itself fits.
      if (element.matches('.panel') && element.scrollWidth > element.clientWidth + 1) {
        found.push(
          `panel ${element.querySelector('h2')?.textContent}: ${element.scrollWidth} in ${element.clientWidth}`,
        )
      }
      // What may be scrolled, or is cut with a sign of it on purpose, or is there for ears alone, is meant so.
      if (overflowX !== 'hidden' && overflowX !== 'clip') continue
      // A row of tabs is scrolled by its own means, which are no scroll bar.
      if (element.matches('.ant-tabs-nav-wrap')) continue
      if (textOverflow === 'ellipsis' || display === 'inline' || element.closest('.visually-hidden')) continue
      if (element.clientWidth <= 1 || element.closest('thead')?.clientWidth === 1) continue
      if (element.scrollWidth > element.clientWidth + 1 && element.textContent?.trim() !== '') {
        found.push(`${element.tagName} ${element.className}: ${element.scrollWidth} in ${element.clientWidth}`)
      }
    }
    return found
  })
}
