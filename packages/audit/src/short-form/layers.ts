/**
 * A certificate is text in base64 in JSON in base64, several times over. Each layer is taken off and noted by one byte, so
 * that what is left is words (of which most are the same in all certificates) and, apart from them, bytes that look like
 * chance: hashes, salts, keys and signatures, each kept once. A layer is only taken off where putting it on again gives the
 * very same text; anything else stays as it is. So the signed bytes come back letter by letter.
 */
import { fromBase64, toBase64 } from '@chengxin/crypto'
import { concatBytes, fromBase64url, fromHex, fromUtf8, toBase64url, toHex, toUtf8 } from '@chengxin/kernel'
import { type KnownCertificates, nameBytes } from './known-certificates.ts'
import { ByteReader, numberBytes } from './numbers.ts'

/** The bytes that note a layer; no text that is signed has them unescaped. */
const mark = {
  itself: 0,
  end: 1,
  base64url: 2,
  base64: 3,
  json: 4,
  rawUrl: 5,
  raw64: 6,
  rawHex: 7,
  number: 8,
  named: 9,
}
const highestMark = 9
const tilde = 0x7e
/** A receipt in a certificate is five layers deep. */
const mostLayers = 8
/** What is shorter than the shortest salt is left as it is. */
const shortestRun = 16

/** Takes off layers, one text after the other. */
export class Flattener {
  private readonly words: number[] = []
  private readonly raws: Uint8Array[] = []
  private readonly places = new Map<string, number>()
  private readonly known: KnownCertificates

  constructor(known: KnownCertificates) {
    this.known = known
  }

  /** Bytes that the reader will have worked out by now. */
  expect(bytes: Uint8Array): void {
    const key = toBase64url(bytes)
    if (!this.places.has(key)) this.places.set(key, this.places.size)
  }

  text(text: string, depth = 0): void {
    let from = 0
    for (const found of text.matchAll(
      /"(?:[^"\\]|\\.)*"|0x[0-9a-f]{16,}|[A-Za-z0-9+/_-]{16,}={0,2}|[1-9][0-9]{8,15}/g,
    )) {
      this.literal(text.slice(from, found.index))
      const [token] = found
      if (token.startsWith('"')) this.quoted(token, depth)
      else if (token.startsWith('0x')) this.prefixed(token)
      else if (/^[1-9][0-9]{8,15}$/.test(token) && Number.isSafeInteger(Number(token))) this.decimal(token)
      else this.run(token, depth)
      from = found.index + token.length
    }
    this.literal(text.slice(from))
  }

  tilde(): void {
    this.words.push(tilde)
  }

  finish(): { readonly words: Uint8Array; readonly raws: Uint8Array } {
    return { words: Uint8Array.from(this.words), raws: concatBytes(...this.raws) }
  }

  private literal(text: string): void {
    for (const byte of toUtf8(text)) {
      if (byte <= highestMark) this.words.push(mark.itself)
      this.words.push(byte)
    }
  }

  private quoted(token: string, depth: number): void {
    const inner = token.includes('\\') ? spelledAlike(token) : undefined
    if (inner !== undefined && depth < mostLayers) return this.layer(mark.json, inner, depth)
    this.literal('"')
    this.text(token.slice(1, -1), depth)
    this.literal('"')
  }

  private layer(kind: number, inner: string, depth: number): void {
    this.words.push(kind)
    this.text(inner, depth + 1)
    this.words.push(mark.end)
  }

  private decimal(token: string): void {
    this.words.push(mark.number)
    this.raws.push(numberBytes(Number(token)))
  }

  private prefixed(token: string): void {
    this.literal('0x')
    if (!this.encoded(token.slice(2), mostLayers)) this.literal(token.slice(2))
  }

  /** A run of characters that base64 is made of; where it is none, it may be an address or names around some. */
  private run(whole: string, depth: number): void {
    let run = whole
    while (!this.encoded(run, depth)) {
      const end = run.includes('/') ? run.indexOf('/') : run.search(/[_-]/)
      if (end < 0) return this.literal(run)
      const head = run.slice(0, end)
      if (!this.encoded(head, depth)) this.parts(head, depth)
      this.literal(run[end] as string)
      run = run.slice(end + 1)
    }
  }

  /** What stands between two strokes can have base64 behind a hyphen, as digests that name their algorithm do. */
  private parts(head: string, depth: number): void {
    const end = head.search(/[_-]/)
    this.literal(head.slice(0, end + 1))
    const rest = head.slice(end + 1)
    if (end < 0 || !this.encoded(rest, depth)) this.literal(rest)
  }

  private encoded(run: string, depth: number): boolean {
    if (run.length < shortestRun) return false
    const hex = /^[0-9a-f]+$/.test(run) ? fromHex(run) : undefined
    const bytes = fromBase64url(run)
    const padded = bytes ? undefined : fromBase64(run)
    if (hex) this.bytes(mark.rawHex, hex)
    else if (bytes) this.decoded(run, mark.base64url, mark.rawUrl, bytes, depth)
    else if (padded) this.decoded(run, mark.base64, mark.raw64, padded, depth)
    return hex !== undefined || bytes !== undefined || padded !== undefined
  }

  private decoded(run: string, asText: number, asBytes: number, bytes: Uint8Array, depth: number): void {
    const inner = depth < mostLayers ? plainText(bytes) : undefined
    if (inner !== undefined) return this.layer(asText, inner, depth)
    const name = this.known.nameOf(bytes)
    // Certificates stand in headers in plain base64, and are put back in that.
    if (name === undefined || toBase64(bytes) !== run) return this.bytes(asBytes, bytes)
    this.words.push(mark.named)
    this.raws.push(name)
  }

  private bytes(kind: number, bytes: Uint8Array): void {
    this.words.push(kind)
    const place = this.places.get(toBase64url(bytes))
    if (place !== undefined) this.raws.push(numberBytes(place * 2 + 1))
    else this.raws.push(numberBytes(bytes.length * 2), bytes)
    this.expect(bytes)
  }
}

