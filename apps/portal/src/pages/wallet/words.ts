/** A certificate in the reader's language. */
import { useTranslation } from 'react-i18next'
import type { Texts } from '../../api/agent.ts'
import { shownType, type WordOfCode } from '../../check/claims.ts'
import { useWordOfCode } from '../../check/code-words.ts'

interface Described {
  readonly vct: string
  readonly typeId?: string
  readonly display?: unknown
}

export interface CardWords {
  readonly name: string
  readonly fields: readonly { readonly field: string; readonly label: string; readonly value: string }[]
}

type Fields = readonly { readonly name: string; readonly value: unknown }[]

export function useCardWords(): (described: Described, fields?: Fields) => CardWords {
  const { i18n } = useTranslation()
  const wordOfCode = useWordOfCode()
  return (described, fields) => wordsIn(i18n.language, described, fields, wordOfCode)
}

export function wordsIn(
  language: string,
  { vct, typeId, display }: Described,
  fields: Fields = [],
  wordOfCode: WordOfCode = () => undefined,
): CardWords {
  const claims = Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  const content = {
    vct: plain(vct),
    ...(typeId === undefined ? {} : { typeId }),
    display: (display ?? {}) as never,
    claims: claims as never,
    issuer: { stated: '' },
    withheld: 0,
  }
  const shown = shownType(content, language, wordOfCode)
  return { name: shown.name, fields: shown.claims }
}

/** Of a type without words: the last part of its name, without the version. */
function plain(vct: string): string {
  const last = vct.split(/[:/]/).at(-1) ?? vct
  return last.replace(/^type_/, '').replaceAll(/[-_]/g, ' ')
}

/** Registered words in the reader's language. */
export function useTexts(): (texts: Texts) => string {
  const { i18n } = useTranslation()
  return (texts) => texts[i18n.language] ?? texts['en'] ?? ''
}
