/** A PDF as the portal makes it, with letters drawn as black boxes: our reader finds its certificate, and long papers get a second page. */
import { certificateInPdf } from '@chengxin/audit/pdf'
import { scene } from '@chengxin/testkit/certificate-scene'
import { expect, test } from 'vitest'
import type { Painter } from './lay-out.ts'
import { layOut } from './lay-out.ts'
import { paperPdf } from './paper-pdf.ts'
import { a4 } from './write-pdf.ts'

const { text } = scene()
const black = (width: number, height: number) => ({
  width: Math.ceil(width),
  height: Math.ceil(height),
  bits: new Uint8Array(Math.ceil(Math.ceil(width) / 8) * Math.ceil(height)).fill(255),
})
const painter: Painter = {
  widthOf: (line, { size }) => [...line].length * size,
  line: (line, { size }) => {
    const [width, height] = [[...line].length * size, size * 1.35]
    return { picture: black(width, height), width, height }
  },
  seal: (side) => black(side, side),
}

const content = {
  languages: ['zh-Hant', 'pt'],
  title: ['學位證書', 'Diploma'],
  issuer: ['示例大學 發出', 'Emitido por Universidade'],
  lines: [{ names: ['姓名', 'Nome'], values: ['陳大文 𠮷'] }],
  notes: [['這是副本。', 'Isto é uma cópia.']],
} as const

const whole = { certificate: text, description: 'Diploma', madeAtMs: 0 }

test.each<[string, readonly string[]]>([
  ['with its code', ['CX1:ABC']],
  ['with several codes, which are not drawn', ['CXQ1:a', 'CXQ1:b']],
])('%s its certificate is attached', async (_case, codes) => {
  const bytes = await paperPdf({ ...whole, content, codes }, painter)
  expect(await certificateInPdf(bytes)).toBe(text)
})

test('no certificate is lost for its length', async () => {
  const long = `${text}${'A'.repeat(200_000)}`
  const bytes = await paperPdf({ ...whole, content, codes: [], certificate: long }, painter)
  expect(await certificateInPdf(bytes)).toBe(long)
})

test('what does not fit stands on a second page, and nothing beyond the margins', () => {
  const lines = Array.from({ length: 60 }, (_, index) => ({ names: [`Field ${index}`], values: ['long '.repeat(30)] }))
  const pages = layOut({ ...content, lines, code: [[true]] }, painter)
  expect(pages.length).toBeGreaterThan(1)
  for (const mark of pages.flat()) {
    const [width, height] = mark.kind === 'squares' ? [mark.side, mark.side] : [mark.width, mark.height]
    expect(mark.x).toBeGreaterThanOrEqual(51)
    expect(mark.x + width).toBeLessThanOrEqual(a4.width - 50)
    expect(mark.y + height).toBeLessThanOrEqual(a4.height - 47)
  }
})
