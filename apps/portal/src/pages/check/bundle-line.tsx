/** What is checked against: the city's trust bundle with its age, or one that the reader brings. */
import type { UseQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactElement, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { closeHanGaps } from '../../activity/event-values.ts'
import { useCheckSentence } from '../../activity/sentence.ts'
import { type BundleInUse, bundleOfFile } from '../../check/use-bundle.ts'
import { shortenMiddle } from '../../format/shorten.ts'
import { useFormat } from '../../format/use-format.ts'
import { useNowMs } from '../../parts/now.ts'
import { Light, type TagTone } from '../../parts/tag.tsx'

export interface BundleLineProps {
  readonly bundle: BundleInUse | undefined
  readonly query: UseQueryResult<BundleInUse>
  readonly brought: boolean
  readonly bring: (bundle: BundleInUse | undefined) => void
}

export function BundleLine({ bundle, query, brought, bring }: BundleLineProps): ReactElement {
  const { t } = useTranslation('check')
  const chooser = useRef<HTMLInputElement>(null)
  const [unreadable, setUnreadable] = useState(false)
  const take = (file: File | undefined) => {
    if (file === undefined) return
    bundleOfFile(file).then(
      (found) => {
        setUnreadable(false)
        bring(found)
      },
      () => setUnreadable(true),
    )
  }
  return (
    <section className="bundle" aria-label={t('bundle.label')} data-testid="bundle">
      <h2 className="bundle-title">{t('bundle.title')}</h2>
      <BundleState bundle={bundle} query={query} />
      {unreadable && <p role="alert">{t('bundle.unreadable')}</p>}
      <div className="bundle-actions no-print">
        <Button size="small" type="link" onClick={() => chooser.current?.click()}>
          {t('bundle.other')}
        </Button>
        {brought && (
          <Button size="small" type="link" onClick={() => bring(undefined)}>
            {t('bundle.city')}
          </Button>
        )}
        {!brought && (
          <Button size="small" type="link" onClick={() => void query.refetch()} loading={query.isFetching}>
            {t('bundle.refresh')}
          </Button>
        )}
        <input
          ref={chooser}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={t('bundle.other')}
          data-testid="bundle-file"
          onChange={({ target }) => {
            take(target.files?.[0])
            target.value = ''
          }}
        />
      </div>
    </section>
  )
}

function BundleState({ bundle, query }: Pick<BundleLineProps, 'bundle' | 'query'>): ReactElement {
  const { t } = useTranslation('check')
  const checkSentence = useCheckSentence()
  const format = useFormat()
  const nowMs = useNowMs()
  if (bundle === undefined) return <p>{query.isError ? t('bundle.failed') : t('bundle.loading')}</p>
  const { found, fresh, fileName } = bundle
  if (found === undefined) return <Line tone="warn" words={t('bundle.none')} />
  if (found.opened === undefined) return <Line tone="bad" words={checkSentence(found.refused ?? 'bundle_malformed')} />

  const { sequence, issuedAtMs, expiresAtMs, signedBy, committee } = found.opened
  const expired = expiresAtMs <= nowMs
  const seats = new Set(committee.keys.map(({ kid }) => kid.split('#')[0])).size
  const words = t('bundle.state', {
    sequence: format.integer(sequence),
    ago: format.ago(issuedAtMs, nowMs),
    signed: format.integer(signedBy.length),
    seats: format.integer(seats),
  })
  const notes = [
    expired
      ? t('bundle.expired', { when: format.moment(expiresAtMs) })
      : t('bundle.expires', { when: format.moment(expiresAtMs) }),
    ...(fresh ? [] : [t('bundle.kept')]),
    ...(fileName === undefined ? [] : [t('bundle.file', { name: shortenMiddle(fileName, 24, 10) })]),
    ...(found.opened.isPinned ? [] : [t('bundle.firstUse')]),
  ]
  return (
    <>
      <Line tone={expired ? 'bad' : fresh ? 'good' : 'warn'} words={words} />
      <p className="bundle-note">{closeHanGaps(notes.join(' '))}</p>
    </>
  )
}

function Line({ tone, words }: { readonly tone: TagTone; readonly words: string }): ReactElement {
  return (
    <p className="bundle-line">
      <Light tone={tone} /> <span>{words}</span>
    </p>
  )
}
