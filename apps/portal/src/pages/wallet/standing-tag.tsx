import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Standing } from '../../api/agent.ts'

const known: readonly string[] = [
  'valid',
  'status_revoked',
  'status_suspended',
  'status_superseded',
  'freshness_expired',
  'holder_print_expired',
]

/** How a certificate stands, in a word. */
export function useStandingWord(): (standing: Standing) => string {
  const { t } = useTranslation('wallet')
  return ({ word, verdict }) => t(`standing.${known.includes(word) ? word : verdict}` as never)
}

export function StandingTag({ standing }: { readonly standing: Standing }): ReactElement {
  const word = useStandingWord()
  return <span className={`standing standing-${standing.verdict}`}>{word(standing)}</span>
}
