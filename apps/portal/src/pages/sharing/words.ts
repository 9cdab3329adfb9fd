/** Names, purposes and fields in the reader's language, as the registrations and types have them. */
import { useTranslation } from 'react-i18next'
import type { Named } from '../../api/sharing.ts'
import type { Texts } from '../../api/verifier.ts'
import { displayName } from '../../check/claims.ts'

export interface SharingWords {
  text(texts: Texts | undefined, otherwise: string): string
  type(display: unknown, typeId: string): string
  field(display: unknown, field: string): string
  fields(named: Pick<Named, 'display'> & { readonly fields: readonly string[] }): string
}

export function useSharingWords(): SharingWords {
  const { t, i18n } = useTranslation('sharing')
  const language = i18n.language
  const field = (display: unknown, name: string) => {
    const words = (display as { readonly [language: string]: { readonly claims?: unknown } } | undefined)?.[language]
    const label = (words?.claims as { readonly [field: string]: unknown } | undefined)?.[name]
    return typeof label === 'string' ? label : name
  }
  return {
    text: (texts, otherwise) => texts?.[language as keyof Texts] ?? texts?.en ?? otherwise,
    type: (display, typeId) => displayName(display, language) ?? typeId,
    field,
    fields: ({ display, fields }) => fields.map((name) => field(display, name)).join(t('joint')),
  }
}
