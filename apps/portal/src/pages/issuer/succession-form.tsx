/** Chooses the types that pass and the successor, and shows what passes before anybody proposes it. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type PassingType, type SuccessionOverview, successionDesk, successionQuery } from '../../api/succession.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { useTexts } from './words.ts'

export function SuccessionForm({ overview }: { readonly overview: SuccessionOverview }): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const queryClient = useQueryClient()
  const act = useAct()
  const { signer } = useSession()
  const successorId = useId()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [to, setTo] = useState('')
  const [isUnderstood, setUnderstood] = useState(false)
  const here = overview.types.filter(({ state }) => state === 'here')
  const chosen = here.filter(({ typeId }) => picked.has(typeId))
  // One successor for all that is chosen: an office that issues one of these types already cannot take it.
  const successors = overview.offices.filter(({ office }) => chosen.every((type) => type.successors.includes(office)))
  const successor = successors.find(({ office }) => office === to)
  if (here.length === 0) {
    return (
      <Panel title={t('succession.title')}>
        <Empty icon="issuer" title={t('succession.none')} next={t('succession.noneNext')} />
      </Panel>
    )
  }
  const toggle = (typeId: string) =>
    setPicked(
      picked.has(typeId) ? new Set([...picked].filter((each) => each !== typeId)) : new Set([...picked, typeId]),
    )
  const propose = () =>
    act.run(async () => {
      // One act for each type, and so one touch of the key for each.
      for (const { typeId } of chosen) await successionDesk.propose(typeId, to, await signer())
      setPicked(new Set())
      setUnderstood(false)
      await queryClient.invalidateQueries({ queryKey: successionQuery.queryKey.slice(0, 2) })
    })
  return (
    <Panel title={t('succession.title')} note={t('succession.note')}>
      <fieldset className="issuer-languages">
        <legend>{t('succession.which')}</legend>
        {here.map(({ typeId, names }) => (
          <label key={typeId} className="issuer-tick">
            <input
              type="checkbox"
              checked={picked.has(typeId)}
              onChange={() => toggle(typeId)}
              data-testid={`succession-choose-${typeId}`}
            />
            {text(names)}
          </label>
        ))}
      </fieldset>
      <div className="issuer-line">
        <label htmlFor={successorId}>{t('succession.successor')}</label>
        <select
          id={successorId}
          value={successor?.office ?? ''}
          onChange={(event) => setTo(event.target.value)}
          data-testid="succession-successor"
        >
          <option value="">{t('succession.choose')}</option>
          {successors.map(({ office, names }) => (
            <option key={office} value={office}>
              {text(names)}
            </option>
          ))}
        </select>
      </div>
      {chosen.length > 0 && <WhatPasses chosen={chosen} overview={overview} />}
      <p className="issuer-warning" role="note">
        {t('succession.warning')}
      </p>
      <label className="issuer-tick">
        <input
          type="checkbox"
          checked={isUnderstood}
          onChange={() => setUnderstood(!isUnderstood)}
          data-testid="succession-understood"
        />
        {t('succession.understood')}
      </label>
      <div className="button-row">
        <button
          type="button"
          className="main-button issuer-danger"
          disabled={chosen.length === 0 || successor === undefined || !isUnderstood || act.isBusy}
          onClick={propose}
          data-testid="succession-propose"
        >
          {t('succession.propose')}
        </button>
      </div>
      <p className="issuer-example">{t('acts.ownKey')}</p>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

interface WhatPassesProps {
  readonly chosen: readonly PassingType[]
  readonly overview: SuccessionOverview
}

function WhatPasses({ chosen, overview: { types, statusLists } }: WhatPassesProps): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const sum = (of: 'certificates' | 'entitlements') => chosen.reduce((total, type) => total + type[of], 0)
  const isEverything = types.every((type) => type.state === 'passed' || chosen.includes(type))
  return (
    <div data-testid="succession-what">
      <h3>{t('succession.what')}</h3>
      <FactList
        facts={[
          { name: t('succession.types'), value: format.integer(chosen.length) },
          { name: t('succession.certificates'), value: format.integer(sum('certificates')) },
          { name: t('succession.entitlements'), value: format.integer(sum('entitlements')) },
          {
            name: t('succession.lists'),
            value: isEverything ? format.integer(statusLists) : t('succession.listsStay'),
          },
        ]}
      />
    </div>
  )
}
