/** An issuer's offer, taken into the resident's own vault. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useCity } from '../../../city/city.ts'
import { useCityPath } from '../../../city/city-link.tsx'
import { Outline } from '../../../parts/load-state.tsx'
import { Page } from '../../../parts/page.tsx'
import { useAct, useFaultWords } from '../../../session/use-act.ts'
import { OfferSheet } from '../offer-sheet.tsx'
import { Stopped } from '../stopped.tsx'
import { useOwner } from './use-owner.ts'

export function OwnOffer({ link }: { readonly link: string }): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const faultOf = useFaultWords()
  const query = useQuery({
    queryKey: ['desk', 'own-offer', link],
    queryFn: async () => (await import('../../../own/own-acts.ts')).openOwnOffer(group.id, link),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const owner = useOwner()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const act = useAct()
  const [txCode, setTxCode] = useState('')
  if (query.isError) return <Stopped title={t('offer.title')} words={faultOf(query.error)} problem={query.error} />
  if (query.data === undefined) {
    return (
      <Page title={t('offer.title')}>
        <Outline />
      </Page>
    )
  }
  const { offer, types, needsTxCode } = query.data
  const take = () =>
    act.run(async () => {
      const { takeOwnOffer } = await import('../../../own/own-acts.ts')
      await takeOwnOffer(owner(), group.id, offer, needsTxCode ? txCode.trim() : undefined)
      await queryClient.invalidateQueries({
        queryKey: ['desk'],
        predicate: ({ queryKey }) => queryKey[1] !== 'own-offer',
      })
      await navigate(cityPath('/wallet/own'))
    })
  const issuer = { url: offer.issuer, host: new URL(offer.issuer).host, names: offer.metadata.names }
  return (
    <OfferSheet
      offer={{ issuer, types, needsTxCode }}
      note={t('offer.note', { host: issuer.host })}
      act={act}
      code={txCode}
      changeCode={setTxCode}
      take={take}
    />
  )
}
