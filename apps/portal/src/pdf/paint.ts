/** Draws lines of text, and the seal, as black and white squares, six hundred an inch: what a printer makes of them anyway. */
import { face, xin } from '../parts/seal.tsx'
import type { Painter, Style } from './lay-out.ts'
import type { Picture } from './write-pdf.ts'

const squaresAPoint = 600 / 72
/** Of a line, in parts of the size of its letters. */
const lineHeight = 1.35
const baseline = 1.05

export function createPainter(): Painter {
  const canvas = document.createElement('canvas')
  const found = canvas.getContext('2d', { willReadFrequently: true })
  if (found === null) throw new Error('This browser draws no pictures.')
  const context = found
  const families = familiesOfThePage()
  const choose = (style: Style, scale: number) => {
    context.font = `${style.weight} ${style.size * scale}px ${families(style)}`
  }
  function start(width: number, height: number): void {
    // Giving a canvas a size also clears it.
    canvas.width = Math.max(1, Math.ceil(width))
    canvas.height = Math.max(1, Math.ceil(height))
  }
  const picture = (): Picture => bitsOf(context.getImageData(0, 0, canvas.width, canvas.height))
  const widthOf = (text: string, style: Style) => {
    choose(style, squaresAPoint)
    return context.measureText(text).width / squaresAPoint
  }
  return {
    widthOf,
    line(text, style) {
      const { size } = style
      start(widthOf(text, style) * squaresAPoint, size * lineHeight * squaresAPoint)
      choose(style, squaresAPoint)
      context.fillText(text, 0, size * baseline * squaresAPoint)
      return { picture: picture(), width: canvas.width / squaresAPoint, height: canvas.height / squaresAPoint }
    },
    seal(side) {
      const squares = side * squaresAPoint
      start(squares, squares)
      context.scale(squares / 64, squares / 64)
      context.clip(new Path2D(face))
      context.fillRect(0, 0, 64, 64)
      context.globalCompositeOperation = 'destination-out'
      context.lineWidth = 4
      context.lineCap = 'square'
      context.stroke(new Path2D(xin))
      return picture()
    },
  }
}

/** The fonts that the page uses for each language: one character is written in several ways. */
function familiesOfThePage(): (style: Style) => string {
  const known = new Map<string, string>()
  return ({ face: kind, language }) => {
    const name = `${kind} ${language}`
    const family = known.get(name) ?? familyOf(kind, language)
    known.set(name, family)
    return family
  }
}

function familyOf(kind: Style['face'], language: string): string {
  const probe = document.createElement('span')
  probe.lang = language
  probe.style.fontFamily = `var(--${kind})`
  document.body.append(probe)
  const { fontFamily } = getComputedStyle(probe)
  probe.remove()
  return fontFamily
}

function bitsOf({ width, height, data }: ImageData): Picture {
  const rowBytes = Math.ceil(width / 8)
  const bits = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Everything is drawn in black: how much of it there is stands in the fourth number.
      if ((data[(y * width + x) * 4 + 3] ?? 0) > 127) {
        const at = y * rowBytes + (x >> 3)
        bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7))
      }
    }
  }
  return { width, height, bits }
}
