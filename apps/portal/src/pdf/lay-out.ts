/** Puts a printed form onto pages of A4, as its sheet on the screen has it: names and values, the code, and what to do with it. */
import type { Language } from '../i18n/languages.ts'
import { wrap } from './wrap.ts'
import { a4, type Ink, type Mark, type Picture } from './write-pdf.ts'

export interface PaperContent {
  readonly languages: readonly Language[]
  /** What it is and who issued it; each text once for each language. */
  readonly title: readonly string[]
  readonly issuer: readonly string[]
  readonly lines: readonly { readonly names: readonly string[]; readonly values: readonly string[] }[]
  /** One below the other beside the code. */
  readonly notes: readonly (readonly string[])[]
  /** Dark squares of the code; absent where one code does not hold the certificate. */
  readonly code?: readonly (readonly boolean[])[]
}

export interface Style {
  readonly face: 'sans' | 'serif'
  /** Points. */
  readonly size: number
  readonly weight: 400 | 600
  readonly language: Language
}

/** Draws with the fonts of the device. Widths and heights are points. */
export interface Painter {
  widthOf(text: string, style: Style): number
  line(text: string, style: Style): { readonly picture: Picture; readonly width: number; readonly height: number }
  seal(side: number): Picture
}

const margin = { x: 51, y: 48 }
const inner = a4.width - 2 * margin.x
const bottom = a4.height - margin.y
const dark: Ink = [0.07, 0.13, 0.106]
const soft: Ink = [0.255, 0.33, 0.294]
const rule: Ink = [0.875, 0.9, 0.886]
const jade: Ink = [0.055, 0.478, 0.373]
const sealSide = 42
const gap = 14
/** Squares of three quarters of a millimetre: a phone reads them from a hand's breadth. */
const codeSide = 312

interface Column {
  readonly marks: readonly Mark[]
  readonly height: number
}

/** How a text looks, whatever its language. */
type Look = Omit<Style, 'language'> & { readonly ink: Ink }

export function layOut(content: PaperContent, painter: Painter): readonly (readonly Mark[])[] {
  const { languages, title, issuer, lines, notes, code } = content
  const pages: Mark[][] = [[]]
  let y: number = margin.y
  /** Puts a block at the left, on a new page where it does not fit. */
  const put = (at: (y: number) => Column, below = 0) => {
    let column = at(y)
    if (y + column.height > bottom && y > margin.y) {
      pages.push([])
      y = margin.y
      column = at(y)
    }
    pages.at(-1)?.push(...column.marks)
    y += column.height + below
  }
  const column = (x: number, width: number, look: Look) => (texts: readonly string[], top: number) =>
    columnOf(painter, { texts, languages, look, x, y: top, width })

  put((top) => {
    const x = margin.x + sealSide + gap
    const width = inner - sealSide - gap
    const seal: Mark = {
      ...box(margin.x, top, sealSide, sealSide),
      kind: 'picture',
      picture: painter.seal(sealSide),
      ink: jade,
    }
    const name = column(x, width, { face: 'serif', size: 19, weight: 600, ink: dark })(title, top)
    const by = column(x, width, { face: 'sans', size: 11, weight: 400, ink: soft })(issuer, top + name.height + 2)
    return { marks: [seal, ...name.marks, ...by.marks], height: Math.max(sealSide, name.height + 2 + by.height) }
  }, gap)
  for (const { names, values } of lines) {
    put((top) => {
      const left = column(margin.x, inner * 0.4 - gap, { face: 'sans', size: 9.5, weight: 400, ink: soft })(
        names,
        top + 3,
      )
      const right = column(margin.x + inner * 0.4, inner * 0.6, { face: 'sans', size: 11, weight: 400, ink: dark })(
        values,
        top + 3,
      )
      const height = Math.max(left.height, right.height) + 6
      const line: Mark = { kind: 'box', ink: rule, ...box(margin.x, top + height, inner, 0.7) }
      return { marks: [...left.marks, ...right.marks, line], height: height + 0.7 }
    })
  }
  y += gap
  const beside = code === undefined ? 0 : codeSide + gap
  put((top) => {
    const marks: Mark[] =
      code === undefined ? [] : [{ kind: 'squares', rows: code, side: codeSide, x: margin.x, y: top }]
    let height = 0
    const noteColumn = column(margin.x + beside, inner - beside, { face: 'sans', size: 9.5, weight: 400, ink: soft })
    for (const texts of notes) {
      const note = noteColumn(texts, top + height)
      marks.push(...note.marks)
      height += note.height + 8
    }
    return { marks, height: code === undefined ? height : Math.max(height, codeSide) }
  })
  return pages
}

function box(x: number, y: number, width: number, height: number) {
  return { x, y, width, height }
}

function wordsOf(line: string, widthOf: (text: string) => number) {
  return [...line.matchAll(/\S+\s*/g)].map(({ 0: text, index }) => ({
    text,
    from: widthOf(line.slice(0, index)),
    width: widthOf(text),
  }))
}

interface ColumnParts {
  readonly texts: readonly string[]
  readonly languages: readonly Language[]
  readonly look: Look
  readonly x: number
  readonly y: number
  readonly width: number
}

/** The same in each language, one below the other; what is equal in all is said once. */
function columnOf(painter: Painter, { texts, languages, look, x, y, width }: ColumnParts): Column {
  const different = new Set(texts).size > 1 ? texts : texts.slice(0, 1)
  const { ink, ...font } = look
  const marks: Mark[] = []
  let height = 0
  for (const [index, text] of different.entries()) {
    const style: Style = { ...font, language: languages[index] ?? (languages[0] as Language) }
    for (const line of wrap(text, width, (part) => painter.widthOf(part, style))) {
      if (line === '') continue
      const drawn = painter.line(line, style)
      marks.push({
        kind: 'picture',
        ink,
        x,
        y: y + height,
        ...drawn,
        words: wordsOf(line, (part) => painter.widthOf(part, style)),
      })
      height += drawn.height
    }
  }
  return { marks, height }
}
