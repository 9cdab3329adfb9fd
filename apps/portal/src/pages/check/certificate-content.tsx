import type { CertificateContent, Check } from '@chengxin/audit'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { shownType } from '../../check/claims.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'

/** What the certificate says of itself. Where the verdict is not "valid", that is said here again: a glance may fall here first. */
export function CertificateContentView({
  content,
  relied,
  right,
}: {
  readonly content: CertificateContent
  readonly relied: boolean
  /** The check of the issuer's right, which knows whether the issuer still exists. */
  readonly right?: Check | undefined
}): ReactElement {
  const { t, i18n } = useTranslation('check')
  const format = useFormat()
  const { name, claims } = shownType(content, i18n.language)
  const { issuer, withheld } = content
  const keeper = keeperIn(right)
  return (
    <section className={relied ? 'paper' : 'paper paper-unrelied'} aria-label={t('content.label')}>
      {!relied && <p className="paper-warning">{t('content.unrelied')}</p>}
      <h3 className="paper-title">{name}</h3>
      <p className="paper-issuer">
        {t('content.issuer', { issuer: issuer.name ?? issuer.stated })}
        {issuer.domain !== undefined && <span className="paper-domain">{issuer.domain}</span>}
      </p>
      {keeper !== undefined && (
        <p className="paper-issuer" data-testid="keeper">
          {t('content.kept', { successor: keeper.name, since: format.moment(keeper.sinceMs) })}
          {keeper.domain !== undefined && <span className="paper-domain">{keeper.domain}</span>}
        </p>
      )}
      <FactList
        facts={claims.map(({ field, label, value }) => ({
          name: label,
          value: (
            <span data-testid={`claim-${field}`}>{value === '' || value === 'null' ? t('content.blank') : value}</span>
          ),
        }))}
      />
      {withheld > 0 && <p className="paper-withheld">{t('content.withheld', { count: format.integer(withheld) })}</p>}
    </section>
  )
}

interface Keeper {
  readonly name: string
  readonly domain?: string
  readonly sinceMs: number
}

/** Who keeps the type of an issuer that was dissolved; undefined while the issuer does. */
function keeperIn(right: Check | undefined): Keeper | undefined {
  if (right?.code !== 'issuer_succeeded') return undefined
  const { successor, successorName, successorDomain, keptSinceMs } = right.facts
  return {
    name: String(successorName ?? successor),
    ...(successorDomain !== undefined && { domain: String(successorDomain) }),
    sinceMs: Number(keptSinceMs),
  }
}
