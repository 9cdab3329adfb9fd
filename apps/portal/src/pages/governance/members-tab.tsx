import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { committeeQuery, type Member, membersQuery } from '../../api/governance.ts'
import { useCity } from '../../city/city.ts'
import { useMemberName } from '../../city/member-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'

const tones = { active: 'good', suspended: 'warn', removed: 'bad' } as const satisfies Record<Member['status'], TagTone>

/** A certificate takes weeks to renew: its end is announced well before. */
const soonMs = 60 * 24 * 60 * 60 * 1000

export function MembersTab(): ReactElement {
  const { t } = useTranslation('governance')
  const { group } = useCity()
  const query = useQuery(membersQuery(group.id))
  return (
    <>
      <Panel title={t('members.title')} note={t('members.note')}>
        <Loaded query={query} lines={4}>
          {(members) =>
            members.length === 0 ? (
              <Empty icon="governance" title={t('members.empty')} next={t('members.emptyNext')} />
            ) : (
              <MemberList members={members} />
            )
          }
        </Loaded>
      </Panel>
      <CommitteePanel />
    </>
  )
}

function MemberList({ members }: { readonly members: readonly Member[] }): ReactElement {
  const { t } = useTranslation('governance')
  const memberName = useMemberName()
  return (
    <RecordList
      caption={t('members.title')}
      rows={members}
      rowKey={({ memberId }) => memberId}
      columns={[
        {
          key: 'name',
          header: t('members.name'),
          lead: true,
          cell: ({ memberId }) => <ShortId id={memberId} label={memberName(memberId)} />,
        },
        {
          key: 'status',
          header: t('members.status'),
          cell: ({ status }) => <Tag tone={tones[status]}>{t(`memberStatus.${status}`)}</Tag>,
        },
        {
          key: 'certificate',
          header: t('members.certificate'),
          cell: ({ certificateNotAfterMs }) => <Expiry timeMs={certificateNotAfterMs} />,
        },
        {
          key: 'admins',
          header: t('members.admins'),
          cell: ({ adminDids }) => (
            <span className="stacked">
              {adminDids.map((did) => (
                <ShortId key={did} id={did} to={`/explorer/dids/${did}`} />
              ))}
            </span>
          ),
        },
      ]}
    />
  )
}

function Expiry({ timeMs }: { readonly timeMs: number }): ReactElement {
  const { t } = useTranslation('governance')
  const nowMs = useNowMs()
  return (
    <>
      <Day timeMs={timeMs} />{' '}
      {timeMs <= nowMs ? (
        <Tag tone="bad">{t('members.expired')}</Tag>
      ) : (
        timeMs - nowMs < soonMs && <Tag tone="warn">{t('members.soon')}</Tag>
      )}
    </>
  )
}

function CommitteePanel(): ReactElement {
  const { t } = useTranslation('governance')
  const format = useFormat()
  const { group } = useCity()
  const memberName = useMemberName()
  const query = useQuery(committeeQuery(group.id))
  return (
    <Panel title={t('committee.title')}>
      <Loaded query={query} lines={3}>
        {({ seats, threshold }) => (
          <>
            <p className="committee-rule">
              {t('committee.rule', { threshold: format.integer(threshold), seats: format.integer(seats.length) })}
            </p>
            <ul className="seats">
              {seats.map(({ did, member }) => (
                <li key={did} className="seat">
                  <strong>{memberName(member)}</strong>
                  <ShortId id={did} to={`/explorer/dids/${did}`} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Panel>
  )
}
