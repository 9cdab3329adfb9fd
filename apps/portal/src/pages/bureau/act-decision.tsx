/** What an officer can do with an act that waits: agree or decline by key, or sign a recovery on the ledger. */
import { useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type ActRow, bureau } from '../../api/bureau.ts'
import { useCity } from '../../city/city.ts'
import { Tag } from '../../parts/tag.tsx'
import { Moment } from '../../parts/when.tsx'
import { useSession } from '../../session/session.ts'
import type { Act } from '../../session/use-act.ts'

interface DecisionProps {
  readonly row: ActRow
  readonly act: Act
}

export function ActDecision({ row, act }: DecisionProps): ReactElement {
  const { t } = useTranslation('bureau')
  if (row.status === 'approved' && row.completableAtMs !== undefined) {
    return (
      <span className="bureau-row-acts">
        <span>
          {t('acts.waitsUntil')} <Moment timeMs={row.completableAtMs} />
        </span>
        {row.way === 'counter' && <Sign row={row} act={act} step="withdraw" />}
      </span>
    )
  }
  if (row.status !== 'proposed') return <Tag>{t(`actStatus.${row.status}`)}</Tag>
  if (row.kind === 'recover' && !row.hasKey) return <>{t('acts.waitsForKey')}</>
  return row.way === 'counter' ? <AtCounter row={row} act={act} /> : <Decide row={row} act={act} />
}

function Decide({ row, act }: DecisionProps): ReactElement {
  const { t } = useTranslation('bureau')
  const queryClient = useQueryClient()
  const { person, signer } = useSession()
  const isOfficer = person?.roles.includes('bureau_officer') === true
  const decide = (agree: boolean) =>
    act.run(async () => {
      await bureau.decideAct(row.actId, agree, await signer())
      await queryClient.invalidateQueries({ queryKey: ['desk', 'bureau'] })
    })
  if (row.mine || !isOfficer) return <>{t(row.mine ? 'acts.mine' : 'acts.waits')}</>
  return (
    <span className="bureau-row-acts">
      <button
        type="button"
        className="plain-button"
        onClick={() => decide(true)}
        disabled={act.isBusy}
        data-testid="agree"
      >
        {t('acts.agree')}
      </button>
      <button type="button" className="link-button" onClick={() => decide(false)} disabled={act.isBusy}>
        {t('acts.decline')}
      </button>
    </span>
  )
}

/** Two officers, each with their own key on the ledger: the first asks for the new key, the second agrees. */
function AtCounter({ row, act }: DecisionProps): ReactElement {
  const { t } = useTranslation('bureau')
  if (!row.signatures) return <Sign row={row} act={act} step="request" />
  return (
    <span className="bureau-row-acts">
      {row.signedByMe ? <span>{t('acts.waits')}</span> : <Sign row={row} act={act} step="approve" />}
      <Sign row={row} act={act} step="withdraw" />
    </span>
  )
}

type Step = 'request' | 'approve' | 'withdraw'

function Sign({ row, act, step }: DecisionProps & { readonly step: Step }): ReactElement {
  const { t } = useTranslation('bureau')
  const { group } = useCity()
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const sign = () =>
    act.run(async () => {
      const { counterTransaction } = await import('./counter-transaction.ts')
      const jws = await counterTransaction({ groupId: group.id, signer: await signer() }, row, step)
      try {
        await bureau.signAct(row.actId, jws)
      } finally {
        // Whether it was taken or refused, the act says how it now stands.
        await queryClient.invalidateQueries({ queryKey: ['desk', 'bureau'] })
      }
    })
  return (
    <button
      type="button"
      className={step === 'withdraw' ? 'link-button' : 'plain-button'}
      onClick={sign}
      disabled={act.isBusy}
      data-testid={`counter-${step}`}
    >
      {t(`acts.sign.${step}`)}
    </button>
  )
}
