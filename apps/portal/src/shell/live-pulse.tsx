/** The height of the ledger, ticking, and whether news arrive. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../city/city.ts'
import { CityLink } from '../city/city-link.tsx'
import { useFormat } from '../format/use-format.ts'
import { Light } from '../parts/tag.tsx'

export function LivePulse(): ReactElement {
  const { t } = useTranslation('shell')
  const format = useFormat()
  const live = useLive()
  const words = t(`live.${live.state}`)
  return (
    <CityLink to={`/explorer/blocks/${live.height}`} className="pulse" title={words}>
      <Light tone={live.state === 'open' ? 'good' : live.state === 'connecting' ? 'warn' : 'bad'} />
      <span className="pulse-word">{t('live.block')}</span>
      <span className="numeric">{format.integer(live.height)}</span>
      <span className="visually-hidden">{words}</span>
    </CityLink>
  )
}
