import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { blockQuery } from '../../api/transactions.ts'
import { useCity, useLive } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { WholeId } from '../../parts/short-id.tsx'
import { Moment } from '../../parts/when.tsx'
import { EventList } from './event-list.tsx'
import { LongTransactionList } from './long-transaction-list.tsx'
import './explorer.css'

export function BlockPage(): ReactElement {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const { group } = useCity()
  const height = Number(useParams()['height'])
  const query = useQuery(blockQuery(group.id, height))
  return (
    <Page
      kind={t('block.kind')}
      title={t('block.title', { height: format.integer(height) })}
      actions={<Neighbours height={height} />}
    >
      <Loaded query={query} lines={6}>
        {(block) => (
          <>
            <Panel title={t('block.facts')}>
              <FactList
                facts={[
                  { name: t('block.time'), value: <Moment timeMs={block.timeMs} /> },
                  { name: t('block.transactions'), value: format.integer(block.transactions.length) },
                  { name: t('block.firstLeaf'), value: format.integer(block.firstLeaf) },
                  { name: t('block.root'), value: <WholeId id={block.root} /> },
                  { name: t('block.agreedHash'), value: <WholeId id={block.agreedHash} /> },
                ]}
              />
            </Panel>
            {block.genesisEvents !== undefined && block.genesisEvents.length > 0 && (
              <Panel title={t('block.genesis')} note={t('block.genesisNote')}>
                <EventList events={block.genesisEvents} />
              </Panel>
            )}
            <Panel title={t('transactions.title')}>
              {block.transactions.length === 0 ? (
                <Empty icon="block" title={t('block.empty')} next={t('block.emptyNext')} />
              ) : (
                <LongTransactionList
                  rows={block.transactions.map((transaction) => ({ ...transaction, height, timeMs: block.timeMs }))}
                />
              )}
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Neighbours({ height }: { readonly height: number }): ReactElement {
  const { t } = useTranslation('explorer')
  const live = useLive()
  return (
    <nav className="neighbours" aria-label={t('block.neighbours')}>
      {height > 0 && (
        <CityLink to={`/explorer/blocks/${height - 1}`} className="plain-button neighbour-before">
          <Icon name="chevron" size={18} />
          {t('block.before')}
        </CityLink>
      )}
      {height < live.height && (
        <CityLink to={`/explorer/blocks/${height + 1}`} className="plain-button">
          {t('block.after')}
          <Icon name="chevron" size={18} />
        </CityLink>
      )}
    </nav>
  )
}
