/** What is drawn is read again by the reader that browsers without one of their own are given. */
import { decodeQR } from 'qr/decode.js'
import { expect, test } from 'vitest'
import { modulesOf, mostInOneCode } from './modules.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-./'

/** The squares as a picture, so many dots to each. */
function pictureOf(rows: readonly (readonly boolean[])[], dots: number) {
  const side = rows.length * dots
  const data = new Uint8Array(side * side * 4)
  for (let at = 0; at < side * side; at++) {
    const isDark = rows[Math.floor(Math.floor(at / side) / dots)]?.[Math.floor((at % side) / dots)] ?? false
    data.fill(isDark ? 0 : 255, at * 4, at * 4 + 3)
    data[at * 4 + 3] = 255
  }
  return { width: side, height: side, data }
}

test.each([
  [1700, true, 137],
  [2500, true, 145],
  [mostInOneCode, true, 185],
  [800, false, 89],
])('a short form of %i characters (on paper: %s) is one code of %i squares', (length, onPaper, squares) => {
  const text = `CX1:${Array.from({ length: length - 4 }, (_, at) => alphabet[(at * 7 + (at >> 3)) % 41]).join('')}`
  const rows = modulesOf(text, onPaper)
  expect(rows.length).toBeLessThanOrEqual(squares)
  expect(decodeQR(pictureOf(rows, 5))).toBe(text)
})
