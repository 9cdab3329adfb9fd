/** What waits for a second officer, what waits for its time, and what was done. */

import { actKinds } from '@chengxin/client/bureau-acts'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ActRow, actsQuery } from '../../api/bureau.ts'
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { RenewalQueue } from '../renewals/renewal-queue.tsx'
import { ActDecision } from './act-decision.tsx'
import { OwnStandingPanel } from './own-standing.tsx'

const statuses = ['proposed', 'approved', 'done', 'declined'] as const

export function ActsTab(): ReactElement {
  const { t } = useTranslation('bureau')
  const [status, setStatus] = useState<ActRow['status']>('proposed')
  const query = useQuery(actsQuery(status))
  const act = useAct()
  return (
    <>
      <div className="bureau-filters" role="group" aria-label={t('acts.filter')}>
        {statuses.map((one) => (
          <button
            key={one}
            type="button"
            className="bureau-filter"
            aria-pressed={status === one}
            onClick={() => setStatus(one)}
          >
            {t(`actStatus.${one}`)}
          </button>
        ))}
      </div>
      <Panel title={t('acts.title')} note={t('acts.note')}>
        <Loaded query={query}>
          {(acts) =>
            acts.length === 0 ? (
              <Empty icon="bureau" title={t('acts.empty')} next={t('acts.emptyNext')} />
            ) : (
              <RecordList
                caption={t('acts.title')}
                rows={acts}
                rowKey={({ actId }) => actId}
                columns={[
                  {
                    key: 'kind',
                    header: t('acts.what'),
                    lead: true,
                    cell: ({ kind, name = '' }) => t('acts.of', { kind: t(`act.${kind}`), name }),
                  },
                  { key: 'why', header: t('acts.why'), cell: ({ reason }) => t(`reason.${reason}` as never) },
                  {
                    key: 'when',
                    header: t('acts.when'),
                    cell: ({ proposedAtMs }) => <When timeMs={proposedAtMs} />,
                  },
                  { key: 'decide', header: t('acts.decision'), cell: (row) => <ActDecision row={row} act={act} /> },
                ]}
              />
            )
          }
        </Loaded>
        <Fault sentence={act.fault} />
      </Panel>
      <RenewalQueue desk="bureau" />
      <OwnStandingPanel />
      <TwoOfficerList />
    </>
  )
}

function TwoOfficerList(): ReactElement {
  const { t } = useTranslation('bureau')
  const kinds = Object.entries(actKinds) as [ActRow['kind'], { two: boolean }][]
  return (
    <Panel title={t('acts.listTitle')} note={t('acts.listNote')}>
      <ul className="bureau-list">
        {kinds.map(([kind, { two }]) => (
          <li key={kind}>
            {t(`act.${kind}`)} <Tag tone={two ? 'warn' : 'quiet'}>{t(two ? 'acts.two' : 'acts.one')}</Tag>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
