/** A request as it is answered: which certificate, which fields; no and yes side by side and equally easy. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { AskedField, Choice, OpenedRequest } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Page } from '../../parts/page.tsx'
import { Stamp } from '../../parts/seal.tsx'
import { useAct } from '../../session/use-act.ts'
import { AskerView } from './asker-view.tsx'
import { useCardWords, useTexts } from './words.ts'

type Part = OpenedRequest['parts'][number]

/** What is chosen to begin with: the first certificate that answers, and only what is needed of it. */
function firstChoice({ queryId, candidates, required }: Part): Choice | undefined {
  const [candidate] = candidates
  if (candidate === undefined || !required) return undefined
  const fields = candidate.fields.filter(({ needed }) => needed).map(({ name }) => name)
  return { queryId, certificateId: candidate.certificateId, fields }
}

export interface RequestSheetProps {
  readonly request: Pick<OpenedRequest, 'asker' | 'parts' | 'displays' | 'answerable'>
  /** Shows what was picked; where the resident's browser goes on is answered. */
  readonly agree: (choices: readonly Choice[]) => Promise<{ readonly redirectUri?: string }>
  readonly refuse: () => Promise<void>
}

export function RequestSheet({ request, agree, refuse }: RequestSheetProps): ReactElement {
  const { t } = useTranslation('wallet')
  const queryClient = useQueryClient()
  const texts = useTexts()
  const act = useAct()
  const [choices, setChoices] = useState<readonly Choice[]>(() =>
    request.parts.flatMap((part) => firstChoice(part) ?? []),
  )
  const [outcome, setOutcome] = useState<'agreed' | 'refused'>()
  const { asker, parts, answerable } = request

  const yes = () =>
    act.run(async () => {
      const { redirectUri } = await agree(choices)
      await queryClient.invalidateQueries({
        queryKey: ['desk'],
        predicate: ({ queryKey }) => queryKey[1] !== 'request' && queryKey[1] !== 'own-request',
      })
      setOutcome('agreed')
      if (redirectUri !== undefined && /^https?:/.test(redirectUri)) location.assign(redirectUri)
    })
  const no = () =>
    act.run(async () => {
      await refuse()
      setOutcome('refused')
    })

  if (outcome !== undefined) return <Done outcome={outcome} asker={texts(asker.names)} />
  const change = (choice: Choice) =>
    setChoices((before) => [...before.filter(({ queryId }) => queryId !== choice.queryId), choice])
  return (
    <Page title={t('request.title')}>
      <div className="wallet-sheet">
        <AskerView asker={asker} />
        {parts.map((part) => (
          <AskedPart
            key={part.queryId}
            part={part}
            display={request.displays[part.vcts[0] ?? '']}
            choice={choices.find(({ queryId }) => queryId === part.queryId)}
            change={change}
          />
        ))}
        {!answerable && (
          <p className="wallet-note" role="status" data-testid="not-answerable">
            {t('request.lacking')}
          </p>
        )}
        <div className="wallet-answers">
          <button
            type="button"
            className="answer-button answer-no"
            onClick={no}
            disabled={act.isBusy}
            data-testid="refuse"
          >
            {t('request.refuse')}
          </button>
          <button
            type="button"
            className="answer-button answer-yes"
            onClick={yes}
            disabled={act.isBusy || !answerable}
            data-testid="agree"
          >
            {act.isBusy ? t('request.working') : t('request.agree')}
          </button>
        </div>
        <p className="wallet-fine">{t('request.fine')}</p>
        <Fault sentence={act.fault} />
      </div>
    </Page>
  )
}

interface PartProps {
  readonly part: Part
  readonly display: unknown
  readonly choice: Choice | undefined
  readonly change: (choice: Choice) => void
}

function AskedPart({ part, display, choice, change }: PartProps): ReactElement {
  const { t } = useTranslation('wallet')
  const words = useCardWords()
  const selectId = useId()
  const { queryId, candidates, vcts } = part
  const candidate = candidates.find(({ certificateId }) => certificateId === choice?.certificateId) ?? candidates[0]
  const described = { vct: vcts[0] ?? '', display }
  const shown = words(described, candidate?.fields)
  const pick = (fields: readonly string[], certificateId = candidate?.certificateId ?? '') =>
    change({ queryId, certificateId, fields })
  const chosen = choice?.fields ?? []
  return (
    <section className="wanted" aria-label={shown.name}>
      <h3 className="wanted-name">{shown.name}</h3>
      {candidates.length > 1 && (
        <label className="field" htmlFor={selectId}>
          <span>{t('request.which')}</span>
          <select id={selectId} value={candidate?.certificateId} onChange={({ target }) => pick(chosen, target.value)}>
            {candidates.map(({ certificateId, fields }, index) => (
              <option key={certificateId} value={certificateId}>
                {t('request.option', { number: index + 1, value: words(described, fields).fields[0]?.value ?? '' })}
              </option>
            ))}
          </select>
        </label>
      )}
      {candidate === undefined && <p className="wallet-note">{t('request.missing')}</p>}
      <ul className="wanted-fields">
        {shown.fields.map(({ field, label, value }) => (
          <FieldRow
            key={field}
            label={label}
            value={value}
            field={candidate?.fields.find(({ name }) => name === field)}
            isChosen={chosen.includes(field)}
            toggle={() => pick(chosen.includes(field) ? chosen.filter((name) => name !== field) : [...chosen, field])}
          />
        ))}
      </ul>
    </section>
  )
}

interface RowProps {
  readonly label: string
  readonly value: string
  readonly field: AskedField | undefined
  readonly isChosen: boolean
  readonly toggle: () => void
}

function FieldRow({ label, value, field, isChosen, toggle }: RowProps): ReactElement {
  const { t } = useTranslation('wallet')
  return (
    <li>
      <label className="wanted-field">
        <input type="checkbox" checked={isChosen} disabled={field?.needed === true} onChange={toggle} />
        <span className="wanted-words">
          <span className="wanted-label">
            {label}
            {field?.needed !== true && <small> {t('request.optional')}</small>}
          </span>
          <span className="wanted-value">{value}</span>
        </span>
      </label>
    </li>
  )
}

function Done({ outcome, asker }: { readonly outcome: 'agreed' | 'refused'; readonly asker: string }): ReactElement {
  const { t } = useTranslation('wallet')
  const navigate = useNavigate()
  const cityPath = useCityPath()
  return (
    <Page title={t(`request.done.${outcome}.title`)}>
      <div className="wallet-sheet wallet-done" role="status" data-testid="answered" data-outcome={outcome}>
        {outcome === 'agreed' && <Stamp kind="valid" size={96} />}
        <p>{t(`request.done.${outcome}.text`, { asker })}</p>
        <button type="button" className="main-button" onClick={() => void navigate(cityPath('/wallet'))}>
          {t('request.done.back')}
        </button>
      </div>
    </Page>
  )
}
