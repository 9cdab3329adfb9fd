/** Certificates of a dissolved office that this one answers for: who they are of, how they stand, and changing that. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Office, StatusWord } from '../../api/issuer.ts'
import {
  type InheritedType,
  inheritedQuery,
  type SuccessionOverview,
  successionDesk,
  successionQuery,
} from '../../api/succession.ts'
import { useFormat } from '../../format/use-format.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Day } from '../../parts/when.tsx'
import { isFinal, nameOf, Standing, StatusFilter, TickedName } from './certificate-parts.tsx'
import { StatusChange } from './status-change.tsx'
import { useTexts } from './words.ts'

/** As the desk has it. */
const mostAtOnce = 10

interface InheritedPanelProps {
  readonly inherited: InheritedType
  readonly offices: SuccessionOverview['offices']
  readonly own: Office
}

export function InheritedPanel({ inherited, offices, own }: InheritedPanelProps): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const format = useFormat()
  const [word, setWord] = useState<StatusWord>('valid')
  const { from, names, decidedAtMs, entitlements = 0 } = inherited
  const office = offices.find((each) => each.office === from)
  const called = office === undefined ? from : text(office.names)
  return (
    <Panel
      title={t('succession.inherited.title', { type: text(names), office: called })}
      note={t('succession.inherited.note', { since: format.moment(decidedAtMs), count: entitlements })}
    >
      <StatusFilter word={word} choose={setWord} />
      <Listed key={word} inherited={inherited} word={word} own={own} />
    </Panel>
  )
}

interface ListedProps {
  readonly inherited: InheritedType
  readonly word: StatusWord
  readonly own: Office
}

function Listed({ inherited, word, own }: ListedProps): ReactElement {
  const { t } = useTranslation('issuer')
  const queryClient = useQueryClient()
  const { from: office, typeId } = inherited
  const query = useQuery(inheritedQuery(office, typeId, word))
  const [chosen, setChosen] = useState<readonly string[]>([])
  const fields = own.types.find((type) => type.typeId === typeId)?.fields ?? []
  const toggle = (reference: string) =>
    setChosen(
      chosen.includes(reference)
        ? chosen.filter((each) => each !== reference)
        : [...chosen, reference].slice(-mostAtOnce),
    )
  return (
    <Loaded query={query}>
      {(certificates) =>
        certificates.length === 0 ? (
          <Empty icon="certificates" title={t('certificates.none')} next={t('certificates.noneNext')} />
        ) : (
          <>
            <RecordList
              caption={t('tabs.certificates')}
              rows={certificates}
              rowKey={({ reference }) => reference}
              columns={[
                {
                  key: 'name',
                  header: t('certificates.holder'),
                  lead: true,
                  cell: (certificate) =>
                    isFinal(word) ? (
                      nameOf(certificate, fields)
                    ) : (
                      <TickedName
                        name={nameOf(certificate, fields)}
                        ticked={chosen.includes(certificate.reference)}
                        toggle={() => toggle(certificate.reference)}
                        testId="inherited-choose"
                      />
                    ),
                },
                {
                  key: 'issued',
                  header: t('certificates.issued'),
                  cell: ({ issuedOnMs }) => <Day timeMs={issuedOnMs} />,
                },
                {
                  key: 'status',
                  header: t('certificates.status'),
                  cell: (certificate) => (
                    <span className="issuer-status">
                      <Standing certificate={certificate} />
                    </span>
                  ),
                },
              ]}
            />
            {!isFinal(word) && (
              <StatusChange
                references={chosen}
                from={word}
                aloneUpTo={mostAtOnce}
                send={(references, to, reasonCode) =>
                  successionDesk.setStatus({ office, typeId, references, word: to, reasonCode })
                }
                done={async () => {
                  setChosen([])
                  await queryClient.invalidateQueries({ queryKey: successionQuery.queryKey.slice(0, 2) })
                }}
              />
            )}
          </>
        )
      }
    </Loaded>
  )
}
