import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { membersQuery } from '../../api/governance.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useMemberName } from '../../city/member-name.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Light } from '../../parts/tag.tsx'

const shown = 6

export function MembersPanel(): ReactElement {
  const { t } = useTranslation(['overview', 'governance'])
  const { group } = useCity()
  const memberName = useMemberName()
  const query = useQuery(membersQuery(group.id))
  return (
    <Panel title={t('members.title')} action={<CityLink to="/governance">{t('members.all')}</CityLink>}>
      <Loaded query={query} lines={3}>
        {(members) => {
          if (members.length === 0)
            return <Empty icon="governance" title={t('members.empty')} next={t('members.emptyNext')} />
          return (
            <ul className="member-list">
              {members.slice(0, shown).map(({ memberId, status }) => (
                <li key={memberId}>
                  <Light tone={status === 'active' ? 'good' : 'warn'} />
                  <span className="member-list-name" title={memberId}>
                    {memberName(memberId)}
                  </span>
                  <span className="member-list-status">{t(`governance:memberStatus.${status}`)}</span>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}
