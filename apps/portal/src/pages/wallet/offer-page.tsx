/** An issuer's offer: who gives what, and the resident's yes by key. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import { agent, type OpenedOffer, walletQuery } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useSession } from '../../session/session.ts'
import { useAct, useFaultWords } from '../../session/use-act.ts'
import { confirm } from './confirm.ts'
import { linkIn } from './links.ts'
import { OfferSheet } from './offer-sheet.tsx'
import { type Keeper, KeeperChoice } from './own/keeper-choice.tsx'
import { OwnOffer } from './own/own-offer.tsx'
import { Stopped } from './stopped.tsx'

export function OfferPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const { hash } = useLocation()
  const link = linkIn(hash)
  const wallet = useQuery(walletQuery)
  const [keeper, setKeeper] = useState<{ readonly link: string; readonly keeper: Keeper }>()
  if (link === undefined) return <Stopped title={t('offer.title')} words={t('offer.none')} />
  if (wallet.data === undefined && !wallet.isError) return <Waiting />
  const chosen = keeper?.link === link ? keeper.keeper : undefined
  if (chosen === 'own') return <OwnOffer key={link} link={link} />
  if (chosen === undefined && wallet.data?.hasOwnVault === true) {
    const choose = (next: Keeper) => setKeeper({ link, keeper: next })
    return <KeeperChoice of="offer" hasAgent={wallet.data.shut === undefined} choose={choose} />
  }
  return <AgentOffer key={link} link={link} />
}

function Waiting(): ReactElement {
  const { t } = useTranslation('wallet')
  return (
    <Page title={t('offer.title')}>
      <Outline />
    </Page>
  )
}

function AgentOffer({ link }: { readonly link: string }): ReactElement {
  const { t } = useTranslation('wallet')
  const faultOf = useFaultWords()
  // An offer may be fetched once only, so what was opened is kept while the page stands.
  const query = useQuery({
    queryKey: ['desk', 'offer', link],
    queryFn: () => agent.openOffer(link),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (query.isError) return <Stopped title={t('offer.title')} words={faultOf(query.error)} problem={query.error} />
  return query.data === undefined ? <Waiting /> : <Offer key={query.data.actId} offer={query.data} />
}

function Offer({ offer }: { readonly offer: OpenedOffer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const act = useAct()
  const [txCode, setTxCode] = useState('')
  const { issuer, needsTxCode, actId, statement } = offer
  const take = () =>
    act.run(async () => {
      const assertion = await confirm(await signer(), statement)
      await agent.acceptOffer({ actId, assertion, ...(needsTxCode && { txCode: txCode.trim() }) })
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
      await navigate(cityPath('/wallet'))
    })
  return (
    <OfferSheet
      offer={offer}
      note={t('offer.note', { host: issuer.host })}
      act={act}
      code={txCode}
      changeCode={setTxCode}
      take={take}
    />
  )
}
