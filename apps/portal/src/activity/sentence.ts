/** Transactions and refusals in plain words, by their types and codes. */
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/use-format.ts'
import { summarise } from './summary.ts'

/** "Points were paid", "Identities were created × 16": what a transaction asked for. */
export function useActivitySentence(): (types: readonly string[]) => string {
  const { t, i18n } = useTranslation('activity')
  const format = useFormat()
  return (types) => {
    const parts = summarise(types).map(({ type, count }) => {
      const sentence = i18n.exists(`activity:acts.${type}`) ? t(`acts.${type}` as never) : type
      return count === 1 ? sentence : t('times', { sentence, count: format.integer(count) })
    })
    if (parts.length <= 2) return parts.join(t('joint'))
    return t('andMore', { first: parts.slice(0, 2).join(t('joint')), count: format.integer(parts.length - 2) })
  }
}

/** What a refusal or problem code says; an unknown code is shown as it is, so that it can be looked up. */
export function useCodeSentence(): (code: string) => string {
  const { t, i18n } = useTranslation('codes')
  return (code) => (i18n.exists(`codes:${code}`) ? t(code as never) : t('unlisted', { code }))
}

/** What a check of a certificate says by its code. */
export function useCheckSentence(): (code: string) => string {
  const { t, i18n } = useTranslation('checks')
  return (code) => (i18n.exists(`checks:${code}`) ? t(code as never) : t('unlisted', { code }))
}