function spelledAlike(token: string): string | undefined {
  try {
    const inner: unknown = JSON.parse(token)
    return typeof inner === 'string' && JSON.stringify(inner) === token ? inner : undefined
  } catch {
    return undefined
  }
}

/** The text that bytes spell, if it reads like one. */
function plainText(bytes: Uint8Array): string | undefined {
  const isPlain = bytes.every((byte) => byte > 0x1f || byte === 0x0a)
  return isPlain ? fromUtf8(bytes) : undefined
}

/** Puts layers on again. Whatever does not fit ends the reading: `isBroken`. */
export class Layers {
  isBroken = false
  /** Names of certificates that are not at hand. */
  isUnknown = false
  private left: number
  private readonly words: Uint8Array
  private at = 0
  private readonly raws: ByteReader
  private readonly seen: Uint8Array[] = []
  private readonly places = new Set<string>()
  private readonly known: KnownCertificates

  /** `most`: characters that may come out in all, inner layers counted again. */
  constructor(words: Uint8Array, raws: Uint8Array, known: KnownCertificates, most: number) {
    this.words = words
    this.raws = new ByteReader(raws)
    this.known = known
    this.left = most
  }

  expect(bytes: Uint8Array): void {
    const key = toBase64url(bytes)
    if (this.places.has(key)) return
    this.places.add(key)
    this.seen.push(bytes)
  }

  /** The next text, up to a tilde or the end of the layer. */
  text(depth = 0): string {
    let text = ''
    while (!this.isBroken) {
      text += this.literal(depth)
      const byte = this.words[this.at]
      if (byte === undefined || byte === tilde) {
        if (depth > 0) this.fail()
        break
      }
      this.at++
      if (byte === mark.end) {
        if (depth === 0) this.fail()
        break
      }
      text += byte === mark.itself ? this.escaped() : this.marked(byte, depth)
      // A few bytes can name a long one again and again.
      if (text.length > this.left) return this.fail()
    }
    this.left -= text.length
    return text
  }

  /** Steps over a tilde, where one follows. */
  tilde(): boolean {
    const isThere = this.words[this.at] === tilde
    if (isThere) this.at++
    return isThere
  }

  get isAtEnd(): boolean {
    return this.isBroken || (this.at >= this.words.length && this.raws.isAtEnd && !this.raws.isBroken)
  }

  private literal(depth: number): string {
    const from = this.at
    for (; this.at < this.words.length; this.at++) {
      const byte = this.words[this.at] as number
      if (byte <= highestMark || (depth === 0 && byte === tilde)) break
    }
    return fromUtf8(this.words.subarray(from, this.at)) ?? this.fail()
  }

  private escaped(): string {
    const byte = this.words[this.at++] ?? tilde
    return byte <= highestMark ? String.fromCharCode(byte) : this.fail()
  }

  private marked(kind: number, depth: number): string {
    switch (kind) {
      case mark.base64url:
        return toBase64url(toUtf8(this.inner(depth)))
      case mark.base64:
        return toBase64(toUtf8(this.inner(depth)))
      case mark.json:
        return JSON.stringify(this.inner(depth))
      case mark.number:
        return String(this.raws.number())
      case mark.named:
        return toBase64(this.named())
      case mark.rawUrl:
        return toBase64url(this.bytes())
      case mark.raw64:
        return toBase64(this.bytes())
      default:
        return toHex(this.bytes())
    }
  }

  private inner(depth: number): string {
    return depth < mostLayers ? this.text(depth + 1) : this.fail()
  }

  private bytes(): Uint8Array {
    const head = this.raws.number()
    const bytes = head % 2 === 1 ? this.seen[(head - 1) / 2] : this.raws.bytes(head / 2)
    if (bytes === undefined || this.raws.isBroken) this.fail()
    this.expect(bytes ?? new Uint8Array(0))
    return bytes ?? new Uint8Array(0)
  }

  private named(): Uint8Array {
    const found = this.known.find(this.raws.bytes(nameBytes))
    if (this.raws.isBroken) this.fail()
    else if (found === undefined) this.isUnknown = true
    return found ?? new Uint8Array(0)
  }

  private fail(): string {
    this.isBroken = true
    return ''
  }
}
