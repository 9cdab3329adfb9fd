/** Asks another department for a licence of a person who stands at the counter. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Catalogue, sharingDesk } from '../../api/sharing.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useTab } from '../../parts/use-tab.ts'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { Choice, FieldChoice } from '../verifier/choice.tsx'
import { useSharingWords } from './words.ts'

/** The card of the sample city's resident who drives: whoever tries a role should not have to guess it. */
const sampleNumber = '1234567(8)'

export function AskForLicence({ catalogue }: { readonly catalogue: Catalogue }): ReactElement {
  const { t } = useTranslation('sharing')
  const words = useSharingWords()
  const queryClient = useQueryClient()
  const act = useAct()
  const { sampleCity } = useSession()
  const [, show] = useTab(['ask', 'shares', 'looks'])
  const { purposes, sources } = catalogue
  const [purposeId, setPurposeId] = useState(purposes[0]?.purposeId ?? '')
  const purpose = purposes.find((known) => known.purposeId === purposeId) ?? purposes[0]
  const [typeId, setTypeId] = useState('')
  const type = purpose?.types.find((known) => known.typeId === typeId) ?? purpose?.types[0]
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [number, setNumber] = useState('')
  if (purpose === undefined || type === undefined) {
    return <Empty icon="sharing" title={t('ask.none')} next={t('ask.noneNext')} />
  }
  const display = sources.find((source) => source.typeId === type.typeId)?.display
  const fields = type.fields.filter((field) => chosen.has(field))
  const isReady = fields.length > 0 && number.trim() !== ''
  const ask = () =>
    act.run(async () => {
      await sharingDesk.ask({
        purposeId: purpose.purposeId,
        typeId: type.typeId,
        fields,
        document: { type: 'bir', number },
      })
      await queryClient.invalidateQueries({ queryKey: ['desk', 'sharing'] })
      show('shares')
    })
  return (
    <div className="ask">
      <Choice
        legend={t('purpose')}
        options={purposes.map(({ purposeId: key, texts, ground }) => ({
          key,
          label: words.text(texts, key),
          note: ground.kind === 'consent' ? t('ask.byConsent') : t('ask.byLaw', { law: ground.reference }),
        }))}
        chosen={purpose.purposeId}
        choose={setPurposeId}
      />
      <Choice
        legend={t('ask.type')}
        options={purpose.types.map(({ typeId: key }) => {
          const source = sources.find((known) => known.typeId === key)
          return { key, label: words.type(source?.display, key), note: words.text(source?.names, source?.office ?? '') }
        })}
        chosen={type.typeId}
        choose={setTypeId}
      />
      <FieldChoice
        legend={t('fields')}
        note={t('ask.only')}
        fields={type.fields.map((field) => ({ field, label: words.field(display, field) }))}
        chosen={chosen}
        choose={setChosen}
      />
      <Panel title={t('ask.person')} note={t('ask.personNote')}>
        <label className="share-number">
          <span>{t('ask.number')}</span>
          <input
            value={number}
            onChange={({ target }) => setNumber(target.value)}
            autoComplete="off"
            maxLength={40}
            data-testid="share-number"
          />
        </label>
        {sampleCity && (
          <button type="button" className="plain-button share-sample" onClick={() => setNumber(sampleNumber)}>
            {t('ask.sample')}
          </button>
        )}
        <div className="button-row">
          <button
            type="button"
            className="main-button"
            disabled={!isReady || act.isBusy}
            onClick={() => ask()}
            data-testid="share-ask"
          >
            <Icon name="sharing" />
            {t('ask.send')}
          </button>
        </div>
        <Fault sentence={act.fault} />
      </Panel>
    </div>
  )
}
