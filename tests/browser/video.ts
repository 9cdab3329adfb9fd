/** A film of QR codes for Chromium's fake camera, uncompressed (YUV4MPEG2): each code stands for a while, and all begin anew. */
import { writeFileSync } from 'node:fs'
import { modulesOf } from '../../apps/portal/src/qr/modules.ts'

const side = 560
const framesEach = 10

export function writeFilm(file: string, codes: readonly string[]): void {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${side} H${side} F12:1 Ip A1:1 C420jpeg\n`)]
  for (const code of codes) {
    const picture = pictureOf(code)
    for (let count = 0; count < framesEach; count++) parts.push(Buffer.from('FRAME\n'), picture)
  }
  writeFileSync(file, Buffer.concat(parts))
}

function pictureOf(code: string): Buffer {
  const rows = modulesOf(code)
  const scale = Math.floor(side / rows.length)
  const margin = Math.floor((side - rows.length * scale) / 2)
  const light = Buffer.alloc(side * side, 235)
  rows.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (!dark) return
      for (let line = 0; line < scale; line++) {
        const start = (margin + y * scale + line) * side + margin + x * scale
        light.fill(16, start, start + scale)
      }
    })
  })
  return Buffer.concat([light, Buffer.alloc((side * side) / 2, 128)])
}
