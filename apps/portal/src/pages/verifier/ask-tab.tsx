/** A question put together without code: a purpose, a type, the fields that are needed, and a code to scan. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type OpenedRequest,
  type Purpose,
  type RegistrationAnswer,
  requestsQuery,
  verifierDesk,
} from '../../api/verifier.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { askThroughBrowser, canAskThroughBrowser } from './ask-through-browser.ts'
import { AskedView } from './asked-view.tsx'
import { Choice, FieldChoice } from './choice.tsx'
import { askableTypes, useRegistrationWords } from './words.ts'

export function AskTab({ answer }: { readonly answer: RegistrationAnswer }): ReactElement {
  const { t } = useTranslation('verifier')
  const [opened, setOpened] = useState<OpenedRequest>()
  const purposes = answer.registration.purposes.filter((purpose) => askableTypes(purpose, answer).length > 0)
  if (opened !== undefined) {
    return <AskedView requestId={opened.requestId} answer={answer} again={() => setOpened(undefined)} />
  }
  const [first] = purposes
  if (first === undefined) return <Empty icon="certificates" title={t('ask.none')} next={t('ask.noneNext')} />
  return <Question answer={answer} purposes={purposes} first={first} onOpened={setOpened} />
}

/** As many as the desk takes: each doubles the answers that a request has to spell out. */
const mostOptional = 5

interface QuestionProps {
  readonly answer: RegistrationAnswer
  readonly purposes: readonly Purpose[]
  readonly first: Purpose
  readonly onOpened: (opened: OpenedRequest) => void
}

function Question({ answer, purposes, first, onOpened }: QuestionProps): ReactElement {
  const { t } = useTranslation('verifier')
  const words = useRegistrationWords(answer)
  const { person } = useSession()
  const queryClient = useQueryClient()
  const act = useAct()
  const [purposeId, setPurposeId] = useState(first.purposeId)
  const purpose = purposes.find((known) => known.purposeId === purposeId) ?? first
  const types = askableTypes(purpose, answer)
  const [chosenTypeId, setTypeId] = useState(types[0]?.typeId ?? '')
  const type = types.find(({ typeId }) => typeId === chosenTypeId) ?? types[0]
  const [fields, setFields] = useState<ReadonlySet<string>>(new Set())
  const [free, setFree] = useState<ReadonlySet<string>>(new Set())
  const wanted = type?.fields.filter((field) => fields.has(field)) ?? []
  const optional = wanted.filter((field) => free.has(field))

  const open = (device: 'other' | 'browser') =>
    act.run(async () => {
      const opened = await verifierDesk.open({
        purposeId,
        typeId: type?.typeId ?? '',
        fields: wanted,
        optional,
        device,
      })
      await queryClient.invalidateQueries({ queryKey: requestsQuery.queryKey })
      if (device === 'browser') await askThroughBrowser(opened, person?.office ?? '')
      onOpened(opened)
    })

  return (
    <div className="ask">
      <Choice
        legend={t('ask.purpose')}
        options={purposes.map((known) => ({
          key: known.purposeId,
          label: words.text(known.texts),
          note:
            known.ground.kind === 'consent'
              ? t('ask.byConsent', { count: known.keepDays })
              : t('ask.byLaw', { law: known.ground.reference, count: known.keepDays }),
        }))}
        chosen={purposeId}
        choose={setPurposeId}
      />
      <Choice
        legend={t('ask.type')}
        options={types.map(({ typeId }) => ({ key: typeId, label: words.type(typeId) }))}
        chosen={type?.typeId ?? ''}
        choose={setTypeId}
      />
      <FieldChoice
        legend={t('ask.fields')}
        note={t('ask.only')}
        fields={(type?.fields ?? []).map((field) => ({ field, label: words.field(type?.typeId ?? '', field) }))}
        chosen={fields}
        choose={setFields}
        optional={{ label: t('ask.optional'), chosen: new Set(optional), choose: setFree, most: mostOptional }}
      />
      <Panel title={t('ask.summary')}>
        <p>
          {wanted.length === 0
            ? t('ask.nothing')
            : t('ask.sentence', {
                name: words.text(answer.registration.names),
                fields: wanted
                  .map((field) => {
                    const name = words.field(type?.typeId ?? '', field)
                    return optional.includes(field) ? t('ask.ifYouLike', { field: name }) : name
                  })
                  .join(t('ask.joint')),
                type: words.type(type?.typeId ?? ''),
              })}
        </p>
        <div className="button-row">
          <button
            type="button"
            className="main-button"
            disabled={wanted.length === 0 || act.isBusy}
            onClick={() => open('other')}
            data-testid="ask-open"
          >
            <Icon name="verifier" />
            {t('ask.open')}
          </button>
          {canAskThroughBrowser() && (
            <button
              type="button"
              className="plain-button"
              disabled={wanted.length === 0 || act.isBusy}
              onClick={() => open('browser')}
              data-testid="ask-browser"
            >
              {t('ask.browser')}
            </button>
          )}
        </div>
        <Fault sentence={act.fault} />
      </Panel>
    </div>
  )
}
