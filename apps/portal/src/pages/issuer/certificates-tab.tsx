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
import { Fault } from '../../parts/fault.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { CorrectionForm } from './correction-form.tsx'
import { useTexts } from './words.ts'

const words = ['valid', 'suspended', 'revoked', 'superseded'] as const
const tones: { readonly [word in StatusWord]: TagTone } = {
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
                      <Tag tone={tones[status]}>{t(`status.${status}`)}</Tag>
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
              <StatusChange references={[...chosen]} from={word} office={office} done={() => setChosen(new Set())} />
            )}
          </>
        )
      }
    </Loaded>
  )
}

/** Which reasons lead where, as the desk has it. */
const reasons: { readonly [word in 'revoked' | 'suspended' | 'valid']: readonly string[] } = {
  revoked: [
    'issued_in_error',
    'facts_changed',
    'holder_asked',
    'key_lost',
    'right_withdrawn',
    'decided_by_court',
    'holder_died',
  ],
  suspended: ['under_review', 'holder_asked', 'key_lost', 'right_withdrawn', 'decided_by_court'],
  valid: ['review_ended'],
}

interface StatusChangeProps {
  readonly references: readonly string[]
  readonly from: StatusWord
  readonly office: Office
  readonly done: () => void
}

function StatusChange({ references, from, office, done }: StatusChangeProps): ReactElement {
  const { t } = useTranslation('issuer')
  const queryClient = useQueryClient()
  const act = useAct()
  const [told, setTold] = useState('')
  const choices = from === 'suspended' ? (['valid', 'revoked'] as const) : (['suspended', 'revoked'] as const)
  const [word, setWord] = useState<'revoked' | 'suspended' | 'valid'>(choices[0])
  const [reason, setReason] = useState(reasons[choices[0]][0] ?? '')
  const wordId = useId()
  const reasonId = useId()
  const change = () =>
    act.run(async () => {
      const { actId, changed } = await issuerDesk.setStatus(references, word, reason)
      setTold(actId === undefined ? t('change.done', { count: changed ?? 0 }) : t('change.proposed'))
      done()
      await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey.slice(0, 2) })
    })
  // A colleague's agreement is question enough.
  const needsTwo = references.length > office.aloneUpTo
  const isIdle = references.length === 0 || act.isBusy
  const wordsOf = (count: number) => {
    if (count === 0) return t('change.none')
    return needsTwo ? t('change.propose') : t('change.do', { count })
  }
  return (
    <div className="issuer-change">
      <div className="issuer-line">
        <label htmlFor={wordId}>{t('change.to')}</label>
        <select
          id={wordId}
          value={word}
          data-testid="change-word"
          onChange={(event) => {
            const next = choices.find((each) => each === event.target.value) ?? choices[0]
            setWord(next)
            setReason(reasons[next][0] ?? '')
          }}
        >
          {choices.map((each) => (
            <option key={each} value={each}>
              {t(`change.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <div className="issuer-line">
        <label htmlFor={reasonId}>{t('change.reason')}</label>
        <select id={reasonId} value={reason} onChange={(event) => setReason(event.target.value)}>
          {reasons[word].map((code) => (
            <option key={code} value={code}>
              {t(`reasons.${code}` as never)}
            </option>
          ))}
        </select>
      </div>
      <div className="button-row">
        {word === 'revoked' && !needsTwo ? (
          <SureButton
            className="main-button issuer-danger"
            disabled={isIdle}
            testId="change-do"
            question={t('change.sure', { count: references.length, reason: t(`reasons.${reason}` as never) })}
            yes={t('change.revoked')}
            no={t('change.leave')}
            onSure={change}
          >
            {wordsOf(references.length)}
          </SureButton>
        ) : (
          <button
            type="button"
            className={word === 'revoked' ? 'main-button issuer-danger' : 'main-button'}
            disabled={isIdle}
            onClick={change}
            data-testid="change-do"
          >
            {wordsOf(references.length)}
          </button>
        )}
      </div>
      <p role="status" data-testid="change-told">
        {told}
      </p>
      <Fault sentence={act.fault} />
    </div>
  )
}
