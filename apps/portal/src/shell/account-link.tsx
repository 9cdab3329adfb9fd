/** The way in, or to one's own account. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../city/city-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { useSession } from '../session/session.ts'

export function AccountLink(): ReactElement | null {
  const { t } = useTranslation('shell')
  const { isKnown, person, sampleCity } = useSession()
  if (!isKnown) return null
  const to = person === undefined && sampleCity ? '/try' : '/sign-in'
  const word = person === undefined ? t(sampleCity ? 'account.try' : 'account.signIn') : t('account.own')
  return (
    <CityLink to={to} className="account-link" title={word} testId="account-link">
      <Icon name="person" />
      <span className="account-word">{word}</span>
    </CityLink>
  )
}
