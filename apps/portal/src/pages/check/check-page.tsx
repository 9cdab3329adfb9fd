/** Is this certificate genuine? One answer first, then what it rests on. Nothing leaves this browser. */
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { Page } from '../../parts/page.tsx'
import { CheckDesk, type NamedText } from './check-desk.tsx'

export function CheckPage(): ReactElement {
  const { t } = useTranslation('check')
  const { state } = useLocation() as { readonly state: unknown }
  const handed = useMemo(() => handedOver(state), [state])
  return (
    <Page title={t('title')} lead={t('lead')}>
      <CheckDesk withSamples handed={handed} />
    </Page>
  )
}

/** What the page before left in the history; whatever else stands there is nothing to check. */
function handedOver(state: unknown): NamedText | undefined {
  const { handed } = (state ?? {}) as { readonly handed?: { readonly name?: unknown; readonly text?: unknown } }
  const { name, text } = handed ?? {}
  return typeof name === 'string' && typeof text === 'string' ? { name, text } : undefined
}
