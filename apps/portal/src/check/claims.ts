/** The words of a certificate in the reader's language, as the committee signed them in the type's display. */
import type { CertificateContent } from '@chengxin/audit'

export interface ShownClaim {
  readonly field: string
  readonly label: string
  readonly value: string
}

export interface ShownType {
  readonly name: string
  readonly claims: readonly ShownClaim[]
}

interface Display {
  readonly name?: unknown
  readonly claims?: Readonly<Record<string, unknown>>
  /** Words for values that are codes, by field and code. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
}

/** Words of the portal's own for a value that is a code, where the type's display has none; undefined for any other value. */
export type WordOfCode = (field: string, code: string) => string | undefined

/** The other Chinese first: its readers follow it better than any other language. */
const fallbacks: Readonly<Record<string, readonly string[]>> = {
  'zh-Hant': ['zh-Hans', 'en', 'pt'],
  'zh-Hans': ['zh-Hant', 'en', 'pt'],
  pt: ['en', 'zh-Hant', 'zh-Hans'],
  en: ['pt', 'zh-Hant', 'zh-Hans'],
}

/** What a type's display says of a code goes before what the portal has for it: the committee signed the former. */
export function shownType(
  { vct, typeId, display, claims }: CertificateContent,
  language: string,
  wordOfCode: WordOfCode = () => undefined,
): ShownType {
  const words = displayIn(display, language)
  return {
    name: displayName(display, language) ?? typeId ?? vct,
    claims: inOrder(Object.entries(claims)).map(([field, value]) => {
      const label = words?.claims?.[field]
      return {
        field,
        label: typeof label === 'string' ? label : field,
        value: valueIn(words, field, value, wordOfCode),
      }
    }),
  }
}

/** Disclosures come in random order. Names first, as on paper; the rest by field, so that two of a kind can be compared. */
function inOrder(claims: readonly [string, unknown][]): readonly [string, unknown][] {
  const rank = ([field]: readonly [string, unknown]) => (/^(name|given_name|family_name)/.test(field) ? 0 : 1)
  return claims.toSorted((left, right) => rank(left) - rank(right) || (left[0] < right[0] ? -1 : 1))
}

/** The name that a display gives its type, in this language or the nearest one it has. */
export function displayName(display: unknown, language: string): string | undefined {
  const name = displayIn(display, language)?.name
  return typeof name === 'string' ? name : undefined
}

function displayIn(display: unknown, language: string): Display | undefined {
  if (typeof display !== 'object' || display === null) return undefined
  const byLanguage = display as Readonly<Record<string, unknown>>
  for (const candidate of [language, ...(fallbacks[language] ?? [])]) {
    const words = byLanguage[candidate]
    if (typeof words === 'object' && words !== null && !Array.isArray(words)) return words
  }
  return undefined
}

function valueIn(words: Display | undefined, field: string, value: unknown, wordOfCode: WordOfCode): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const codes = words?.values?.[field]
  const word = codes !== undefined && Object.hasOwn(codes, value) ? codes[value] : undefined
  return typeof word === 'string' ? word : (wordOfCode(field, value) ?? value)
}
