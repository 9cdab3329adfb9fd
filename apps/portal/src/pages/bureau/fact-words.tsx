/** What an identity document says, as names and values. */
import { useTranslation } from 'react-i18next'
import type { IdentityFacts } from '../../api/bureau.ts'
import type { Fact } from '../../parts/fact-list.tsx'

export const factNames = [
  'family_name',
  'given_name',
  'birth_date',
  'document_type',
  'document_number',
  'document_expires',
] as const

export function useFactList(): (facts: IdentityFacts) => readonly Fact[] {
  const { t } = useTranslation('bureau')
  return (facts) =>
    factNames.map((name) => ({
      name: t(`fact.${name}`),
      value: name === 'document_type' ? t(`document.${facts.document_type}`) : facts[name],
    }))
}

export function nameOf({ family_name, given_name }: IdentityFacts): string {
  return `${family_name} ${given_name}`
}
