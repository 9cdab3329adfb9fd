/** Points: the programmes of the city, the accounts in them, and what moves. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listAccounts, listPrograms } from '../../api/points.ts'
import { useCity } from '../../city/city.ts'
import { useIdName } from '../../city/member-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag } from '../../parts/tag.tsx'
import { HoldsPanel } from './holds-panel.tsx'
import { TransfersPanel } from './transfers-panel.tsx'
import './points.css'

const tabs = ['transfers', 'accounts', 'holds', 'programs'] as const

export function PointsPage(): ReactElement {
  const { t } = useTranslation('points')
  const contents = {
    transfers: <TransfersPanel />,
    accounts: <AccountsTab />,
    holds: <HoldsPanel />,
    programs: <ProgramsTab />,
  }
  return (
    <Page title={t('title')} lead={t('lead')}>
      <PageTabs tabs={tabs} label={(tab) => t(`tabs.${tab}`)} contents={contents} />
    </Page>
  )
}

function AccountsTab(): ReactElement {
  const { t } = useTranslation('points')
  const format = useFormat()
  const { group } = useCity()
  return (
    <PagedPanel
      title={t('accounts.title')}
      note={t('accounts.note')}
      queryKey={['points-accounts', group.id]}
      load={(page, signal) => listAccounts(group.id, page, signal)}
      empty={<Empty icon="points" title={t('accounts.empty')} next={t('accounts.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('accounts.title')}
          rows={rows}
          rowKey={({ accountId }) => accountId}
          columns={[
            {
              key: 'account',
              header: t('accounts.account'),
              lead: true,
              cell: ({ accountId, frozen }) => (
                <>
                  <ShortId id={accountId} to={`/points/accounts/${accountId}`} />{' '}
                  {frozen && <Tag tone="bad">{t('accounts.frozen')}</Tag>}
                </>
              ),
            },
            { key: 'owner', header: t('accounts.owner'), cell: ({ owner }) => <Did did={owner} copy={false} /> },
            {
              key: 'held',
              header: t('accounts.held'),
              numeric: true,
              cell: ({ held }) => format.amount(held),
            },
            {
              key: 'balance',
              header: t('accounts.balance'),
              numeric: true,
              cell: ({ balance, unit }) => (
                <strong>
                  {format.amount(balance)} <span className="unit">{unit}</span>
                </strong>
              ),
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}

function ProgramsTab(): ReactElement {
  const { t } = useTranslation('points')
  const format = useFormat()
  const { group } = useCity()
  const idName = useIdName()
  return (
    <PagedPanel
      title={t('programs.title')}
      note={t('programs.note')}
      queryKey={['points-programs', group.id]}
      load={(page, signal) => listPrograms(group.id, page, signal)}
      empty={<Empty icon="points" title={t('programs.empty')} next={t('programs.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('programs.title')}
          rows={rows}
          rowKey={({ programId }) => programId}
          columns={[
            {
              key: 'program',
              header: t('programs.program'),
              lead: true,
              cell: ({ programId }) => <ShortId id={programId} label={idName(programId)} />,
            },
            { key: 'unit', header: t('programs.unit'), cell: ({ unit }) => <code>{unit}</code> },
            {
              key: 'operator',
              header: t('programs.operator'),
              cell: ({ operator }) => <Did did={operator} copy={false} />,
            },
            { key: 'issued', header: t('programs.issued'), numeric: true, cell: ({ issued }) => format.amount(issued) },
            {
              key: 'redeemed',
              header: t('programs.redeemed'),
              numeric: true,
              cell: ({ redeemed }) => format.amount(redeemed),
            },
            {
              key: 'issuing',
              header: t('programs.issuing'),
              cell: ({ issuingAccountId }) => (
                <ShortId id={issuingAccountId} to={`/points/accounts/${issuingAccountId}`} />
              ),
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}
