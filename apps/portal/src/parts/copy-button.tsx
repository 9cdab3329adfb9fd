import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import './short-id.css'
import { Icon } from './icon.tsx'

export function CopyButton({ text }: { readonly text: string }): ReactElement {
  const { t } = useTranslation('shell')
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 1_800)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // Plain http on another machine has no clipboard: the whole text can still be selected by hand in the title.
      () => setCopied(false),
    )
  }
  return (
    <button type="button" className="copy-button" onClick={copy} aria-label={t('copy')} title={t('copy')}>
      <Icon name={copied ? 'tick' : 'copy'} size={16} />
      <span className="visually-hidden" aria-live="polite">
        {copied ? t('copied') : ''}
      </span>
    </button>
  )
}
