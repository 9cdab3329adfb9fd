/** Whom a visitor of the sample city can be, one touch each. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useCityPath } from '../../city/city-link.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { homeOf, useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import './try.css'
import { Fault } from '../../parts/fault.tsx'

const icons: { readonly [persona: string]: IconName } = {
  resident: 'person',
  clerk: 'search',
  'second-officer': 'tick',
  university: 'certificates',
  'university-second': 'tick',
  department: 'governance',
  verifier: 'check',
}

export function PersonaCards({ compact = false }: { readonly compact?: boolean }): ReactElement {
  const { t } = useTranslation('session')
  const { personas, person, bePersona } = useSession()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const act = useAct()
  const enter = (name: string) => () =>
    act.run(async () => {
      await bePersona(name)
      const persona = personas.find((candidate) => candidate.name === name)
      if (persona !== undefined)
        await navigate(cityPath(homeOf({ ...persona, accountId: '', signedInAtMs: 0, passkeys: [] })))
    })
  return (
    <>
      <ul className={compact ? 'persona-cards persona-cards-compact' : 'persona-cards'}>
        {personas.map(({ name }) => (
          <li key={name}>
            <button
              type="button"
              className="persona-card"
              onClick={enter(name)}
              disabled={act.isBusy}
              aria-pressed={person?.persona === name}
              data-testid={`persona-${name}`}
            >
              <span className="persona-icon">
                <Icon name={icons[name] ?? 'person'} size={compact ? 22 : 26} />
              </span>
              <span className="persona-words">
                <strong>{t(`persona.${name}.name` as never)}</strong>
                {!compact && <span className="persona-text">{t(`persona.${name}.text` as never)}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Fault sentence={act.fault} />
    </>
  )
}
