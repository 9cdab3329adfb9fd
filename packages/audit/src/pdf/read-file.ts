/**
 * The objects of a PDF file, found by looking through it from its beginning. Tables that say where objects stand are not read:
 * they may be cut off or lie, and what they leave out is no more dangerous than what they name, because whatever is
 * found is checked like any certificate. A later object replaces an earlier one of its number, as in a file that was changed.
 */
import { fromUtf8 } from '@chengxin/kernel'
import { inflate } from '../inflate.ts'
import { type Budget, isDictionary, isName, isReference, ObjectReader, type PdfValue } from './objects.ts'

interface Stored {
  readonly value: PdfValue
  /** Where it stands in the file; a packed one stands where its container does. */
  readonly at: number
  /** Where the bytes of its stream begin, and where the word stands that ends them at the latest. */
  readonly stream?: { readonly from: number; readonly end: number }
}

export interface PdfFile {
  readonly objects: ReadonlyMap<number, Stored>
  /** The catalogue, if the file names one. */
  readonly root: PdfValue | undefined
  readonly isEncrypted: boolean
  /** The bytes of an object's stream, or `undefined`: none, packed in a way that is not read here, broken, or too large. */
  streamOf(object: number, mostBytes: number): Promise<Uint8Array | undefined>
}

/** Of compressed objects, in all. */
const mostUnpackedBytes = 8 * 1024 * 1024
const mostObjects = 50_000
const objectStart = /(\d{1,9})[\0\t\n\f\r ]{1,8}\d{1,5}[\0\t\n\f\r ]{1,8}obj\b/g
const trailerStart = /trailer[\0\t\n\f\r ]{0,8}(?=<<)/g

/** Undefined for a file with more objects, or more to read in them, than any that is made for a certificate. */
export async function readPdf(bytes: Uint8Array): Promise<PdfFile | undefined> {
  // One character for each byte; which one a byte above 127 becomes does not matter, because no structure has any.
  const text = new TextDecoder('latin1').decode(bytes)
  const budget: Budget = { characters: 16 * text.length + 1024 }
  const objects = new Map<number, Stored>()
  if (!scan(text, budget, objects)) return undefined
  const dictionaries = [...text.matchAll(trailerStart)].map(({ index, 0: { length } }) =>
    new ObjectReader(text, index + length, budget).value(),
  )
  for (const { value } of objects.values()) if (isStreamOf(value, 'XRef')) dictionaries.push(value)
  const streamOf = streamsIn(bytes, objects)
  if (!(await unpack(objects, streamOf)) || budget.characters < 0) return undefined
  const named = (name: string) =>
    dictionaries.flatMap((each) => (isDictionary(each) ? (each.entries.get(name) ?? []) : [])).at(-1)
  return { objects, root: named('Root'), isEncrypted: named('Encrypt') !== undefined, streamOf }
}

function isStreamOf(value: PdfValue, type: string): boolean {
  return isDictionary(value) && isName(value.entries.get('Type'), type)
}

function scan(text: string, budget: Budget, objects: Map<number, Stored>): boolean {
  let hasMoreStreams = true
  objectStart.lastIndex = 0
  for (let found = objectStart.exec(text); found !== null; found = objectStart.exec(text)) {
    const reader = new ObjectReader(text, objectStart.lastIndex, budget)
    const value = reader.value()
    if (budget.characters < 0 || objects.size > mostObjects) return false
    if (value === undefined) continue
    objectStart.lastIndex = reader.at
    const object = Number(found[1])
    if (!isDictionary(value) || !reader.word('stream') || !hasMoreStreams) {
      objects.set(object, { value, at: found.index })
      continue
    }
    const from = reader.at + (text.startsWith('\r\n', reader.at) ? 2 : 1)
    const end = endOf(text, from, value.entries.get('Length'))
    // Looking for what is not there once is enough: a file of beginnings alone would cost the square of its size.
    if (end < 0) hasMoreStreams = false
    else {
      objects.set(object, { value, at: found.index, stream: { from, end } })
      objectStart.lastIndex = end
    }
  }
  return true
}

const streamEnd = 'endstream'

/** A length is believed where the ending word follows it; binary bytes may hold that word by chance. */
function endOf(text: string, from: number, length: PdfValue | undefined): number {
  if (typeof length === 'number' && length >= 0) {
    const after = text.slice(from + length, from + length + 2 + streamEnd.length).trimStart()
    if (after.startsWith(streamEnd)) return from + length
  }
  const end = text.indexOf(streamEnd, from)
  return end < 0 ? end : end - (/\r?\n?$/.exec(text.slice(Math.max(from, end - 2), end))?.[0].length ?? 0)
}

function streamsIn(bytes: Uint8Array, objects: ReadonlyMap<number, Stored>): PdfFile['streamOf'] {
  return async (object, mostBytes) => {
    const { value, stream } = objects.get(object) ?? {}
    if (!isDictionary(value) || !stream) return undefined
    const written = value.entries.get('Length')
    const length = isReference(written) ? objects.get(written.object)?.value : undefined
    const isNearEnd = typeof length === 'number' && Math.abs(stream.from + length - stream.end) <= 2
    const raw = bytes.subarray(stream.from, isNearEnd ? stream.from + length : stream.end)
    const filter = value.entries.get('Filter')
    const [first, ...more] = Array.isArray(filter) ? (filter as readonly PdfValue[]) : [filter]
    if (first === undefined || first === null) return raw.length <= mostBytes ? raw : undefined
    const isPlain = more.length === 0 && isName(first, 'FlateDecode') && !value.entries.has('DecodeParms')
    return isPlain ? inflate(raw, mostBytes) : undefined
  }
}

/** Adds the objects that lie packed in streams (section 7.5.7). */
async function unpack(objects: Map<number, Stored>, streamOf: PdfFile['streamOf']): Promise<boolean> {
  let left = mostUnpackedBytes
  const budget: Budget = { characters: 16 * mostUnpackedBytes }
  const containers = [...objects].filter(([, { value }]) => isStreamOf(value, 'ObjStm'))
  for (const [number, { value, at }] of containers) {
    const bytes = await streamOf(number, left)
    if (!bytes) continue
    left -= bytes.length
    const text = fromUtf8(bytes) ?? new TextDecoder('latin1').decode(bytes)
    const first = isDictionary(value) ? value.entries.get('First') : undefined
    if (typeof first !== 'number') continue
    const header = new ObjectReader(text, 0, budget)
    while (header.at < first && objects.size <= mostObjects) {
      const [object, offset] = [header.value(), header.value()]
      if (typeof object !== 'number' || typeof offset !== 'number') break
      const packed = new ObjectReader(text, first + offset, budget).value()
      if (packed !== undefined && at >= (objects.get(object)?.at ?? 0)) objects.set(object, { value: packed, at })
    }
  }
  return budget.characters >= 0 && objects.size <= mostObjects
}
