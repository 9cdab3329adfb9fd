/** Certificates whose keys were lost: renewing at their issuers, or there to fetch. */
import { useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Renewal } from '../../api/agent.ts'
import { own } from '../../api/own.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { Tag } from '../../parts/tag.tsx'
import { useAct } from '../../session/use-act.ts'
import { destinationOf } from './links.ts'
import { useCardWords } from './words.ts'
import '../renewals/renewals.css'
import { Fault } from '../../parts/fault.tsx'

const tones = { queued: 'quiet', granted: 'good', refused: 'bad' } as const

export function Renewals({ renewals }: { readonly renewals: readonly Renewal[] }): ReactElement | null {
  const { t } = useTranslation('own')
  const words = useCardWords()
  const act = useAct()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const queryClient = useQueryClient()
  if (renewals.length === 0) return null
  const fetchNew = (reference: string) =>
    act.run(async () => {
      const to = destinationOf((await own.offerOfRenewal(reference)).uri)
      await queryClient.invalidateQueries({ queryKey: ['desk', 'wallet'] })
      if (to !== undefined) await navigate({ pathname: cityPath(to.path), hash: to.hash })
    })
  return (
    <section className="renewals" aria-label={t('renewals.title')}>
      <h2 className="wanted-name">{t('renewals.title')}</h2>
      <ul className="renewal-list">
        {renewals.map((renewal) => (
          <li key={renewal.reference} data-testid="renewal" data-state={renewal.state}>
            <span className="renewal-name">{words(renewal).name}</span>{' '}
            <Tag tone={tones[renewal.state]}>{t(`renewals.state.${renewal.state}`)}</Tag>
            {renewal.state === 'granted' && (
              <button
                type="button"
                className="plain-button"
                onClick={() => fetchNew(renewal.reference)}
                disabled={act.isBusy}
                data-testid="fetch-renewal"
              >
                {t('renewals.fetch')}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="wallet-note">{t('renewals.note')}</p>
      <Fault sentence={act.fault} />
    </section>
  )
}
