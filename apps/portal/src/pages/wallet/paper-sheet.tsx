/** What comes out of the printer: chosen fields, for whom and until when, and the code that anybody can check it by. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Seal } from '../../parts/seal.tsx'
import { Drawing } from '../../qr/qr-code.tsx'
import type { PaperLanguages } from './paper-languages.ts'
import { type PaperFacts, usePaperContent } from './use-paper-content.ts'
import './paper.css'

export function PaperSheet(facts: PaperFacts): ReactElement {
  const { languages, codes } = facts
  const { t: inFirst } = useTranslation('wallet', { lng: languages[0] })
  const { title, issuer, lines, howToCheck, copy, sample } = usePaperContent(facts)
  const isSample = sample.length > 0
  return (
    <article
      className={isSample ? 'paper-sheet paper-sample' : 'paper-sheet'}
      data-testid="paper"
      data-languages={languages.join(' ')}
      data-mark={isSample ? inFirst('paper.sampleMark') : undefined}
    >
      {isSample && (
        <p className="paper-sample-note" data-testid="paper-sample">
          <Both languages={languages} texts={sample} />
        </p>
      )}
      <header className="paper-head">
        <Seal size={56} />
        <div>
          <h2>
            <Both languages={languages} texts={title} />
          </h2>
          <Both languages={languages} texts={issuer} />
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
          <Both languages={languages} texts={howToCheck} />
          <Both languages={languages} texts={copy} />
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
