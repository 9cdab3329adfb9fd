import { useQuery } from '@tanstack/react-query'
import { Collapse } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import {
  type Delegation,
  type Identity,
  type IdentityKey,
  identityDocumentQuery,
  identityQuery,
} from '../../api/identity.ts'
import { paths } from '../../api/paths.ts'
import { listTransactions } from '../../api/transactions.ts'
import { useCity } from '../../city/city.ts'
import { useDidName, useMemberName } from '../../city/member-name.ts'
import { shortenId } from '../../format/shorten.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { Page } from '../../parts/page.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { WholeId } from '../../parts/short-id.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'
import { TransactionList } from './transaction-list.tsx'
import './explorer.css'

export function IdentityPage(): ReactElement {
  const { t } = useTranslation('explorer')
  const { group } = useCity()
  const did = useParams()['did'] ?? ''
  const didName = useDidName()
  const query = useQuery(identityQuery(group.id, did))
  return (
    <Page kind={t('identity.kind')} title={didName(did) ?? shortenId(did)} lead={t('identity.lead')}>
      <Loaded query={query} lines={6}>
        {(identity) => (
          <>
            <IdentityFacts identity={identity} />
            <Panel title={t('identity.keys')}>
              <KeyList keys={identity.keys} />
            </Panel>
            {identity.delegations.length > 0 && (
              <Panel title={t('identity.delegations')} note={t('identity.delegationsNote')}>
                <DelegationList delegations={identity.delegations} />
              </Panel>
            )}
            <DocumentPart did={did} />
          </>
        )}
      </Loaded>
      <PagedPanel
        title={t('identity.activity')}
        queryKey={['transactions', group.id, did]}
        load={(page, signal) => listTransactions(group.id, { ...page, did }, signal)}
        empty={<Empty icon="clock" title={t('identity.quiet')} next={t('identity.quietNext')} />}
      >
        {(rows) => <TransactionList rows={rows} />}
      </PagedPanel>
    </Page>
  )
}

function IdentityFacts({ identity }: { readonly identity: Identity }): ReactElement {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const memberName = useMemberName()
  const { did, status, sponsor, createdAtMs, confirmedAtMs, recovery } = identity
  return (
    <Panel title={t('identity.facts')}>
      <FactList
        facts={[
          { name: t('identity.did'), value: <WholeId id={did} /> },
          {
            name: t('identity.state'),
            value: <Tag tone={status === 'active' ? 'good' : 'bad'}>{t(`identity.status.${status}`)}</Tag>,
          },
          { name: t('identity.sponsor'), value: memberName(sponsor) },
          { name: t('identity.created'), value: <Day timeMs={createdAtMs} /> },
          {
            name: t('identity.confirmed'),
            value: confirmedAtMs === undefined ? t('identity.unconfirmed') : <Day timeMs={confirmedAtMs} />,
          },
          ...(recovery
            ? [
                {
                  name: t('identity.recovery'),
                  value: (
                    <>
                      {t('identity.guardians', {
                        threshold: format.integer(recovery.threshold),
                        guardians: format.integer(recovery.guardians.length),
                      })}{' '}
                      {recovery.requestedAtMs !== undefined && <Tag tone="warn">{t('identity.recovering')}</Tag>}
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Panel>
  )
}

function KeyList({ keys }: { readonly keys: readonly IdentityKey[] }): ReactElement {
  const { t } = useTranslation('explorer')
  if (keys.length === 0) return <Empty icon="key" title={t('identity.noKeys')} next={t('identity.noKeysNext')} />
  return (
    <RecordList
      caption={t('identity.keys')}
      rows={keys}
      rowKey={({ keyId }) => keyId}
      columns={[
        { key: 'id', header: t('identity.key'), lead: true, cell: ({ keyId }) => <code>{keyId}</code> },
        {
          key: 'kind',
          header: t('identity.keyKind'),
          cell: ({ jwk, passkey }) => (passkey ? t('identity.passkey') : jwk.crv),
        },
        { key: 'added', header: t('identity.added'), cell: ({ addedAtMs }) => <Day timeMs={addedAtMs} /> },
        {
          key: 'state',
          header: t('identity.state'),
          cell: ({ retiredAtMs }) =>
            retiredAtMs === undefined ? (
              <Tag tone="good">{t('identity.keyActive')}</Tag>
            ) : (
              <Tag>{t('identity.keyRetired')}</Tag>
            ),
        },
      ]}
    />
  )
}

function DelegationList({ delegations }: { readonly delegations: readonly Delegation[] }): ReactElement {
  const { t } = useTranslation('explorer')
  const nowMs = useNowMs()
  return (
    <RecordList
      caption={t('identity.delegations')}
      rows={delegations}
      rowKey={({ delegationId }) => delegationId}
      columns={[
        { key: 'to', header: t('identity.agent'), lead: true, cell: ({ to }) => <Did did={to} /> },
        { key: 'scope', header: t('identity.scope'), cell: ({ scope }) => <code>{scope.join(', ')}</code> },
        { key: 'until', header: t('identity.until'), cell: ({ untilMs }) => <Day timeMs={untilMs} /> },
        {
          key: 'state',
          header: t('identity.state'),
          cell: ({ untilMs, revokedAtMs }) =>
            revokedAtMs !== undefined || untilMs <= nowMs ? (
              <Tag>{t('identity.ended')}</Tag>
            ) : (
              <Tag tone="good">{t('identity.running')}</Tag>
            ),
        },
      ]}
    />
  )
}

function DocumentPart({ did }: { readonly did: string }): ReactElement {
  const { t } = useTranslation('explorer')
  return (
    <Collapse
      className="raw-collapse"
      items={[{ key: 'document', label: t('identity.document'), children: <DocumentText did={did} /> }]}
    />
  )
}

/** Asked for when it is opened: few readers need it. */
function DocumentText({ did }: { readonly did: string }): ReactElement {
  const { t } = useTranslation('explorer')
  const query = useQuery(identityDocumentQuery(did))
  return (
    <Loaded query={query} lines={6}>
      {(document) => (
        <>
          <p>
            <a href={paths.identityDocument(did)}>{t('identity.resolve')}</a>
          </p>
          <pre className="raw">{JSON.stringify(document, undefined, 2)}</pre>
        </>
      )}
    </Loaded>
  )
}
