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
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'
import { CorrectionForm } from './correction-form.tsx'
import { StatusChange } from './status-change.tsx'
import { useTexts } from './words.ts'

const words = ['valid', 'suspended', 'revoked', 'superseded'] as const
export const statusTones: { readonly [word in StatusWord]: TagTone } = {
  valid: 'good',
  suspended: 'warn',
  revoked: 'bad',
  superseded: 'quiet',
}

export function CertificatesTab({ office }: { readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const [typeId, setTypeId] = useState(office.types[0]?.typeId ?? '')
  const [word, setWord] = useState<StatusWord>('valid')
  const [corrected, setCorrected] = useState<Certificate>()
  const typeFieldId = useId()
  const wordFieldId = useId()
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
        <div className="issuer-line">
          <label htmlFor={wordFieldId}>{t('certificates.status')}</label>
          <select
            id={wordFieldId}
            value={word}
            onChange={(event) => setWord(words.find((each) => each === event.target.value) ?? 'valid')}
            data-testid="certificates-status"
          >
            {words.map((each) => (
              <option key={each} value={each}>
                {t(`status.${each}`)}
              </option>
            ))}
          </select>
        </div>
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
  const queryClient = useQueryClient()
  const query = useQuery(certificatesQuery(type.typeId, word))
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (reference: string) =>
    setChosen(
      chosen.has(reference)
        ? new Set([...chosen].filter((each) => each !== reference))
        : new Set([...chosen, reference]),
    )
  const isFinal = word === 'revoked' || word === 'superseded'
  const nameOf = ({ claims = {}, reference }: Certificate) =>
    type.fields
      .flatMap(({ name, meaning }) => (meaning === 'name' && claims[name] ? [claims[name]] : []))
      .join(' · ') || reference
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
                    isFinal ? (
                      nameOf(certificate)
                    ) : (
                      <label className="issuer-tick">
                        <input
                          type="checkbox"
                          checked={chosen.has(certificate.reference)}
                          onChange={() => toggle(certificate.reference)}
                          data-testid="certificate-choose"
                        />
                        {nameOf(certificate)}
                      </label>
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
                  cell: ({ status, reasonCode, isCorrected, replacedBy }) => (
                    <span className="issuer-status">
                      <Tag tone={statusTones[status]}>{t(`status.${status}`)}</Tag>
                      {reasonCode !== undefined && <span>{t(`reasons.${reasonCode}` as never)}</span>}
                      {isCorrected === true && replacedBy === undefined && <span>{t('certificates.toFetch')}</span>}
                    </span>
                  ),
                },
                {
                  key: 'act',
                  header: t('certificates.act'),
                  cell: (certificate) =>
                    isFinal ? (
                      ''
                    ) : (
                      <button type="button" className="link-button" onClick={() => correct(certificate)}>
                        {t('certificates.correct')}
                      </button>
                    ),
                },
              ]}
            />
            {!isFinal && (
              <StatusChange
                references={[...chosen]}
                from={word}
                aloneUpTo={office.aloneUpTo}
                send={issuerDesk.setStatus}
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
