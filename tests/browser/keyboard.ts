/** A person without a mouse: the tab key until something is reached, and what must hold at each stop on the way. */
import type { KeyInput, Page } from 'puppeteer-core'

export interface Stop {
  readonly name: string
  /** What keeps a person who sees from knowing where they are; undefined where nothing does. */
  readonly fault?: string
}

/** Where the keyboard is, and whether that can be seen. Runs in the page. */
function stopHere(): Stop {
  const element = document.activeElement as HTMLElement | null
  if (element === null || element === document.body) return { name: '' }
  const name = element.dataset['testid'] ?? `${element.tagName} ${(element.textContent ?? '').trim().slice(0, 40)}`
  // A region that a new page begins at is no stop of the tab key: the ring belongs to what can be pressed.
  if (element.tabIndex < 0) return { name }
  const { top, bottom, left, right } = element.getBoundingClientRect()
  // A box that is drawn by its label shows the ring there.
  const ringed = [element, element.nextElementSibling, element.closest('label')].some((each) => {
    if (each === null) return false
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each)
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || /inset|\d+px \d+px/.test(boxShadow)
  })
  if (!ringed) return { name, fault: 'shows no focus' }
  if (bottom < 0 || right < 0 || top > innerHeight || left > innerWidth)
    return { name, fault: 'is outside of the window' }
  return { name }
}

export function here(page: Page): Promise<Stop> {
  return page.evaluate(stopHere)
}

/** Presses Tab until the element is reached; the stops on the way. Throws where it is not reached, or a stop cannot be seen. */
export async function tabTo(page: Page, testId: string, key: KeyInput = 'Tab'): Promise<readonly string[]> {
  await page.waitForSelector(`[data-testid="${testId}"]:not([disabled])`)
  const stops: string[] = []
  for (let steps = 0; steps < 200; steps++) {
    const { name, fault } = await here(page)
    if (fault !== undefined) throw new Error(`${name} ${fault}.`)
    if (name === testId) return stops
    stops.push(name)
    await page.keyboard.press(key)
  }
  throw new Error(`The tab key never reaches ${testId}; it came by ${stops.slice(0, 60).join(' · ')}.`)
}

/** Reaches a button by Tab and presses it. */
export async function press(page: Page, testId: string, key: KeyInput = 'Enter'): Promise<void> {
  await tabTo(page, testId)
  await page.keyboard.press(key)
}

/** Elements that jump out of the page's order. */
export function outOfOrder(page: Page): Promise<readonly string[]> {
  return page.$$eval('[tabindex]', (all) =>
    all.filter((element) => (element as HTMLElement).tabIndex > 0).map((element) => element.outerHTML.slice(0, 100)),
  )
}
