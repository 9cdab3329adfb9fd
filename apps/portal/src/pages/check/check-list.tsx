/** Every check by its name: passed, failed or open, one sentence, and the facts for who wants to see them. */
import type { Check, Fact } from '@chengxin/audit'
import { Collapse } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCheckSentence } from '../../activity/sentence.ts'
import { type Format, useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'

const icons = { pass: 'tick', fail: 'cross', unknown: 'unknown' } as const satisfies Record<Check['result'], IconName>

export function CheckList({ checks }: { readonly checks: readonly Check[] }): ReactElement {
  const { t } = useTranslation('check')
  return (
    <section aria-labelledby="checks-title" className="checks">
      <h3 id="checks-title" className="checks-title">
        {t('checks.title')}
      </h3>
      <Collapse
        ghost
        expandIconPlacement="end"
        items={checks.map((check) => ({
          key: check.name,
          label: <CheckLine check={check} />,
          children: <CheckFacts check={check} />,
          // Printed reports carry their facts.
          forceRender: true,
        }))}
      />
    </section>
  )
}

function CheckLine({ check: { name, result, code } }: { readonly check: Check }): ReactElement {
  const { t } = useTranslation('check')
  const checkSentence = useCheckSentence()
  return (
    <div className="check" data-testid={`check-${name}`} data-result={result} data-code={code}>
      <span
        className={`check-sign check-${code === 'holder_not_asked' || code === 'holder_printed' ? 'not-asked' : result}`}
        title={t(`results.${result}`)}
      >
        <Icon name={icons[result]} size={18} />
        <span className="visually-hidden">{t(`results.${result}`)}</span>
      </span>
      <span className="check-words">
        <strong>{t(`names.${name}`)}</strong>
        <span className="check-sentence">{code === undefined ? t(`passed.${name}`) : checkSentence(code)}</span>
      </span>
    </div>
  )
}

function CheckFacts({ check: { code, facts } }: { readonly check: Check }): ReactElement {
  const { t, i18n } = useTranslation('check')
  const format = useFormat()
  const listed = Object.entries(facts).map(([name, fact]) => ({
    name: i18n.exists(`check:facts.${name}`) ? t(`facts.${name}` as never) : name,
    value: <span className="check-fact">{factWord(name, fact, format, t('yes'), t('no'))}</span>,
  }))
  const withCode = code === undefined ? listed : [...listed, { name: t('facts.code'), value: <code>{code}</code> }]
  if (withCode.length === 0) return <p className="check-none">{t('checks.noFacts')}</p>
  return <FactList facts={withCode} />
}

function factWord(name: string, fact: Fact, format: Format, yes: string, no: string): string {
  if (typeof fact === 'boolean') return fact ? yes : no
  if (typeof fact === 'string') return fact
  if (/AgeMs$|^ageMs$/.test(name)) return format.span(fact)
  return name.endsWith('Ms') ? format.exactMoment(fact) : format.integer(fact)
}
