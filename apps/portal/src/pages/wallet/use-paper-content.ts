/** What stands on a printed form, in the languages that are chosen: the sheet on the screen and the PDF say the same. */
import { useTranslation } from 'react-i18next'
import type { HeldCertificate, PrintedForm } from '../../api/agent.ts'
import { useWordOfCode } from '../../check/code-words.ts'
import { useCity } from '../../city/city.ts'
import { formatDate } from '../../format/times.ts'
import { type Language, tagOf } from '../../i18n/languages.ts'
import type { PaperLanguages } from './paper-languages.ts'
import { wordsIn } from './words.ts'

export interface PaperFacts {
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

export interface PaperWords {
  readonly title: readonly string[]
  readonly issuer: readonly string[]
  readonly lines: readonly Line[]
  readonly howToCheck: readonly string[]
  readonly copy: readonly string[]
  /** That it is no document, in a city whose keys are public; empty elsewhere. */
  readonly sample: readonly string[]
  /** Only in a PDF. */
  readonly attached: readonly string[]
}

export function usePaperContent({ form, held, fields, languages, codes }: PaperFacts): PaperWords {
  const [first, last] = [languages[0], languages.at(-1) as Language]
  const { t: inFirst } = useTranslation('wallet', { lng: first })
  const { t: inLast } = useTranslation('wallet', { lng: last })
  const say = languages.length === 1 ? [inFirst] : [inFirst, inLast]
  const [codesInFirst, codesInLast] = [useWordOfCode(first), useWordOfCode(last)]
  const { group } = useCity()
  const described = { vct: form.vct, display: held?.display }
  const shown = languages.map((language) =>
    wordsIn(language, described, fields, language === first ? codesInFirst : codesInLast),
  )
  const issuer = held?.issuer.name ?? held?.issuer.host ?? ''
  const days = (timeMs: number) => languages.map((language) => formatDate(timeMs, tagOf(language)))
  const { recipient } = form
  const address = location.host
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
  return {
    title: shown.map(({ name }) => name),
    issuer: say.map((t) => t('paper.issuer', { issuer })),
    lines,
    howToCheck: say.map((t) => t(codes.length === 1 ? 'paper.howOne' : 'paper.how', { address })),
    copy: say.map((t) => t('paper.copy')),
    sample: group.sample ? say.map((t) => t('paper.sample')) : [],
    attached: say.map((t) => t('paper.pdfAttached', { address })),
  }
}
