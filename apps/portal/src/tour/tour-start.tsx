import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icon.tsx'
import { useTour } from './tour-state.ts'
import './tour.css'

/** The way into the tour, or back to where it was left. */
export function TourStart(): ReactElement {
  const { t } = useTranslation('tour')
  const { state, begin, fold } = useTour()
  return (
    <div className="tour-start">
      <div>
        <strong>{t('start.title')}</strong>
        <p>{t('start.text')}</p>
      </div>
      <button
        type="button"
        className="main-button"
        onClick={state === undefined ? begin : () => fold(false)}
        data-testid="tour-begin"
      >
        <Icon name="chevron" size={18} />
        {t(state === undefined ? 'start.begin' : 'start.goOn')}
      </button>
    </div>
  )
}
