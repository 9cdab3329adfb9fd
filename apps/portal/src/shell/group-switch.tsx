import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../city/city.ts'

/** The name of the ledger that is looked at; a choice where the node carries several. */
export function GroupSwitch(): ReactElement {
  const { t } = useTranslation('shell')
  const { group, groups, choose } = useCity()
  if (groups.length < 2) return <span className="city-name">{group.name}</span>
  return (
    <label className="choice city-choice">
      <span className="visually-hidden">{t('group')}</span>
      <select value={group.id} onChange={({ target }) => choose(target.value)} data-testid="group-switch">
        {groups.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
