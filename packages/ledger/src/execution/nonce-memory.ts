/**
 * A sieve before the store's set of used nonces (B. H. Bloom, 1970): almost every nonce is new, and the sieve knows so
 * without a look at the disk. It never calls a used one new; where it cannot tell, the store is asked. Two halves take
 * turns, because a nonce is forgotten soon after its transaction has expired.
 */
import { limits } from '@chengxin/kernel'
import type { UsedNonce } from '../storage/face.ts'

export interface NonceSource {
  usedNonce(nonceKey: string): UsedNonce | undefined
}

/** 8 MiB a half: at a million nonces three in ten thousand are asked of the store in vain, at ten million a tenth. */
const usualWords = 2 ** 21

export class NonceMemory {
  readonly #source: NonceSource
  readonly #words: number
  #young: Uint32Array
  #old: Uint32Array | undefined
  #turnedAtMs: number
  /** Before this time there may be nonces that only the store knows: those of the process before. */
  #completeFromMs: number

  /** `emptyBefore`: whether the store remembers nothing yet. `words`: of 32 bits, for each half. */
  constructor(source: NonceSource, nowMs: number, emptyBefore: boolean, words = usualWords) {
    this.#source = source
    this.#words = words
    this.#young = new Uint32Array(words)
    this.#turnedAtMs = nowMs
    this.#completeFromMs = emptyBefore ? nowMs : nowMs + limits.notAfterAheadMs
  }

  /** The settled use of a nonce that is still remembered at this time: until its own `notAfter`, not at it. */
  usedAt(nonceKey: string, nowMs: number): UsedNonce | undefined {
    if (nowMs >= this.#completeFromMs && !this.#mayHold(nonceKey)) return undefined
    const used = this.#source.usedNonce(nonceKey)
    return used !== undefined && used.untilMs > nowMs ? used : undefined
  }

  /** A block of this time has been settled with these nonces. */
  settle(nonceKeys: Iterable<string>, nowMs: number): void {
    if (nowMs - this.#turnedAtMs > limits.notAfterAheadMs) {
      const spare = this.#old ?? new Uint32Array(this.#words)
      this.#old = this.#young
      this.#young = spare.fill(0)
      this.#turnedAtMs = nowMs
    }
    for (const nonceKey of nonceKeys) this.#mark(nonceKey)
  }

  /** Nonces of the process before, read from the log; `areAll` where every one that still counts is known by now. */
  recall(nonceKeys: Iterable<string>, areAll: boolean): void {
    for (const nonceKey of nonceKeys) this.#mark(nonceKey)
    if (areAll) this.#completeFromMs = 0
  }

  #mark(nonceKey: string): void {
    const hash = hashOf(nonceKey)
    mark(this.#young, this.#placeOf(hash))
    mark(this.#young, this.#placeOf(spread(hash)))
  }

  #placeOf(hash: number): number {
    return hash % (this.#words * 32)
  }

  #mayHold(nonceKey: string): boolean {
    const hash = hashOf(nonceKey)
    const [first, second] = [this.#placeOf(hash), this.#placeOf(spread(hash))]
    return isMarked(this.#young, first, second) || (this.#old !== undefined && isMarked(this.#old, first, second))
  }
}

function mark(half: Uint32Array, place: number): void {
  half[place >>> 5] = (half[place >>> 5] as number) | (1 << (place & 31))
}

function isMarked(half: Uint32Array, first: number, second: number): boolean {
  const bits = ((half[first >>> 5] as number) >>> (first & 31)) & ((half[second >>> 5] as number) >>> (second & 31))
  return (bits & 1) === 1
}

/** FNV-1a over the last characters: the nonce stands there, and is what differs. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  const end = Math.max(0, text.length - 22)
  for (let index = text.length - 1; index >= end; index--) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** A second hash from the first, by the finisher of MurmurHash3. */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
