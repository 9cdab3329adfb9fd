/** What comes out of the printer: chosen fields, for whom and until when, and the code that anybody can check it by. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { HeldCertificate, PrintedForm } from '../../api/agent.ts'
import { useWordOfCode } from '../../check/code-words.ts'
import { useCity } from '../../city/city.ts'
import { formatDate } from '../../format/times.ts'
import { type Language, tagOf } from '../../i18n/languages.ts'
import { Seal } from '../../parts/seal.tsx'
import { Drawing } from '../../qr/qr-code.tsx'
import type { PaperLanguages } from './paper-languages.ts'
import { wordsIn } from './words.ts'
import './paper.css'

export interface PaperSheetProps {
  readonly form: PrintedForm
  readonly held: HeldCertificate | undefined
  /** Read out of the certificate on the paper: what is printed is what verifies. */
  readonly fields: readonly { readonly name: string; readonly value: unknown }[]
  readonly languages: PaperLanguages
  readonly codes: readonly string[]
}

interface Line {
  readonly key: string
  /** One for each language. */
  readonly names: readonly string[]
  readonly values: readonly string[]
}

export function PaperSheet({ form, held, fields, languages, codes }: PaperSheetProps): ReactElement {
  const [first, last] = [languages[0], languages.at(-1) as Language]
  const { t: inFirst } = useTranslation('wallet', { lng: first })
  const { t: inLast } = useTranslation('wallet', { lng: last })
  const say = languages.length === 1 ? [inFirst] : [inFirst, inLast]
  const [codesInFirst, codesInLast] = [useWordOfCode(first), useWordOfCode(last)]
  const { group } = useCity()
  const shown = languages.map((language) =>
    wordsIn(
      language,
      { vct: form.vct, display: held?.display },
      fields,
      language === first ? codesInFirst : codesInLast,
    ),
  )
  const issuer = held?.issuer.name ?? held?.issuer.host ?? ''
  const days = (timeMs: number) => languages.map((language) => formatDate(timeMs, tagOf(language)))
  const { recipient } = form
  const lines: readonly Line[] = [
    ...(shown[0]?.fields ?? []).map(({ field, value }) => {
      const inEach = shown.map((words) => words.fields.find((other) => other.field === field))
      return {
        key: field,
        names: inEach.map((words) => words?.label ?? field),
        values: inEach.map((words) => words?.value ?? value),
      }
    }),
    {
      key: '/recipient',
      names: say.map((t) => t('paper.recipient')),
      values: recipient === undefined ? say.map((t) => t('paper.anybody')) : [recipient],
    },
    { key: '/printed', names: say.map((t) => t('paper.printed')), values: days(form.printedAtMs) },
    { key: '/until', names: say.map((t) => t('paper.until')), values: days(form.untilMs) },
  ]
  const address = location.host
  return (
    <article
      className={group.sample ? 'paper-sheet paper-sample' : 'paper-sheet'}
      data-testid="paper"
      data-languages={languages.join(' ')}
      data-mark={group.sample ? inFirst('paper.sampleMark') : undefined}
    >
      {group.sample && (
        <p className="paper-sample-note" data-testid="paper-sample">
          <Both languages={languages} texts={say.map((t) => t('paper.sample'))} />
        </p>
      )}
      <header className="paper-head">
        <Seal size={56} />
        <div>
          <h2>
            <Both languages={languages} texts={shown.map(({ name }) => name)} />
          </h2>
          <Both languages={languages} texts={say.map((t) => t('paper.issuer', { issuer }))} />
        </div>
      </header>
      <dl className="paper-facts">
        {lines.map(({ key, names, values }) => (
          <div key={key}>
            <dt>
              <Both languages={languages} texts={names} />
            </dt>
            <dd>
              <Both languages={languages} texts={values} />
            </dd>
          </div>
        ))}
      </dl>
      <div className={codes.length === 1 ? 'paper-check paper-check-one' : 'paper-check'}>
        <div
          className="paper-codes"
          role="img"
          aria-label={inFirst(codes.length === 1 ? 'paper.code' : 'paper.codes')}
          data-testid="paper-codes"
          data-frames={codes.length}
        >
          {codes.map((code) => (
            <Drawing key={code} text={code} onPaper />
          ))}
        </div>
        <div className="paper-notes">
          <Both
            languages={languages}
            texts={say.map((t) => t(codes.length === 1 ? 'paper.howOne' : 'paper.how', { address }))}
          />
          <Both languages={languages} texts={say.map((t) => t('paper.copy'))} />
        </div>
      </div>
    </article>
  )
}

/** The same in each language, one below the other; what is equal in all is said once. */
function Both({ languages, texts }: { readonly languages: PaperLanguages; readonly texts: readonly string[] }) {
  const different = new Set(texts).size > 1 ? texts : texts.slice(0, 1)
  return different.map((text, index) => (
    <span key={languages[index]} lang={texts.length > 1 ? languages[index] : undefined} className="paper-text">
      {text}
    </span>
  ))
}
