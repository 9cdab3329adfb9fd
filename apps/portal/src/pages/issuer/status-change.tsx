/** Suspends, resumes or revokes chosen certificates, with a reason that their holders read. */
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { StatusWord } from '../../api/issuer.ts'
import { Fault } from '../../parts/fault.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { useAct } from '../../session/use-act.ts'

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
  /** More than this at once want a second officer, where the desk has one. */
  readonly aloneUpTo: number
  readonly send: (
    references: readonly string[],
    word: StatusWord,
    reasonCode: string,
  ) => Promise<{ readonly changed?: number; readonly actId?: string }>
  readonly done: () => Promise<void>
}

export function StatusChange({ references, from, aloneUpTo, send, done }: StatusChangeProps): ReactElement {
  const { t } = useTranslation('issuer')
  const act = useAct()
  const [told, setTold] = useState('')
  const choices = from === 'suspended' ? (['valid', 'revoked'] as const) : (['suspended', 'revoked'] as const)
  const [word, setWord] = useState<'revoked' | 'suspended' | 'valid'>(choices[0])
  const [reason, setReason] = useState(reasons[choices[0]][0] ?? '')
  const wordId = useId()
  const reasonId = useId()
  const change = () =>
    act.run(async () => {
      const { actId, changed } = await send(references, word, reason)
      setTold(actId === undefined ? t('change.done', { count: changed ?? 0 }) : t('change.proposed'))
      await done()
    })
  // A colleague's agreement is question enough.
  const needsTwo = references.length > aloneUpTo
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
      {needsTwo && <p className="issuer-example">{t('acts.ownKey')}</p>}
      <p role="status" data-testid="change-told">
        {told}
      </p>
      <Fault sentence={act.fault} />
    </div>
  )
}
