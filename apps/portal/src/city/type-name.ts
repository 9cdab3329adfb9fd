/** Types of certificates by the name that their published wording gives them in the reader's language. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { listTypes } from '../api/credentials.ts'
import { getJson } from '../api/http.ts'
import { paths } from '../api/paths.ts'
import { displayName } from '../check/claims.ts'
import { useCity } from './city.ts'
import { useIdName } from './member-name.ts'

const displaysQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['type-displays', groupId],
    queryFn: async ({ signal }) => {
      const { rows } = await listTypes(groupId, { limit: 100 }, signal)
      const displays = rows.map(async ({ typeId, displayHash }) => {
        // A wording that nobody has published yet leaves its type with its id for a name.
        const display = await getJson<unknown>(paths.document(groupId, displayHash), signal).catch(() => undefined)
        return [typeId, display] as const
      })
      return new Map(await Promise.all(displays))
    },
    staleTime: 600_000,
    structuralSharing: false,
  })

/** The published wording of a type; undefined while it is fetched, and where there is none. */
export function useTypeDisplay(): (typeId: string) => unknown {
  const { group } = useCity()
  const displays = useQuery(displaysQuery(group.id)).data
  return (typeId) => displays?.get(typeId)
}

/** Whether the wordings are being fetched: a page that would show names of fields waits for them, and does not without a network. */
export function useAreTypesLoading(): boolean {
  const { group } = useCity()
  return useQuery(displaysQuery(group.id)).isLoading
}

export function useTypeName(): (typeId: string) => string {
  const { i18n } = useTranslation()
  const idName = useIdName()
  const displayOf = useTypeDisplay()
  return (typeId) => displayName(displayOf(typeId), i18n.language) ?? idName(typeId)
}
