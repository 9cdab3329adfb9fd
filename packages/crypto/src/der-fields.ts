/**
 * The fields of certificates that need interpreting: distinguished names (RFC 5280 section 4.1.2.4), of which only
 * common name and organisation are read and the whole is compared by its bytes; and times (section 4.1.2.5), counted
 * without a calendar of the platform's.
 */
import { fromUtf8 } from '@chengxin/kernel'
import { type DerValue, derTags, isObjectIdentifier, readDer } from './der.ts'
import { objectIdentifiers } from './spki.ts'

export interface DistinguishedName {
  readonly commonName?: string
  readonly organizationName?: string
  /** The name's DER: two names are the same if their bytes are. */
  readonly encoded: Uint8Array
}

/** The name, or `undefined`: not of the form, or common name or organisation given twice or in an old character set. */
export function readName({ tag, content, encoded }: DerValue): DistinguishedName | undefined {
  const parts = tag === derTags.sequence ? readDer(content) : undefined
  if (!parts) return undefined
  const found: { commonName?: string; organizationName?: string } = {}
  for (const part of parts) {
    const attributes = part.tag === derTags.set ? readDer(part.content) : undefined
    if (!attributes || attributes.length === 0) return undefined
    for (const attribute of attributes) {
      const pair = attribute.tag === derTags.sequence ? readDer(attribute.content) : undefined
      const [type, value] = pair ?? []
      if (pair?.length !== 2 || type?.tag !== derTags.objectIdentifier || !value) return undefined
      const name = attributeName(type)
      if (!name) continue
      const text = readText(value)
      if (text === undefined || found[name] !== undefined) return undefined
      found[name] = text
    }
  }
  return { ...found, encoded }
}

function attributeName(type: DerValue): 'commonName' | 'organizationName' | undefined {
  if (isObjectIdentifier(type, objectIdentifiers.commonName)) return 'commonName'
  return isObjectIdentifier(type, objectIdentifiers.organizationName) ? 'organizationName' : undefined
}

function readText({ tag, content }: DerValue): string | undefined {
  if (tag !== derTags.utf8String && tag !== derTags.printableString) return undefined
  const text = fromUtf8(content)
  return tag === derTags.printableString && !/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text ?? '*') ? undefined : text
}

const utcTimeText = /^[0-9]{12}Z$/
const generalizedTimeText = /^[0-9]{14}Z$/

/** Milliseconds since 1970, or `undefined`. Years to 2049 are UTCTime and later ones GeneralizedTime, as the RFC asks. */
export function readTime({ tag, content }: DerValue): number | undefined {
  const text = fromUtf8(content) ?? ''
  if (tag === derTags.utcTime && utcTimeText.test(text)) {
    const century = text < '5' ? '20' : '19'
    return millisecondsAt(century + text)
  }
  if (tag === derTags.generalizedTime && generalizedTimeText.test(text) && text >= '2050') return millisecondsAt(text)
  return undefined
}

/** Of `YYYYMMDDhhmmssZ`. */
function millisecondsAt(text: string): number | undefined {
  const number = (from: number, to: number) => Number(text.slice(from, to))
  const [year, month, day] = [number(0, 4), number(4, 6), number(6, 8)]
  const [hour, minute, second] = [number(8, 10), number(10, 12), number(12, 14)]
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return (((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function daysOf(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function daysSince1970(year: number, month: number, day: number): number {
  // Leap days before the year, counted from year 1, less the 719,162 days up to 1970.
  const before = year - 1
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162
  for (let earlier = 1; earlier < month; earlier++) days += daysOf(year, earlier)
  return days + day - 1
}
