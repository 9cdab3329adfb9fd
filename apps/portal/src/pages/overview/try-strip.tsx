/** The first thing a visitor of the sample city sees: whom they can be. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { PersonaCards } from '../try/persona-cards.tsx'

export function TryStrip(): ReactElement | null {
  const { t } = useTranslation('session')
  const { person, sampleCity } = useSession()
  if (!sampleCity || person !== undefined) return null
  return (
    <div className="try-strip">
      <Panel title={t('try.strip')} bare>
        <PersonaCards compact />
      </Panel>
    </div>
  )
}
