/** What an office asks of other departments, what it was shown, and who looked at the licences that it answers for. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Catalogue, catalogueQuery } from '../../api/sharing.ts'
import { Loaded } from '../../parts/load-state.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { AccessesList } from './accesses-list.tsx'
import { AskForLicence } from './ask-for-licence.tsx'
import { OfficeShares } from './office-shares.tsx'

export function OfficeSharing(): ReactElement {
  const query = useQuery(catalogueQuery)
  return <Loaded query={query}>{(catalogue) => <Tabs catalogue={catalogue} />}</Loaded>
}

function Tabs({ catalogue }: { readonly catalogue: Catalogue }): ReactElement {
  const { t } = useTranslation('sharing')
  const contents = {
    shares: <OfficeShares catalogue={catalogue} />,
    ask: <AskForLicence catalogue={catalogue} />,
    looks: <AccessesList who="office" />,
  }
  // An office that asks nobody begins with who looked at what it answers for.
  const asks = catalogue.purposes.length > 0
  const label = (tab: keyof typeof contents) => t(`tabs.${tab}`)
  return asks ? (
    <PageTabs tabs={['ask', 'shares', 'looks']} label={label} contents={contents} />
  ) : (
    <PageTabs tabs={['looks', 'shares']} label={label} contents={contents} />
  )
}
