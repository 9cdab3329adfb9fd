import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { accountQuery } from '../../api/points.ts'
import { useCity } from '../../city/city.ts'
import { useIdName } from '../../city/member-name.ts'
import { shortenId } from '../../format/shorten.ts'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { WholeId } from '../../parts/short-id.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'
import { HoldsPanel } from './holds-panel.tsx'
import { TransfersPanel } from './transfers-panel.tsx'
import './points.css'

export function AccountPage(): ReactElement {
  const { t } = useTranslation('points')
  const format = useFormat()
  const { group } = useCity()
  const idName = useIdName()
  const accountId = useParams()['accountId'] ?? ''
  const query = useQuery(accountQuery(group.id, accountId))
  return (
    <Page kind={t('account.kind')} title={shortenId(accountId)}>
      <Loaded query={query} lines={4}>
        {({ balance, available, held, unit, owner, programId, issuing, frozen, openedAtMs }) => (
          <Panel title={t('account.facts')} {...(issuing ? { note: t('account.issuing') } : {})}>
            <p className="balance">
              <span className="numeric">{format.amount(balance)}</span> <span className="unit">{unit}</span>
            </p>
            <FactList
              facts={[
                { name: t('accounts.available'), value: format.amount(available) },
                { name: t('accounts.held'), value: format.amount(held) },
                { name: t('accounts.owner'), value: <Did did={owner} /> },
                { name: t('account.program'), value: idName(programId) },
                { name: t('accounts.account'), value: <WholeId id={accountId} /> },
                { name: t('account.opened'), value: <Day timeMs={openedAtMs} /> },
                ...(frozen ? [{ name: t('account.state'), value: <Tag tone="bad">{t('accounts.frozen')}</Tag> }] : []),
              ]}
            />
          </Panel>
        )}
      </Loaded>
      <TransfersPanel account={accountId} />
      <HoldsPanel account={accountId} />
    </Page>
  )
}
