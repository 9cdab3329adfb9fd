/** Certificates of a type: what they say, how they stand, and changing that with a reason. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type Certificate,
  certificatesQuery,
  issuerDesk,
  type Office,
  type OfficeType,
  officeQuery,
  type StatusWord,
} from '../../api/issuer.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Day } from '../../parts/when.tsx'
import { useSession } from '../../session/session.ts'
import { isFinal, nameOf, Standing, StatusFilter, TickedName } from './certificate-parts.tsx'
import { CorrectionForm } from './correction-form.tsx'
import { StatusChange } from './status-change.tsx'
import { useTexts } from './words.ts'

export function CertificatesTab({ office }: { readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const [typeId, setTypeId] = useState(office.types[0]?.typeId ?? '')
  const [word, setWord] = useState<StatusWord>('valid')
  const [corrected, setCorrected] = useState<Certificate>()
  const typeFieldId = useId()
  const type = office.types.find((each) => each.typeId === typeId)
  if (corrected !== undefined && type !== undefined) {
    return <CorrectionForm certificate={corrected} type={type} done={() => setCorrected(undefined)} />
  }
  return (
    <div className="issuer-stack">
      <div className="issuer-filters">
        <div className="issuer-line">
          <label htmlFor={typeFieldId}>{t('certificates.type')}</label>
          <select id={typeFieldId} value={typeId} onChange={(event) => setTypeId(event.target.value)}>
            {office.types.map((each) => (
              <option key={each.typeId} value={each.typeId}>
                {text(each.names)}
              </option>
            ))}
          </select>
        </div>
        <StatusFilter word={word} choose={setWord} />
      </div>
      {type !== undefined && (
        <Listed key={`${typeId} ${word}`} type={type} word={word} office={office} correct={setCorrected} />
      )}
    </div>
  )
}

interface ListedProps {
  readonly type: OfficeType
  readonly word: StatusWord
  readonly office: Office
  readonly correct: (certificate: Certificate) => void
}

function Listed({ type, word, office, correct }: ListedProps): ReactElement {
  const { t } = useTranslation(['issuer', 'codes'])
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const query = useQuery(certificatesQuery(type.typeId, word))
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (reference: string) =>
    setChosen(
      chosen.has(reference)
        ? new Set([...chosen].filter((each) => each !== reference))
        : new Set([...chosen, reference]),
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
                      nameOf(certificate, type.fields)
                    ) : (
                      <TickedName
                        name={nameOf(certificate, type.fields)}
                        ticked={chosen.has(certificate.reference)}
                        toggle={() => toggle(certificate.reference)}
                        testId="certificate-choose"
                      />
                    ),
                },
                {
                  key: 'issued',
                  header: t('certificates.issued'),
                  cell: ({ issuedOnMs }) => <Day timeMs={issuedOnMs} />,
                },
                {
                  key: 'root',
                  header: t('certificates.root'),
                  numeric: true,
                  cell: ({ residentsInRoot }) => residentsInRoot,
                },
                {
                  key: 'status',
                  header: t('certificates.status'),
                  cell: (certificate) => (
                    <span className="issuer-status">
                      <Standing certificate={certificate} />
                      {certificate.isCorrected === true && certificate.replacedBy === undefined && (
                        <span>{t('certificates.toFetch')}</span>
                      )}
                    </span>
                  ),
                },
                {
                  key: 'act',
                  header: t('certificates.act'),
                  cell: (certificate) =>
                    isFinal(word) ? (
                      ''
                    ) : (
                      <button type="button" className="link-button" onClick={() => correct(certificate)}>
                        {t('certificates.correct')}
                      </button>
                    ),
                },
              ]}
            />
            {!isFinal(word) && (
              <StatusChange
                references={[...chosen]}
                from={word}
                aloneUpTo={office.aloneUpTo}
                send={async (references, to, reason) =>
                  references.length > office.aloneUpTo
                    ? issuerDesk.proposeStatus(references, to, reason, await signer())
                    : issuerDesk.setStatus(references, to, reason)
                }
                done={async () => {
                  setChosen(new Set())
                  await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey.slice(0, 2) })
                }}
              />
            )}
          </>
        )
      }
    </Loaded>
  )
}
