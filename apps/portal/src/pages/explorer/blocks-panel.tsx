import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listBlocks } from '../../api/transactions.ts'
import { useCity, useLive } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { When } from '../../parts/when.tsx'

const shown = 12

/** The newest blocks, live. Older ones are found by height, or by the block of a transaction. */
export function BlocksPanel(): ReactElement {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const { group } = useCity()
  const live = useLive()
  const query = useQuery({
    queryKey: ['blocks', group.id],
    queryFn: ({ signal }) => listBlocks(group.id, { limit: shown }, signal),
  })
  const news = live.blocks.map(({ height, timeMs, transactions }) => ({
    height,
    timeMs,
    transactions: transactions.length,
  }))
  return (
    <Panel title={t('blocks.title')}>
      <Loaded query={query} lines={8}>
        {({ rows }) => {
          const blocks = [...new Map([...news, ...rows].map((block) => [block.height, block])).values()].slice(0, shown)
          if (blocks.length === 0) return <Empty icon="block" title={t('blocks.empty')} next={t('blocks.emptyNext')} />
          return (
            <ul className="block-list">
              {blocks.map(({ height, timeMs, transactions }) => (
                <li key={height}>
                  <CityLink to={`/explorer/blocks/${height}`} className="block-link">
                    <span className="block-height numeric">{format.integer(height)}</span>
                    <span className="block-count">{t('blocks.count', { count: format.integer(transactions) })}</span>
                    <span className="block-when">
                      <When timeMs={timeMs} />
                    </span>
                  </CityLink>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}
