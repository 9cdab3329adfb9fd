import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../../city/city.ts'
import { useFormat } from '../../format/use-format.ts'
import { Panel } from '../../parts/panel.tsx'

/** A node may carry several ledgers; each is a city of its own to look at. */
export function GroupsPanel(): ReactElement {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const { group, groups, choose } = useCity()
  return (
    <Panel title={t('groups.title')}>
      <ul className="group-list">
        {groups.map(({ id, name, height }) => (
          <li key={id}>
            <button
              type="button"
              className="group-choice"
              aria-current={id === group.id ? 'true' : undefined}
              onClick={() => choose(id)}
            >
              <span className="group-choice-name">{name}</span>
              <span className="numeric">{format.integer(height)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
