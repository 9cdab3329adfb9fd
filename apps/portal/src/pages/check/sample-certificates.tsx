/** A good, a revoked and a forged certificate to try with, one click each; only a sample city has them. */
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { sampleQuery } from '../../api/sample.ts'
import { useCity } from '../../city/city.ts'
import { keptText } from '../../offline/kept-text.ts'
import { Icon, type IconName } from '../../parts/icon.tsx'
import type { CheckInputProps } from './check-input.tsx'

const names = ['good', 'revoked', 'forged'] as const
const icons: Readonly<Record<(typeof names)[number], IconName>> = { good: 'tick', revoked: 'cross', forged: 'unknown' }

export function SampleCertificates({ busy, check }: CheckInputProps): ReactElement | null {
  const { t } = useTranslation('check')
  const { group } = useCity()
  const { data } = useQuery({ ...sampleQuery, enabled: group.sample })
  const files = names.flatMap((name) => {
    const url = data?.files.find((file) => file.name === name)?.url
    return url === undefined ? [] : [{ name, url }]
  })
  const addresses = files.map(({ url }) => url).join('\n')
  useEffect(() => {
    // Kept at once, so that they can be tried again without a network.
    for (const url of addresses.split('\n')) if (url !== '') keptText(url).catch(() => undefined)
  }, [addresses])
  if (files.length === 0) return null
  return (
    <section className="samples" aria-labelledby="samples-title">
      <h2 id="samples-title" className="samples-title">
        {t('samples.title')}
      </h2>
      <div className="samples-list">
        {files.map(({ name, url }) => (
          <button
            key={name}
            type="button"
            className="sample"
            disabled={busy}
            onClick={() =>
              void check([
                { name: t(`samples.${name}`), read: async () => ({ text: (await keptText(url)).text.trim() }) },
              ])
            }
            data-testid={`sample-${name}`}
          >
            <span className={`sample-icon sample-icon-${name}`}>
              <Icon name={icons[name]} />
            </span>
            <span>
              <strong>{t(`samples.${name}`)}</strong>
              <span className="sample-note">{t(`samples.${name}Note`)}</span>
            </span>
          </button>
        ))}
      </div>
    </section>
  )
}
