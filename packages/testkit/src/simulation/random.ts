/**
 * Numbers that look like chance and come from a text, so that whatever they led to can be made to happen again.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded with the SHA-256 of the text.
 */
import { createHash } from 'node:crypto'

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    const bytes = createHash('sha256').update(seed).digest()
    this.#a = bytes.readInt32LE(0)
    this.#b = bytes.readInt32LE(4)
    this.#c = bytes.readInt32LE(8)
    for (let round = 0; round < 12; round++) this.#next()
  }

  /** An integer from 0 up to, not including, the bound. */
  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound)
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** Whether something happens that does so in one of so many cases. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('Nothing can be picked from an empty list.')
    return list[this.below(list.length)] as T
  }

  shuffled<T>(list: readonly T[]): T[] {
    const shuffled = list.slice()
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const held = shuffled[at] as T
      shuffled[at] = shuffled[other] as T
      shuffled[other] = held
    }
    return shuffled
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}
