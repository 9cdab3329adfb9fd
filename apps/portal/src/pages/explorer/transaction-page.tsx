import { useQuery } from '@tanstack/react-query'
import { Collapse } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { useActivitySentence, useCodeSentence } from '../../activity/sentence.ts'
import { type TransactionOutcome, transactionQuery } from '../../api/transactions.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { type Fact, FactList } from '../../parts/fact-list.tsx'
import { Empty, Failure, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { WholeId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Moment } from '../../parts/when.tsx'
import { EventList } from './event-list.tsx'
import { ReceiptPanel } from './receipt-panel.tsx'
import './explorer.css'

const tones = {
  committed: 'good',
  refused: 'bad',
  rejected: 'bad',
  pending: 'warn',
} as const satisfies Record<TransactionOutcome['status'], TagTone>

export function TransactionPage(): ReactElement {
  const { t } = useTranslation('explorer')
  const { group } = useCity()
  const sentence = useActivitySentence()
  const id = useParams()['id'] ?? ''
  const query = useQuery(transactionQuery(group.id, id))
  const transaction = query.data
  const types = transaction?.types ?? []
  return (
    <Page kind={t('transaction.kind')} title={types.length > 0 ? sentence(types) : t('transaction.title')}>
      {transaction === undefined ? (
        query.isError ? (
          <Failure problem={query.error} retry={() => void query.refetch()} />
        ) : (
          <Outline lines={8} />
        )
      ) : (
        <TransactionParts transaction={transaction} />
      )}
    </Page>
  )
}

function TransactionParts({ transaction }: { readonly transaction: TransactionOutcome }): ReactElement {
  const { t } = useTranslation('explorer')
  const codeSentence = useCodeSentence()
  const { status, code, events = [] } = transaction
  const refusal = status === 'refused' || status === 'rejected' ? code : undefined
  return (
    <>
      <div className="outcome" data-testid="outcome">
        <Tag tone={tones[status]}>{t(`transaction.status.${status}`)}</Tag>
        <p>{refusal === undefined ? t(`transaction.meaning.${status}`) : codeSentence(refusal)}</p>
      </div>
      <Panel title={t('transaction.facts')}>
        <TransactionFacts transaction={transaction} />
      </Panel>
      {status === 'committed' && (
        <Panel title={t('events.title')} note={t('events.note')}>
          {events.length === 0 ? (
            <Empty icon="block" title={t('events.empty')} next={t('events.emptyNext')} />
          ) : (
            <EventList events={events} />
          )}
        </Panel>
      )}
      {transaction.leafIndex !== undefined && <ReceiptPanel id={transaction.id} />}
      <Collapse
        className="raw-collapse"
        items={[
          {
            key: 'raw',
            label: t('transaction.raw'),
            children: <pre className="raw">{JSON.stringify(transaction, undefined, 2)}</pre>,
          },
        ]}
      />
    </>
  )
}

function TransactionFacts({ transaction }: { readonly transaction: TransactionOutcome }): ReactElement {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const { id, code, height, position, leafIndex, timeMs, signer, principals = [], types = [] } = transaction
  const facts: (Fact | undefined)[] = [
    { name: t('transaction.id'), value: <WholeId id={id} /> },
    signer === undefined ? undefined : { name: t('transaction.signer'), value: <Did did={signer} /> },
    principals.length === 0
      ? undefined
      : { name: t('transaction.principals'), value: principals.map((did) => <Did key={did} did={did} />) },
    types.length === 0 ? undefined : { name: t('transaction.types'), value: <code>{types.join(', ')}</code> },
    height === undefined
      ? undefined
      : {
          name: t('transaction.block'),
          value: (
            <>
              <CityLink to={`/explorer/blocks/${height}`}>{format.integer(height)}</CityLink>
              {position !== undefined && ` · ${t('transaction.position', { position: format.integer(position) })}`}
            </>
          ),
        },
    timeMs === undefined ? undefined : { name: t('transaction.time'), value: <Moment timeMs={timeMs} /> },
    leafIndex === undefined ? undefined : { name: t('transaction.leaf'), value: format.integer(leafIndex) },
    code === undefined || code === 'ok' ? undefined : { name: t('transaction.code'), value: <code>{code}</code> },
  ]
  return <FactList facts={facts.filter((fact) => fact !== undefined)} />
}
