/**
 * Whether a text is canonical JSON (RFC 8785) of agreed values, in one pass and without building anything. It answers
 * yes or no and never why: `parseCanonical` explains a no. A ledger asks this of every transaction, so it reads character
 * codes instead of matching patterns; measured at a third of parsing and writing the value again.
 */

const quoteMark = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** The scan's place in the text; one scan runs at a time, since nothing here awaits or calls out. */
let text = ''
let at = 0
let depthLeft = 0

/** Whether the text is one canonical value nested at most `depth` deep, its numbers integers within ±(2^53−1). */
export function isCanonicalText(candidate: string, depth: number): boolean {
  text = candidate
  at = 0
  depthLeft = depth
  const whole = scanValue() && at === candidate.length
  text = ''
  return whole
}

function scanValue(): boolean {
  const code = text.charCodeAt(at)
  switch (code) {
    case quoteMark:
      return scanString()
    case openObject:
      return scanObject()
    case openList:
      return scanList()
    case 0x74:
      return scanWord('true')
    case 0x66:
      return scanWord('false')
    case 0x6e:
      return scanWord('null')
    default:
      return scanInteger()
  }
}

function scanWord(word: string): boolean {
  if (!text.startsWith(word, at)) return false
  at += word.length
  return true
}

/** `-0`, leading zeros, fractions and exponents all fail: what follows the digits is then no separator. */
function scanInteger(): boolean {
  const start = at
  if (text.charCodeAt(at) === 0x2d) at++
  const first = text.charCodeAt(at)
  if (!(first >= 0x30 && first <= 0x39)) return false
  const digitsFrom = at++
  if (first === 0x30) return digitsFrom === start
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) at++
  const digits = at - digitsFrom
  return digits <= 15 || (digits === 16 && Number.isSafeInteger(Number(text.slice(start, at))))
}

function scanString(): boolean {
  at++
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === quoteMark) {
      at++
      return true
    }
    if (code === backslash) {
      if (!scanEscape()) return false
    } else if (code < 0xd800) {
      if (code < 0x20) return false
      at++
    } else if (code > 0xdfff) at++
    else {
      // A pair of surrogates, or one alone; or the end of the text, where no comparison with NaN holds.
      const next = text.charCodeAt(at + 1)
      if (!(code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff)) return false
      at += 2
    }
  }
}

/** The escapes that RFC 8785 section 3.2.2.2 writes, and only for the characters that have no shorter form. */
function scanEscape(): boolean {
  const code = text.charCodeAt(at + 1)
  switch (code) {
    case quoteMark:
    case backslash:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      at += 2
      return true
    case 0x75: {
      const written = text.slice(at, at + 6)
      at += 6
      return controlEscapes.has(written)
    }
    default:
      return false
  }
}

const controlEscapes: ReadonlySet<string> = new Set(
  Array.from({ length: 0x20 }, (_, code) => JSON.stringify(String.fromCharCode(code)).slice(1, -1)).filter(
    (written) => written.length === 6,
  ),
)

function scanList(): boolean {
  if (--depthLeft < 0) return false
  at++
  if (text.charCodeAt(at) === closeList) {
    at++
    depthLeft++
    return true
  }
  for (;;) {
    if (!scanValue()) return false
    const next = text.charCodeAt(at)
    at++
    if (next === comma) continue
    if (next !== closeList) return false
    depthLeft++
    return true
  }
}

function scanObject(): boolean {
  if (--depthLeft < 0) return false
  at++
  if (text.charCodeAt(at) === closeObject) {
    at++
    depthLeft++
    return true
  }
  // The name before starts after every name, so that the first one passes.
  let nameBefore = -1
  let nameBeforeEnd = -1
  for (;;) {
    if (text.charCodeAt(at) !== quoteMark) return false
    const name = at + 1
    if (!scanString()) return false
    const nameEnd = at - 1
    if (nameBefore >= 0 && !isBefore(nameBefore, nameBeforeEnd, name, nameEnd)) return false
    nameBefore = name
    nameBeforeEnd = nameEnd
    if (text.charCodeAt(at) !== colon) return false
    at++
    if (!scanValue()) return false
    const next = text.charCodeAt(at)
    at++
    if (next === comma) continue
    if (next !== closeObject) return false
    depthLeft++
    return true
  }
}

/** Whether one name sorts before the other by UTF-16 code units. Written escapes do not sort as what they stand for. */
function isBefore(left: number, leftEnd: number, right: number, rightEnd: number): boolean {
  const shared = Math.min(leftEnd - left, rightEnd - right)
  for (let index = 0; index < shared; index++) {
    const a = text.charCodeAt(left + index)
    const b = text.charCodeAt(right + index)
    if (a === backslash || b === backslash) return unescaped(left, leftEnd) < unescaped(right, rightEnd)
    if (a !== b) return a < b
  }
  return leftEnd - left < rightEnd - right
}

function unescaped(from: number, to: number): string {
  return JSON.parse(text.slice(from - 1, to + 1)) as string
}
