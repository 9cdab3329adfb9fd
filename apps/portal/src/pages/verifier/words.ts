/** What a registration and its types are called in the reader's language. */
import { useTranslation } from 'react-i18next'
import type { Purpose, RegistrationAnswer, Texts } from '../../api/verifier.ts'
import { displayName } from '../../check/claims.ts'

export interface RegistrationWords {
  text(texts: Texts): string
  purpose(purposeId: string): string
  type(typeId: string): string
  field(typeId: string, field: string): string
}

export function useRegistrationWords({ registration, types }: RegistrationAnswer): RegistrationWords {
  const { i18n } = useTranslation()
  const language = i18n.language
  const text = (texts: Texts) => texts[language as keyof Texts] ?? texts.en
  const displayOf = (typeId: string) => types.find((type) => type.typeId === typeId)?.display
  return {
    text,
    purpose(purposeId) {
      const purpose = registration.purposes.find((known) => known.purposeId === purposeId)
      return purpose === undefined ? purposeId : text(purpose.texts)
    },
    type: (typeId) => displayName(displayOf(typeId), language) ?? typeId,
    field: (typeId, field) => labelOf(displayOf(typeId), language, field),
  }
}

function labelOf(display: unknown, language: string, field: string): string {
  const words = (display as { readonly [language: string]: { readonly claims?: unknown } } | undefined)?.[language]
  const label = (words?.claims as { readonly [field: string]: unknown } | undefined)?.[field]
  return typeof label === 'string' ? label : field
}

/** Types of a purpose that the group has defined; others cannot be asked for yet. */
export function askableTypes({ types }: Purpose, { types: known }: RegistrationAnswer): Purpose['types'] {
  return types.filter(({ typeId }) => known.some((type) => type.typeId === typeId))
}
