/** How a resident stands with the bureau: nothing yet, waiting, refused, confirmed. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { bureau, type Mine, mineQuery } from '../../api/bureau.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Day, Moment } from '../../parts/when.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { ApplicationForm } from './application-form.tsx'
import { useFactList } from './fact-words.tsx'
import { UseTicket } from './use-ticket.tsx'

export function ResidentDesk(): ReactElement {
  const query = useQuery(mineQuery)
  return (
    <Loaded query={query}>
      {(mine) => (
        <>
          {mine.person === undefined && <UseTicket done={() => query.refetch()} />}
          <Standing mine={mine} again={() => query.refetch()} />
          <Wards mine={mine} />
        </>
      )}
    </Loaded>
  )
}

function Standing({ mine, again }: { readonly mine: Mine; readonly again: () => Promise<unknown> }): ReactElement {
  const { application, person } = mine
  if (person !== undefined) return <Confirmed person={person} certificates={mine.certificates} />
  const isWaiting = application !== undefined && application.status !== 'refused'
  if (isWaiting) return <Waiting application={application} again={again} />
  return (
    <>
      {application?.reason !== undefined && <Refused reason={application.reason} />}
      <Apply again={again} />
    </>
  )
}

function Apply({ again }: { readonly again: () => Promise<unknown> }): ReactElement {
  const { t } = useTranslation('bureau')
  const { bringIn } = useSession()
  return (
    <Panel title={t('apply.form')} note={t('apply.note')}>
      <ApplicationForm
        needsPhotos
        word={t('apply.send')}
        send={async (applied) => {
          // The bureau confirms a DID that stands on the ledger; the passkey says that it wants to be there.
          await bringIn()
          await bureau.apply(applied)
          await again()
        }}
      />
    </Panel>
  )
}

function Refused({ reason }: { readonly reason: string }): ReactElement {
  const { t } = useTranslation('bureau')
  return (
    <section className="bureau-notice bureau-notice-bad" role="status">
      <p className="bureau-notice-title">{t('apply.refused')}</p>
      <p>{t(`reason.${reason}` as never)}</p>
      <p>{t('apply.refusedNext')}</p>
    </section>
  )
}

function Waiting({
  application,
  again,
}: {
  readonly application: NonNullable<Mine['application']>
  readonly again: () => Promise<unknown>
}): ReactElement {
  const { t } = useTranslation('bureau')
  const act = useAct()
  const withdraw = async () => {
    await bureau.withdraw()
    await again()
  }
  return (
    <Panel title={t('apply.waiting')} note={t('apply.waitingNote')}>
      <FactList
        facts={[
          { name: t('field.status'), value: <Tag tone="warn">{t(`status.${application.status}`)}</Tag> },
          { name: t('field.submitted'), value: <Moment timeMs={application.submittedAtMs} /> },
        ]}
      />
      <div className="button-row">
        <button type="button" className="plain-button" onClick={() => void again()}>
          <Icon name="refresh" size={18} />
          {t('apply.again')}
        </button>
        {application.status === 'submitted' && (
          <button type="button" className="link-button" disabled={act.isBusy} onClick={() => act.run(withdraw)}>
            {t('apply.withdraw')}
          </button>
        )}
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function Confirmed({
  person,
  certificates,
}: {
  readonly person: NonNullable<Mine['person']>
  readonly certificates: Mine['certificates']
}): ReactElement {
  const { t } = useTranslation('bureau')
  const factList = useFactList()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const act = useAct()
  const fetchCertificate = async () => {
    const { uri } = await bureau.offerCertificate()
    // What an offer says is for the wallet alone, and so stands behind the sign that no server is sent.
    await navigate(`${cityPath('/wallet/offer')}#${uri}`)
  }
  const isGood = person.status === 'confirmed'
  return (
    <Panel
      title={t(isGood ? 'apply.confirmed' : 'apply.notGood')}
      note={t(isGood ? 'apply.confirmedNote' : 'apply.notGoodNote')}
    >
      <FactList
        facts={[
          {
            name: t('field.status'),
            value: <Tag tone={isGood ? 'good' : 'bad'}>{t(`personStatus.${person.status}`)}</Tag>,
          },
          { name: t('field.confirmed'), value: <Day timeMs={person.confirmedAtMs} /> },
          ...factList(person.facts),
        ]}
      />
      {isGood && (
        <div className="button-row">
          <button
            type="button"
            className={certificates.length === 0 ? 'main-button' : 'plain-button'}
            disabled={act.isBusy}
            onClick={() => act.run(fetchCertificate)}
            data-testid="fetch-identity"
          >
            <Icon name="wallet" />
            {t(certificates.length === 0 ? 'apply.fetch' : 'apply.fetchAgain')}
          </button>
        </div>
      )}
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function Wards({ mine }: { readonly mine: Mine }): ReactElement | null {
  const { t } = useTranslation('bureau')
  const act = useAct()
  if (mine.wards.length === 0) return null
  const actFor = (accountId: string) => async () => {
    await bureau.actForWard(accountId)
    // Everything on this page was loaded for somebody else.
    location.reload()
  }
  return (
    <Panel title={t('wards.title')} note={t('wards.note')}>
      <FactList
        facts={mine.wards.map(({ accountId, did, untilMs }) => ({
          name: did.slice(-10),
          value: (
            <span className="bureau-row-acts">
              <span>
                {t('wards.until')} <Day timeMs={untilMs} />
              </span>
              <button
                type="button"
                className="link-button"
                disabled={act.isBusy}
                onClick={() => act.run(actFor(accountId))}
              >
                {t('wards.act')}
              </button>
            </span>
          ),
        }))}
      />
      <Fault sentence={act.fault} />
    </Panel>
  )
}
