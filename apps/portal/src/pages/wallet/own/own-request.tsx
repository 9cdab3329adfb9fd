/** A verifier's request, answered from the resident's own vault. Who asks is shown before the vault is opened. */
import type { OwnContent } from '@chengxin/holder'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../../../city/city.ts'
import type { OwnRequest as Opened, OwnAnswers } from '../../../own/own-acts.ts'
import { Outline } from '../../../parts/load-state.tsx'
import { Page } from '../../../parts/page.tsx'
import { useFaultWords } from '../../../session/use-act.ts'
import { AskerView } from '../asker-view.tsx'
import { RequestSheet } from '../request-sheet.tsx'
import { Stopped } from '../stopped.tsx'
import { OpenVaultButton } from './open-vault-button.tsx'
import { useOwner } from './use-owner.ts'

export function OwnRequest({ link }: { readonly link: string }): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const faultOf = useFaultWords()
  const query = useQuery({
    queryKey: ['desk', 'own-request', link],
    queryFn: async () => (await import('../../../own/own-acts.ts')).openOwnRequest(group.id, link),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  if (query.isError) return <Stopped title={t('request.title')} words={faultOf(query.error)} problem={query.error} />
  if (query.data === undefined) {
    return (
      <Page title={t('request.title')}>
        <Outline lines={6} />
      </Page>
    )
  }
  return <Answer request={query.data} />
}

function Answer({ request }: { readonly request: Opened }): ReactElement {
  const { t } = useTranslation(['own', 'wallet'])
  const { group } = useCity()
  const owner = useOwner()
  const [answers, setAnswers] = useState<OwnAnswers>()
  const show = async (content: OwnContent) => {
    const { answersFor } = await import('../../../own/own-acts.ts')
    setAnswers(await answersFor(group.id, request, content))
  }
  if (answers === undefined) {
    return (
      <Page title={t('wallet:request.title')}>
        <div className="wallet-sheet">
          <AskerView asker={request.asker} />
          <p className="wallet-note">{t('request.open')}</p>
          <OpenVaultButton label={t('request.openNow')} show={show} />
        </div>
      </Page>
    )
  }
  return (
    <RequestSheet
      request={{ asker: request.asker, ...answers }}
      agree={async (choices) => {
        const { answerOwnRequest } = await import('../../../own/own-acts.ts')
        return answerOwnRequest(owner(), group.id, request, choices)
      }}
      refuse={async () => {
        const { refuseOwnRequest } = await import('../../../own/own-acts.ts')
        await refuseOwnRequest(group.id, request)
      }}
    />
  )
}
