import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type ActivityEntry, ActivityItem } from '../../activity/activity-item.tsx'
import { listTransactions } from '../../api/transactions.ts'
import { useCity, useLive } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'

const shown = 12

export function LiveActivity(): ReactElement {
  const { t } = useTranslation('overview')
  const { group } = useCity()
  const live = useLive()
  const query = useQuery({
    queryKey: ['activity', group.id],
    queryFn: ({ signal }) => listTransactions(group.id, { limit: shown }, signal),
  })
  const news: ActivityEntry[] = live.blocks.flatMap((block) =>
    block.transactions
      .slice(-shown)
      .toReversed()
      .map((transaction) => ({ ...transaction, timeMs: block.timeMs })),
  )
  return (
    <Panel title={t('activity.title')} action={<CityLink to="/explorer">{t('activity.all')}</CityLink>}>
      <Loaded query={query} lines={8}>
        {({ rows }) => {
          const entries = [...new Map([...news, ...rows].map((entry) => [entry.id, entry])).values()].slice(0, shown)
          if (entries.length === 0) {
            return <Empty icon="clock" title={t('activity.empty')} next={t('activity.emptyNext')} />
          }
          return (
            <ul className="activities" data-testid="activity">
              {entries.map((entry) => (
                <ActivityItem key={entry.id} entry={entry} />
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}
