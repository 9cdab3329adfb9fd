/** A resident claims what offices have for them: the certificate of identity is shown, and what is there can be fetched. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCodeSentence } from '../../activity/sentence.ts'
import {
  type Claim,
  type ClaimableOffice,
  claimableQuery,
  claimQuery,
  claimsQuery,
  issuerDesk,
} from '../../api/issuer.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useTypeName } from '../../city/type-name.ts'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag } from '../../parts/tag.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { useTexts } from '../issuer/words.ts'
import '../../parts/button.css'
import '../issuer/issuer.css'
import { Fault } from '../../parts/fault.tsx'

export function ClaimsPage(): ReactElement {
  const { t } = useTranslation('issuer')
  const { isKnown, person } = useSession()
  const isResident = person?.kind === 'resident'
  return (
    <Page title={t('claims.title')} lead={t('claims.lead')}>
      {!isKnown && <Outline />}
      {isKnown && !isResident && (
        <Empty icon="person" title={t('claims.door')} next={<CityLink to="/try">{t('claims.doorNext')}</CityLink>} />
      )}
      {isResident && <Offices />}
    </Page>
  )
}

function Offices(): ReactElement {
  const { t } = useTranslation('issuer')
  const offices = useQuery(claimableQuery)
  const claims = useQuery(claimsQuery)
  const [claimId, setClaimId] = useState<string>()
  return (
    <div className="issuer-stack">
      {claimId !== undefined && <Followed key={claimId} claimId={claimId} />}
      <Loaded query={offices}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="issuer" title={t('claims.none')} next={t('claims.noneNext')} />
          ) : (
            all.map((office) => <OfficeCard key={office.office} office={office} claimed={setClaimId} />)
          )
        }
      </Loaded>
      {(claims.data ?? [])
        .filter((claim) => claim.claimId !== claimId)
        .map((claim) => (
          <Found key={claim.claimId} claim={claim} />
        ))}
    </div>
  )
}

function OfficeCard({
  office: { office, names, types },
  claimed,
}: {
  readonly office: ClaimableOffice
  readonly claimed: (claimId: string) => void
}): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const act = useAct()
  const [link, setLink] = useState<string>()
  const begin = () =>
    act.run(async () => {
      const begun = await issuerDesk.claim(office)
      claimed(begun.claimId)
      setLink(begun.link)
    })
  return (
    <Panel title={text(names)} note={types.map((type) => text(type.names)).join(t('joint'))}>
      {link === undefined ? (
        <button
          type="button"
          className="main-button"
          disabled={act.isBusy}
          onClick={begin}
          data-testid={`claim-${office}`}
        >
          <Icon name="certificates" />
          {t('claims.begin')}
        </button>
      ) : (
        <p>
          <CityLink to={`/wallet/request#${link}`}>{t('claims.show')}</CityLink>
        </p>
      )}
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function Followed({ claimId }: { readonly claimId: string }): ReactElement {
  const queryClient = useQueryClient()
  const query = useQuery(claimQuery(claimId))
  const isThere = query.data?.state === 'matched'
  if (isThere) void queryClient.prefetchQuery(claimsQuery)
  return <Loaded query={query}>{(claim) => <Found claim={claim} />}</Loaded>
}

function Found({ claim }: { readonly claim: Claim }): ReactElement {
  const { t } = useTranslation('issuer')
  const typeName = useTypeName()
  const sentence = useCodeSentence()
  const { state, certificates, withClerk, refusedByClerk, refusedWith } = claim
  return (
    <Panel title={t(`claims.state.${state}`)}>
      <div data-testid="claim" data-state={state} aria-live="polite">
        {state === 'asked' && <p>{t('claims.waiting')}</p>}
        {refusedWith !== undefined && <p>{sentence(refusedWith)}</p>}
        {state === 'matched' && certificates.length === 0 && withClerk === 0 && <p>{t('claims.nothing')}</p>}
        {certificates.map(({ typeId, state: stands, uri }, index) => (
          <p key={`${typeId} ${String(index)}`} className="issuer-status">
            <strong>{typeName(typeId)}</strong>
            <Tag tone={stands === 'issued' ? 'good' : 'warn'}>{t(`claims.certificate.${stands}`)}</Tag>
            {uri !== undefined && <CityLink to={`/wallet/offer#${uri}`}>{t('claims.fetch')}</CityLink>}
          </p>
        ))}
        {withClerk > 0 && <p>{t('claims.withClerk')}</p>}
        {refusedByClerk > 0 && <p>{t('claims.refusedByClerk')}</p>}
      </div>
    </Panel>
  )
}
