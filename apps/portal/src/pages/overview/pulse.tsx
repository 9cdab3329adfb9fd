/** The ledger's heartbeat: where it stands, and its newest blocks as a ribbon whose bars show how much each holds. */
import { useQuery } from '@tanstack/react-query'
import type { CSSProperties, ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listBlocks } from '../../api/transactions.ts'
import { useCity, useLive } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { When } from '../../parts/when.tsx'

const ribbonBlocks = 48

interface Bar {
  readonly height: number
  readonly transactions: number
}

export function Pulse(): ReactElement {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const { group } = useCity()
  const live = useLive()
  return (
    <section className="pulse-band" aria-label={t('pulse.label')}>
      <dl className="pulse-figures">
        <Figure name={t('pulse.height')} value={format.integer(live.height)} testId="live-height" />
        <Figure name={t('pulse.transactions')} value={format.integer(live.size)} />
        <Figure name={t('pulse.members')} value={format.integer(group.members)} />
        <div className="pulse-figure">
          <dt>{t('pulse.last')}</dt>
          <dd className="pulse-small">
            <When timeMs={live.timeMs} />
          </dd>
        </div>
      </dl>
      <Ribbon />
    </section>
  )
}

function Figure({
  name,
  value,
  testId,
}: {
  readonly name: string
  readonly value: string
  readonly testId?: string
}): ReactElement {
  return (
    <div className="pulse-figure">
      <dt>{name}</dt>
      <dd className="numeric" data-testid={testId}>
        {value}
      </dd>
    </div>
  )
}

function Ribbon(): ReactElement {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const { group } = useCity()
  const live = useLive()
  const { data } = useQuery({
    queryKey: ['ribbon', group.id],
    queryFn: ({ signal }) => listBlocks(group.id, { limit: ribbonBlocks }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const bars = joinedBars(
    live.blocks.map(({ height, transactions }) => ({ height, transactions: transactions.length })),
    data?.rows ?? [],
  )
  const most = Math.max(1, ...bars.map((bar) => bar.transactions))
  return (
    <div className="ribbon" role="group" aria-label={t('pulse.ribbon')}>
      {bars.toReversed().map(({ height, transactions }) => (
        <CityLink
          key={height}
          to={`/explorer/blocks/${height}`}
          className="ribbon-bar"
          title={t('pulse.bar', { height: format.integer(height), count: format.integer(transactions) })}
        >
          {/* By logarithm: a block of one and a block of four thousand are both to be seen. */}
          <span style={{ '--fill': Math.log1p(transactions) / Math.log1p(most) } as CSSProperties} />
          <span className="visually-hidden">
            {t('pulse.bar', { height: format.integer(height), count: format.integer(transactions) })}
          </span>
        </CityLink>
      ))}
    </div>
  )
}

function joinedBars(live: readonly Bar[], listed: readonly Bar[]): readonly Bar[] {
  const oldestLive = live.at(-1)?.height ?? Number.POSITIVE_INFINITY
  return [...live, ...listed.filter((bar) => bar.height < oldestLive)].slice(0, ribbonBlocks)
}
