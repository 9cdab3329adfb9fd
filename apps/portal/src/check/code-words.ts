/** Words for values that are codes in certificates whose type brings no words of its own for them. */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../i18n/languages.ts'
import type { WordOfCode } from './claims.ts'

/** In the reader's language, or in another one for paper. */
export function useWordOfCode(language?: Language): WordOfCode {
  const { t, i18n } = useTranslation('values', language === undefined ? {} : { lng: language })
  const lng = language ?? i18n.language
  return useCallback(
    (field, code) => {
      const key = `values:${field}.${code}`
      return i18n.exists(key, { lng }) ? t(key as never) : undefined
    },
    [t, i18n, lng],
  )
}
