/** What an officer must decide: acts that want a second officer, and claims in which number and person do not fit together. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { actsQuery, doubtsQuery, issuerDesk, type Office, type OpenAct, type OpenDoubt } from '../../api/issuer.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { RenewalQueue } from '../renewals/renewal-queue.tsx'
import { useTypeWords } from './words.ts'

export function DecisionsTab({ office }: { readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const acts = useQuery({ ...actsQuery, refetchInterval: 10_000 })
  const doubts = useQuery({ ...doubtsQuery, refetchInterval: 10_000 })
  return (
    <div className="issuer-stack">
      <Loaded query={doubts}>
        {(open) =>
          open.length === 0 ? (
            <Panel title={t('doubts.title')} note={t('doubts.note')}>
              <Empty icon="tick" title={t('doubts.none')} next={t('doubts.noneNext')} />
            </Panel>
          ) : (
            open.map((each) => <Doubt key={each.doubtId} open={each} office={office} />)
          )
        }
      </Loaded>
      <RenewalQueue desk="issuer" />
      <Panel title={t('acts.title')} note={t('acts.note', { count: office.aloneUpTo })}>
        <Loaded query={acts}>
          {({ acts: open }) =>
            open.length === 0 ? (
              <Empty icon="tick" title={t('acts.none')} next={t('acts.noneNext')} />
            ) : (
              open.map((act) => <Proposed key={act.actId} act={act} />)
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}

function Doubt({ open, office }: { readonly open: OpenDoubt; readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const words = useTypeWords(office)
  const queryClient = useQueryClient()
  const act = useAct()
  const { doubt, entitlement, doubtId } = open
  const decide = (grant: boolean) =>
    act.run(async () => {
      await issuerDesk.decideDoubt(doubtId, grant)
      await queryClient.invalidateQueries({ queryKey: doubtsQuery.queryKey })
    })
  const { familyName, givenName, birthDate } = doubt.identity
  const claims = Object.entries(entitlement.claims).slice(0, 6)
  return (
    <Panel
      title={t('doubts.one', { type: words.type(doubt.typeId) })}
      note={doubt.differs.map((what) => t(`doubts.differs.${what}`)).join(' ')}
    >
      <div className="issuer-compare">
        <div>
          <h3>{t('doubts.bureau')}</h3>
          <FactList
            facts={[
              { name: t('doubts.name'), value: `${familyName} ${givenName}` },
              { name: t('doubts.birth'), value: birthDate },
            ]}
          />
        </div>
        <div>
          <h3>{t('doubts.register')}</h3>
          <FactList facts={claims.map(([name, value]) => ({ name: words.field(doubt.typeId, name), value }))} />
        </div>
      </div>
      <div className="button-row">
        <button type="button" className="main-button" disabled={act.isBusy} onClick={() => decide(true)}>
          {t('doubts.grant')}
        </button>
        <button type="button" className="plain-button" disabled={act.isBusy} onClick={() => decide(false)}>
          {t('doubts.refuse')}
        </button>
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function Proposed({
  act: { actId, word, reasonCode, count, proposedAtMs, isOwn },
}: {
  readonly act: OpenAct
}): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const { signer } = useSession()
  const decide = (approve: boolean) =>
    act.run(async () => {
      await issuerDesk.decideAct(actId, approve, await signer())
      await queryClient.invalidateQueries({ queryKey: actsQuery.queryKey.slice(0, 2) })
    })
  const word3 = word === 'revoked' || word === 'suspended' ? word : 'valid'
  return (
    <div className="issuer-proposed">
      <p>
        <strong>{t(`acts.${word3}`, { count: format.integer(count) })}</strong>
        <br />
        {t(`reasons.${reasonCode}` as never)} · {format.moment(proposedAtMs)}
      </p>
      <div className="button-row">
        <button type="button" className="main-button" disabled={isOwn || act.isBusy} onClick={() => decide(true)}>
          {t('acts.approve')}
        </button>
        <button type="button" className="plain-button" disabled={act.isBusy} onClick={() => decide(false)}>
          {isOwn ? t('acts.takeBack') : t('acts.reject')}
        </button>
      </div>
      {isOwn && <p className="issuer-example">{t('acts.own')}</p>}
      <p className="issuer-example">{t('acts.ownKey')}</p>
      <Fault sentence={act.fault} />
    </div>
  )
}
