import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Role, rolesQuery } from '../../api/governance.ts'
import { useCity } from '../../city/city.ts'
import { useIdName, useMemberName } from '../../city/member-name.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'

const tones = { held: 'good', frozen: 'warn', revoked: 'quiet' } as const satisfies Record<Role['status'], TagTone>

export function RolesTab(): ReactElement {
  const { t, i18n } = useTranslation('governance')
  const { group } = useCity()
  const idName = useIdName()
  const memberName = useMemberName()
  const query = useQuery(rolesQuery(group.id))
  return (
    <Panel title={t('roles.title')} note={t('roles.note')}>
      <Loaded query={query} lines={4}>
        {(roles) => {
          if (roles.length === 0) return <Empty icon="key" title={t('roles.empty')} next={t('roles.emptyNext')} />
          return (
            <RecordList
              caption={t('roles.title')}
              rows={roles}
              rowKey={({ role, did }) => `${role} ${did}`}
              columns={[
                {
                  key: 'role',
                  header: t('roles.role'),
                  lead: true,
                  cell: ({ role }) => (
                    <span className="stacked">
                      {idName(role)}
                      {i18n.exists(`governance:roles.may.${role}`) && (
                        <span className="role-may">{t(`roles.may.${role}` as never)}</span>
                      )}
                    </span>
                  ),
                },
                { key: 'member', header: t('roles.member'), cell: ({ member }) => memberName(member) },
                {
                  key: 'did',
                  header: t('roles.did'),
                  cell: ({ did }) => <ShortId id={did} to={`/explorer/dids/${did}`} />,
                },
                {
                  key: 'status',
                  header: t('roles.status'),
                  cell: ({ status }) => <Tag tone={tones[status]}>{t(`roleStatus.${status}`)}</Tag>,
                },
              ]}
            />
          )
        }}
      </Loaded>
    </Panel>
  )
}
