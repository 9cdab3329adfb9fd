/** Breaks a text into lines: between words, between Chinese characters, and inside a word only where it fits no line. */

export function wrap(text: string, width: number, widthOf: (text: string) => number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of piecesOf(text)) {
    if (widthOf((line + piece).trimEnd()) <= width) {
      line += piece
      continue
    }
    if (line !== '') lines.push(line.trimEnd())
    line = ''
    for (const letter of piece) {
      if (line !== '' && widthOf(line + letter) > width) {
        lines.push(line)
        line = ''
      }
      line += letter
    }
  }
  return line.trim() === '' && lines.length > 0 ? lines : [...lines, line.trimEnd()]
}

/** What closes a phrase stays with what stands before it, and what opens one with what follows. */
const piece = /[（「『《]?\p{Script=Han}[，。、；：？！）」』》]*\s*|(?:(?!\p{Script=Han})\S)+\s*|\s+/gu

function piecesOf(text: string): readonly string[] {
  return text.match(piece) ?? []
}
