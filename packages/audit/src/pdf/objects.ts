/**
 * Values of a PDF file (ISO 32000-2 section 7.3), as far as the way to an attachment needs them. The reader is made for hostile
 * files: it does no more work than it is given, nests no deeper than it says, and answers `undefined` for what it cannot read.
 */

/** A name such as `/Type`, without the slash; a text keeps its bytes apart from it. */
export interface Name {
  readonly name: string
}

/** `12 0 R`: another object of the file. Generations are not told apart: a file has one live object of a number. */
export interface Reference {
  readonly object: number
}

export interface PdfDictionary {
  readonly entries: ReadonlyMap<string, PdfValue>
}

export type PdfValue = null | boolean | number | string | Name | Reference | PdfDictionary | readonly PdfValue[]

export function isDictionary(value: PdfValue | undefined): value is PdfDictionary {
  return typeof value === 'object' && value !== null && 'entries' in value && value.entries instanceof Map
}

export function isReference(value: PdfValue | undefined): value is Reference {
  return typeof value === 'object' && value !== null && 'object' in value
}

export function isName(value: PdfValue | undefined, name: string): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name
}

/** How much may still be read: shared by all readings of one file, because objects of a bad file overlap. */
export interface Budget {
  characters: number
}

const deepest = 40
const space = /[\0\t\n\f\r ]/
const regular = /[^\0\t\n\f\r ()<>[\]{}/%]/

/** A place in a text of one character for each byte. */
export class ObjectReader {
  readonly #text: string
  readonly #budget: Budget
  at: number

  constructor(text: string, at: number, budget: Budget) {
    this.#text = text
    this.at = at
    this.#budget = budget
  }

  /** The value that begins here; `undefined` where there is none that can be read. */
  value(depth = 0): PdfValue | undefined {
    this.skipSpace()
    if (depth > deepest || !this.#spend(1)) return undefined
    const first = this.#text[this.at]
    if (first === '/') return this.#name()
    if (first === '(') return this.#text_()
    if (first === '[') return this.#list(depth)
    if (first === '<') return this.#text[this.at + 1] === '<' ? this.#dictionary(depth) : this.#hexadecimal()
    return this.#numberOrWord()
  }

  /** Goes behind this word if it stands here. */
  word(word: string): boolean {
    this.skipSpace()
    if (!this.#text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  skipSpace(): void {
    for (;;) {
      const character = this.#text[this.at]
      if (character === undefined || !this.#spend(1)) return
      if (character === '%') {
        while (!/[\r\n]/.test(this.#text[this.at] ?? '\n') && this.#spend(1)) this.at++
      } else if (!space.test(character)) return
      else this.at++
    }
  }

  #spend(characters: number): boolean {
    this.#budget.characters -= characters
    return this.#budget.characters >= 0
  }

  #regular(): string {
    const from = this.at
    while (regular.test(this.#text[this.at] ?? ' ') && this.#spend(1)) this.at++
    return this.#text.slice(from, this.at)
  }

  #name(): Name {
    this.at++
    const name = this.#regular().replaceAll(/#([0-9A-Fa-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    return { name }
  }

  /** Escapes stay as they are: no text in a file leads to an attachment. */
  #text_(): string | undefined {
    const from = ++this.at
    for (let open = 1; this.#spend(1); this.at++) {
      const character = this.#text[this.at]
      if (character === undefined) return undefined
      if (character === '\\') this.at++
      else if (character === '(') open++
      else if (character === ')' && --open === 0) return this.#text.slice(from, this.at++)
    }
    return undefined
  }

  #hexadecimal(): string | undefined {
    const end = this.#text.indexOf('>', this.at)
    if (end < 0 || !this.#spend(end - this.at)) return undefined
    const text = this.#text.slice(this.at + 1, end)
    this.at = end + 1
    return text
  }

  #list(depth: number): readonly PdfValue[] | undefined {
    this.at++
    const values: PdfValue[] = []
    while (!this.word(']')) {
      const value = this.value(depth + 1)
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  }

  #dictionary(depth: number): PdfDictionary | undefined {
    this.at += 2
    const entries = new Map<string, PdfValue>()
    while (!this.word('>>')) {
      if (this.#text[this.at] !== '/') return undefined
      const { name } = this.#name()
      const value = this.value(depth + 1)
      if (value === undefined) return undefined
      entries.set(name, value)
    }
    return { entries }
  }

  #numberOrWord(): PdfValue | undefined {
    const word = this.#regular()
    if (word === 'null') return null
    if (word === 'true' || word === 'false') return word === 'true'
    if (!/^[+-]?\d*\.?\d*$/.test(word) || !/\d/.test(word)) return undefined
    const behind = this.at
    if (/^\d+$/.test(word)) {
      this.skipSpace()
      if (/^\d+$/.test(this.#regular()) && this.word('R') && !regular.test(this.#text[this.at] ?? ' ')) {
        return { object: Number(word) }
      }
      this.at = behind
    }
    return Number(word)
  }
}
