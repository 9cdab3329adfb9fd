/** What the office asked for: how it stands, and a look at what was agreed to, which is written down each time. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Catalogue, type OfficeShare, type ShownLicence, sharesQuery, sharingDesk } from '../../api/sharing.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { useSharingWords } from './words.ts'

const tones: { readonly [state in OfficeShare['state']]: TagTone } = {
  waiting: 'warn',
  agreed: 'good',
  lawful: 'good',
  refused: 'bad',
  withdrawn: 'bad',
  ended: 'quiet',
}

export function OfficeShares({ catalogue }: { readonly catalogue: Catalogue }): ReactElement {
  const { t } = useTranslation('sharing')
  const words = useSharingWords()
  const queryClient = useQueryClient()
  const query = useQuery(sharesQuery)
  const act = useAct()
  const [shown, setShown] = useState<ShownLicence>()
  if (shown !== undefined) return <Licence shown={shown} back={() => setShown(undefined)} />
  const displayOf = (typeId: string) => catalogue.sources.find((source) => source.typeId === typeId)?.display
  const purposeOf = (purposeId: string) => catalogue.purposes.find((known) => known.purposeId === purposeId)?.texts
  const look = (shareId: string) =>
    act.run(async () => {
      setShown(await sharingDesk.look(shareId))
      await queryClient.invalidateQueries({ queryKey: ['desk', 'sharing', 'accesses', 'office'] })
    })
  return (
    <Loaded query={query}>
      {(shares) =>
        shares.length === 0 ? (
          <Empty icon="sharing" title={t('shares.none')} next={t('shares.next')} />
        ) : (
          <>
            <Fault sentence={act.fault} />
            <RecordList
              caption={t('tabs.shares')}
              rows={shares}
              rowKey={({ shareId }) => shareId}
              columns={[
                {
                  key: 'purpose',
                  header: t('purpose'),
                  lead: true,
                  cell: ({ purposeId }) => words.text(purposeOf(purposeId), purposeId),
                },
                {
                  key: 'fields',
                  header: t('fields'),
                  cell: ({ typeId, fields }) =>
                    `${words.type(displayOf(typeId), typeId)}: ${words.fields({ display: displayOf(typeId), fields })}`,
                },
                { key: 'number', header: t('ask.number'), cell: ({ document }) => document.number },
                { key: 'asked', header: t('shares.asked'), cell: ({ askedAtMs }) => <When timeMs={askedAtMs} /> },
                {
                  key: 'state',
                  header: t('shares.state'),
                  cell: ({ state }) => <Tag tone={tones[state]}>{t(`state.${state}`)}</Tag>,
                },
                {
                  key: 'look',
                  header: t('shares.look'),
                  cell: ({ shareId, state }) =>
                    state === 'agreed' || state === 'lawful' ? (
                      <button
                        type="button"
                        className="link-button"
                        onClick={() => look(shareId)}
                        disabled={act.isBusy}
                        data-testid="share-look"
                      >
                        {t('shares.lookNow')}
                      </button>
                    ) : (
                      t('shares.notYet')
                    ),
                },
              ]}
            />
          </>
        )
      }
    </Loaded>
  )
}

function Licence({ shown, back }: { readonly shown: ShownLicence; readonly back: () => void }): ReactElement {
  const { t } = useTranslation('sharing')
  const words = useSharingWords()
  const { fieldsShown, metadata, display, typeId, source } = shown
  return (
    <div data-testid="licence">
      <Panel title={words.type(display, typeId)} note={words.text(source.names, source.office)}>
        <FactList
          facts={Object.entries(fieldsShown).map(([field, value]) => ({
            name: words.field(display, field),
            value: String(value),
          }))}
        />
        <p className="share-note">{t('shares.written')}</p>
      </Panel>
      <Panel title={t('gbt.title')} note={t('gbt.note')}>
        <FactList facts={metadata.elements.map(({ gbtName, value }) => ({ name: gbtName, value }))} />
      </Panel>
      <div className="button-row">
        <button type="button" className="plain-button" onClick={back}>
          {t('shares.back')}
        </button>
      </div>
    </div>
  )
}
