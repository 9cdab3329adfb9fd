/** What an office, its types and their fields are called in the reader's language. */
import { useTranslation } from 'react-i18next'
import type { Office, Texts } from '../../api/issuer.ts'

export function useTexts(): (texts: Texts) => string {
  const { i18n } = useTranslation()
  return (texts) => texts[i18n.language as keyof Texts] ?? texts.en
}

export interface TypeWords {
  type(typeId: string): string
  field(typeId: string, field: string): string
}

export function useTypeWords({ types }: Office): TypeWords {
  const text = useTexts()
  const typeOf = (typeId: string) => types.find((type) => type.typeId === typeId)
  return {
    type(typeId) {
      const type = typeOf(typeId)
      return type === undefined ? typeId : text(type.names)
    },
    field(typeId, name) {
      const field = typeOf(typeId)?.fields.find((each) => each.name === name)
      return field === undefined ? name : text(field.labels)
    },
  }
}
