/**
 * A certificate on paper, in a browser: one code, in the languages that are chosen, on one sheet of A4. What a phone's camera
 * would see of it is read again and checked on the open page, and paper in a long name's hands stays within its margins.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateInPdf } from '@chengxin/audit/pdf'
import { createNodeClient } from '@chengxin/client'
import type { Browser, Page, Viewport } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPdf, detached, hasPdfPrograms, rewritten, textOf } from '../peers/pdf-programs.ts'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { seriousFindings } from './axe.ts'
import { hasChromium, launchChromium, overflowing, patienceMs, shown } from './chromium.ts'
import { schemePlayed } from './scheme-played.ts'
import { tap } from './visitor.ts'

const phone: Viewport = { width: 390, height: 844, isMobile: true, hasTouch: true }
const desk: Viewport = { width: 1280, height: 900 }
const choices = ['zh-Hant+pt', 'zh-Hant', 'zh-Hans', 'pt', 'en'] as const
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env['CHENGXIN_PICTURES']
const recipient =
  'Direcção dos Serviços de Identificação e de Assuntos Consulares da Região Administrativa Especial de Macau'

describe.skipIf(!hasChromium)('paper', () => {
  const place = temporaryData()
  let node: RunningNode
  let browser: Browser
  /** The city's trust bundle before any of this was issued. */
  let older: string

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    browser = await launchChromium()
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    older = await (await createNodeClient({ url: node.url }).findGroup()).getText('/trust-bundle')
    await schemePlayed(node.url, 'claim')
  })

  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    place.remove()
  })

  async function visit(viewport: Viewport): Promise<Page> {
    const page = await (await browser.createBrowserContext()).newPage()
    page.setDefaultTimeout(patienceMs)
    await page.setViewport(viewport)
    return page
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(`${node.url}${path}`)
    await shown(page)
  }

  const isDegree = (labels: readonly string[]) =>
    labels.some((label) => label.includes('Civil Engineering') || label.includes('PHD') || labels.length > 8)
  /** The bureau’s certificate of identity, which nobody has before the bureau has confirmed them. */
  const isIdentity = (labels: readonly string[]) => labels.some((label) => label.includes('Document expires'))

  /** Two fields of a certificate, of the degree unless another is named, printed by hand. */
  async function printed(page: Page, isWanted = isDegree): Promise<void> {
    await open(page, '/try')
    await tap(page, 'persona-resident')
    await page.waitForFunction(() => location.pathname === '/wallet')
    await page.waitForSelector('[data-testid=certificate-card][data-standing=valid]')
    const links = await page.$$eval('[data-testid=certificate-card]', (cards) =>
      cards.map((card) => (card as HTMLAnchorElement).href),
    )
    for (const link of links) {
      await page.goto(link)
      await shown(page)
      await tap(page, 'print')
      await page.waitForSelector('.pick-list input')
      const labels = await page.$$eval('.pick-list .wanted-field', (all) => all.map((each) => each.textContent ?? ''))
      if (isWanted(labels)) break
    }
    await page.$$eval('.pick-list input', (boxes) => {
      for (const box of boxes.slice(0, 2)) box.click()
    })
    await page.type('.field input', recipient)
    await tap(page, 'make-print')
    await page.waitForSelector('[data-testid=paper-codes] svg')
  }

  test('is one code, on one sheet, in each language; read by a camera it is checked as a copy', async () => {
    const page = await visit(desk)
    await printed(page)
    const codes = () =>
      page.$eval('[data-testid=paper-codes]', (element) => Number(element.getAttribute('data-frames')))
    for (const choice of choices) {
      await page.$eval(`[data-testid="paper-${choice}"]`, (radio) => (radio as HTMLInputElement).click())
      await page.waitForSelector(`[data-testid=paper][data-languages="${choice.replace('+', ' ')}"] svg path`)
      expect(await codes()).toBe(1)
      expect(await overflowing(page)).toEqual([])
      expect(await page.$eval('[data-testid=paper]', (paper) => paper.textContent)).toContain('Assuntos Consulares')
      const pdf = await page.pdf({
        format: 'A4',
        printBackground: false,
        margin: { top: '16mm', bottom: '16mm', left: '18mm', right: '18mm' },
      })
      if (pictures !== undefined) writeFileSync(join(pictures, `paper-${choice}.pdf`), pdf)
      // Counted in the file: a second sheet would be a second object of this type.
      expect(
        Buffer.from(pdf)
          .toString('latin1')
          .match(/\/Type\s*\/Page\b(?!s)/g),
      ).toHaveLength(1)
      if (pictures !== undefined) {
        await page.screenshot({ path: join(pictures, `paper-${choice}-desk.png`), fullPage: true })
      }
    }
    expect(await seriousFindings(page)).toEqual([])

    const code = await page.$('[data-testid=paper-codes] svg')
    const picture = `${place.path}/code.png` as const
    await code?.screenshot({ path: picture })
    await open(page, '/check')
    await tap(page, 'check-scan')
    const chooser = await page.waitForSelector('[data-testid=scanner-picture]')
    await (chooser as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(picture)
    await page.waitForSelector('[data-testid=verdict][data-verdict=valid]')
    await page.waitForSelector('[data-testid=check-holder][data-code=holder_printed]')
    await page.waitForSelector('[data-testid=check-format][data-result=pass]')
    // Whoever is handed the paper learns first whether it was made for them.
    expect(await page.$eval('[data-testid=made-for]', (line) => line.textContent)).toContain(recipient)
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'paper-checked.png'), fullPage: true })
    await page.browserContext().close()
  })

  /** Presses the button and waits until the browser says that the file is whole. */
  async function savedPdf(page: Page, folder: string): Promise<string> {
    mkdirSync(folder, { recursive: true })
    const session = await browser.target().createCDPSession()
    const { id } = page.browserContext()
    const where = {
      behavior: 'allow',
      downloadPath: folder,
      ...(id !== undefined && { browserContextId: id }),
    } as const
    await session.send('Browser.setDownloadBehavior', { ...where, eventsEnabled: true })
    const whole = new Promise<void>((resolve) => {
      session.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve())
    })
    await tap(page, 'save-pdf')
    await whole
    await session.detach()
    const [name] = readdirSync(folder).filter((file) => file.endsWith('.pdf'))
    return join(folder, name ?? 'nothing.pdf')
  }

  const words: { readonly [choice in (typeof choices)[number]]: readonly string[] } = {
    'zh-Hant+pt': ['列印日期', 'Impresso em', '證書已附於此', 'O certificado está anexado'],
    'zh-Hant': ['列印日期', '證書已附於此'],
    'zh-Hans': ['打印日期', '证书已附于此'],
    pt: ['Impresso em', 'O certificado está anexado'],
    en: ['Printed on', 'The certificate is attached'],
  }

  test.skipIf(!hasPdfPrograms)('is saved as a PDF with its certificate attached, in each language', async () => {
    const page = await visit(desk)
    await printed(page)
    let certificate = ''
    for (const choice of choices) {
      await page.$eval(`[data-testid="paper-${choice}"]`, (radio) => (radio as HTMLInputElement).click())
      await page.waitForSelector(`[data-testid=paper][data-languages="${choice.replace('+', ' ')}"] svg path`)
      const pdf = await savedPdf(page, join(place.path, `pdf-${choice}`))
      checkPdf(pdf)
      const text = textOf(pdf).replaceAll(/\s/g, '')
      for (const word of words[choice]) expect(text).toContain(word.replaceAll(/\s/g, ''))
      expect(text).toContain('AssuntosConsulares')
      certificate = detached(pdf)
      expect(await certificateInPdf(readFileSync(pdf))).toBe(certificate)
      expect(await certificateInPdf(rewritten(pdf, 'packed'))).toBe(certificate)
      expect(await certificateInPdf(rewritten(pdf, 'locked'))).toEqual({ refused: 'format_pdf_encrypted' })
      if (pictures !== undefined) writeFileSync(join(pictures, `attached-${choice}.pdf`), readFileSync(pdf))
    }
    expect(certificate.split('~').length).toBeGreaterThan(3)

    const pdf = join(place.path, 'pdf-en', readdirSync(join(place.path, 'pdf-en'))[0] ?? '')
    await open(page, '/check')
    const chooser = (await page.waitForSelector('[data-testid=check-file]')) as unknown as {
      uploadFile(path: string): Promise<void>
    }
    await chooser.uploadFile(pdf)
    await page.waitForSelector('[data-testid=verdict][data-verdict=valid]')
    await page.waitForSelector('[data-testid=attached]')
    await page.waitForSelector('[data-testid=check-holder][data-code=holder_printed]')
    expect(await overflowing(page)).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'attached-checked.png'), fullPage: true })

    // A page that was printed into a PDF by any program carries no certificate, whatever it shows.
    const drawn = join(place.path, 'drawn.pdf')
    writeFileSync(drawn, await page.pdf())
    await tap(page, 'check-another')
    const again = (await page.waitForSelector('[data-testid=check-file]')) as unknown as typeof chooser
    await again.uploadFile(drawn)
    await page.waitForSelector('[data-testid=verdict][data-verdict=not_valid]')
    await page.waitForSelector('[data-testid=check-format][data-code=format_pdf_without_certificate]')
    expect(await page.$('[data-testid=attached]')).toBeNull()
    await page.browserContext().close()
  })

  test('brought to somebody whose trust bundle is older, it is judged by the newest one', async () => {
    const holder = await visit(desk)
    await printed(holder, isIdentity)
    const pdf = await savedPdf(holder, join(place.path, 'pdf-newer'))
    await holder.browserContext().close()

    const page = await visit(phone)
    await page.setBypassServiceWorker(true)
    await page.setRequestInterception(true)
    let asked = 0
    let given = (): void => undefined
    const isLookedAt = new Promise<void>((resolve) => (given = resolve))
    page.on('request', (request) => {
      const isBundle = request.url().endsWith('/trust-bundle')
      if (!isBundle) void request.continue()
      else if (++asked === 1) void request.respond({ status: 200, contentType: 'application/json', body: older })
      // The reader is told what is waited for; it comes when that was seen.
      else void isLookedAt.then(() => request.continue())
    })
    await open(page, '/check')
    await page.waitForSelector('[data-testid=bundle] .bundle-note')
    const chooser = (await page.waitForSelector('[data-testid=check-file]')) as unknown as {
      uploadFile(path: string): Promise<void>
    }
    await chooser.uploadFile(pdf)
    await page.waitForSelector('[data-testid=asking-newest]')
    expect(await overflowing(page)).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'asking-newest.png') })
    given()
    await page.waitForSelector('[data-testid=verdict][data-verdict=valid]')
    await page.waitForSelector('[data-testid=check-holder][data-code=holder_printed]')
    await page.browserContext().close()
  })

  test('fits a phone, where it is made', async () => {
    const page = await visit(phone)
    await printed(page)
    expect(await overflowing(page)).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'paper-phone.png'), fullPage: true })
    await page.browserContext().close()
  })
})
