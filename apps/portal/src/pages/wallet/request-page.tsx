/** A verifier's request: who asks, for what, which fields, until when; answered by the agent or from one's own vault. */
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { agent, type OpenedRequest, walletQuery } from '../../api/agent.ts'
import { Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useSession } from '../../session/session.ts'
import { useFaultWords } from '../../session/use-act.ts'
import { confirm } from './confirm.ts'
import { linkIn } from './links.ts'
import { type Keeper, KeeperChoice } from './own/keeper-choice.tsx'
import { OwnRequest } from './own/own-request.tsx'
import { RequestSheet } from './request-sheet.tsx'
import { Stopped } from './stopped.tsx'

export function RequestPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const link = linkIn(useLocation().hash)
  const wallet = useQuery(walletQuery)
  const [keeper, setKeeper] = useState<{ readonly link: string; readonly keeper: Keeper }>()
  if (link === undefined) return <Stopped title={t('request.title')} words={t('request.none')} />
  if (wallet.data === undefined && !wallet.isError) return <Waiting />
  // Another link in the same page is another request: nothing of the one before stays, the choice neither.
  const chosen = keeper?.link === link ? keeper.keeper : undefined
  if (chosen === 'own') return <OwnRequest key={link} link={link} />
  if (chosen === undefined && wallet.data?.hasOwnVault === true) {
    const choose = (next: Keeper) => setKeeper({ link, keeper: next })
    return <KeeperChoice of="request" hasAgent={wallet.data.shut === undefined} choose={choose} />
  }
  return <AgentRequest key={link} link={link} />
}

function Waiting(): ReactElement {
  const { t } = useTranslation('wallet')
  return (
    <Page title={t('request.title')}>
      <Outline lines={6} />
    </Page>
  )
}

function AgentRequest({ link }: { readonly link: string }): ReactElement {
  const { t } = useTranslation('wallet')
  const faultOf = useFaultWords()
  const query = useQuery({
    queryKey: ['desk', 'request', link],
    queryFn: () => agent.openRequest(link),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  if (query.isError) return <Stopped title={t('request.title')} words={faultOf(query.error)} problem={query.error} />
  return query.data === undefined ? <Waiting /> : <Request key={query.data.actId} request={query.data} />
}

function Request({ request }: { readonly request: OpenedRequest }): ReactElement {
  const { signer } = useSession()
  const { actId } = request
  return (
    <RequestSheet
      request={request}
      agree={async (choices) => {
        const open = await agent.choose({ actId, choices })
        const assertion = await confirm(await signer(), open.statement)
        return agent.agree({ actId: open.actId, assertion })
      }}
      refuse={async () => {
        await agent.decline(actId)
      }}
    />
  )
}
