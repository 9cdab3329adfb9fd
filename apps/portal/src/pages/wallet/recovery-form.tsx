/** Names who may together give the resident a new key: people, by their DIDs. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { walletQuery } from '../../api/agent.ts'
import { useCity } from '../../city/city.ts'
import { Fault } from '../../parts/fault.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'

const waits = [3, 7, 30] as const

export interface RecoveryFormProps {
  readonly guardians: readonly string[]
  readonly threshold: number
}

export function RecoveryForm({ guardians, threshold }: RecoveryFormProps): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const act = useAct()
  const [peopleId, neededId, waitName] = [useId(), useId(), useId()]
  const [people, setPeople] = useState(guardians.join('\n'))
  const [needed, setNeeded] = useState(Math.max(threshold, 1))
  const [waitDays, setWaitDays] = useState<number>(3)
  const named = people.split(/\s+/).filter((did) => did !== '')
  const save = () =>
    act.run(async () => {
      const { setRecovery } = await import('./ledger-acts.ts')
      const actor = { groupId: group.id, signer: await signer() }
      await setRecovery(actor, { guardians: named, threshold: Math.min(needed, named.length), waitDays })
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
    })
  return (
    <>
      <label className="field" htmlFor={peopleId}>
        <span>{t('recovery.people')}</span>
        <textarea
          id={peopleId}
          rows={3}
          value={people}
          spellCheck={false}
          onChange={({ target }) => setPeople(target.value)}
        />
      </label>
      <label className="field field-short" htmlFor={neededId}>
        <span>{t('recovery.needed')}</span>
        <input
          id={neededId}
          type="number"
          min={1}
          max={Math.max(named.length, 1)}
          value={needed}
          onChange={({ target }) => setNeeded(Math.max(1, Number(target.value)))}
        />
      </label>
      <fieldset className="pick-row">
        <legend>{t('recovery.wait')}</legend>
        {waits.map((days) => (
          <label key={days} className="pick">
            <input type="radio" name={waitName} checked={waitDays === days} onChange={() => setWaitDays(days)} />
            <span>{t('recovery.days', { days })}</span>
          </label>
        ))}
      </fieldset>
      <button type="button" className="main-button" onClick={save} disabled={act.isBusy || named.length === 0}>
        {t('recovery.save')}
      </button>
      <Fault sentence={act.fault} />
    </>
  )
}
