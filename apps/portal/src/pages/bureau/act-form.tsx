/** Begins an act upon somebody: what, why, and what belongs to it. */

import { type ActKind, actKinds } from '@chengxin/client/bureau-acts'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bureau, type IdentityFacts, type PersonDetail } from '../../api/bureau.ts'
import { Fault } from '../../parts/fault.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { ApplicationForm } from './application-form.tsx'
import { Ticket } from './ticket.tsx'

const kinds = Object.keys(actKinds) as readonly ActKind[]

function fits(kind: ActKind, status: PersonDetail['status']): boolean {
  if (kind === 'unfreeze') return status === 'frozen'
  if (kind === 'death') return status !== 'deceased'
  return status === 'confirmed'
}

export function ActForm({
  person,
  done,
}: {
  readonly person: PersonDetail
  readonly done: () => Promise<unknown>
}): ReactElement | null {
  const { t } = useTranslation('bureau')
  const act = useAct()
  const { signer } = useSession()
  const open = kinds.filter((kind) => fits(kind, person.status))
  const [kind, setKind] = useState<ActKind>()
  const [reason, setReason] = useState('')
  const [guardian, setGuardian] = useState({ accountId: '', until: '' })
  const [outcome, setOutcome] = useState<{ readonly two: boolean; readonly secret?: string }>()
  const chosen = kind !== undefined && open.includes(kind) ? kind : open[0]
  if (chosen === undefined) return null
  const reasons: readonly string[] = actKinds[chosen].reasons
  const why = reasons.includes(reason) ? reason : (reasons[0] as string)

  const propose = async (facts?: IdentityFacts) => {
    const wanted = {
      ...{ kind: chosen, personId: person.personId, reason: why },
      ...(facts === undefined ? {} : { facts }),
      ...(chosen === 'guardian'
        ? { guardian: { accountId: guardian.accountId.trim(), untilMs: Date.parse(guardian.until) } }
        : {}),
    }
    const answer = await bureau.propose(wanted, await signer())
    setOutcome(answer)
    await done()
  }
  const needsFacts = chosen === 'correct' || chosen === 'change-name'
  return (
    <div className="bureau-act">
      <h3>{t('acts.begin')}</h3>
      <div className="bureau-search">
        <label className="bureau-field">
          <span>{t('acts.what')}</span>
          <select value={chosen} onChange={(event) => setKind(event.target.value as ActKind)} data-testid="act-kind">
            {open.map((one) => (
              <option key={one} value={one}>
                {t(`act.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="bureau-field">
          <span>{t('acts.why')}</span>
          <select value={why} onChange={(event) => setReason(event.target.value)}>
            {reasons.map((one) => (
              <option key={one} value={one}>
                {t(`reason.${one}` as never)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {chosen === 'guardian' && (
        <div className="bureau-search">
          <label className="bureau-field">
            <span>{t('acts.guardianAccount')}</span>
            <input
              value={guardian.accountId}
              onChange={(event) => setGuardian({ ...guardian, accountId: event.target.value })}
            />
          </label>
          <label className="bureau-field">
            <span>{t('acts.guardianUntil')}</span>
            <input
              type="date"
              value={guardian.until}
              onChange={(event) => setGuardian({ ...guardian, until: event.target.value })}
            />
          </label>
        </div>
      )}
      {needsFacts ? (
        <ApplicationForm
          key={chosen}
          initial={person.facts}
          withPhotos={false}
          word={t('acts.propose')}
          send={({ facts }) => propose(facts)}
        />
      ) : (
        <div className="button-row">
          <button
            type="button"
            className="plain-button"
            disabled={act.isBusy || (chosen === 'guardian' && (guardian.accountId === '' || guardian.until === ''))}
            onClick={() => act.run(() => propose())}
            data-testid="propose-act"
          >
            {t(actKinds[chosen].two ? 'acts.propose' : 'acts.doNow')}
          </button>
        </div>
      )}
      <p className="bureau-soft">{t('acts.ownKey')}</p>
      <Fault sentence={act.fault} />
      {outcome !== undefined && (
        <p className="bureau-soft" role="status">
          {t(outcome.two ? 'acts.proposed' : 'acts.doneNow')}
        </p>
      )}
      {outcome?.secret !== undefined && <Ticket path="/recover" secret={outcome.secret} words="recovery" />}
    </div>
  )
}
