/** How bodies, roles and DIDs are called. Ids on a ledger are no free text; known ones have names in every language. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { membersQuery, rolesQuery } from '../api/governance.ts'
import { useCity } from './city.ts'
import { plainId } from './plain-id.ts'

/** Words that the ledger itself uses (roles, duties, kinds of change), in the reader's language. */
export function useKnownName(): (word: string) => string | undefined {
  const { t, i18n } = useTranslation('names')
  return (word) => (i18n.exists(`names:known.${word}`) ? t(`known.${word}` as never) : undefined)
}

/** Names of things by their id: known ones are translated, others spell their id. */
export function useIdName(): (id: string) => string {
  const known = useKnownName()
  return (id) => known(id) ?? plainId(id)
}

/** Names of members: translated where known, else as their certificate says. */
export function useMemberName(): (memberId: string) => string {
  const { group } = useCity()
  const { t, i18n } = useTranslation('names')
  const members = useQuery(membersQuery(group.id)).data
  return (memberId) => {
    if (group.sample && i18n.exists(`names:known.${memberId}`)) return t(`known.${memberId}` as never)
    return members?.find((member) => member.memberId === memberId)?.organisation ?? plainId(memberId)
  }
}

const castQuery = queryOptions({
  queryKey: ['sample-cast'],
  queryFn: async () => (await import('./sample-cast.ts')).sampleCast(),
  staleTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
})

/** Names of DIDs that hold a role or administer a member; residents have none, on purpose, but in the sample city. */
export function useDidName(): (did: string) => string | undefined {
  const { group } = useCity()
  const idName = useIdName()
  const memberName = useMemberName()
  const { t, i18n } = useTranslation('names')
  const members = useQuery(membersQuery(group.id)).data
  const roles = useQuery(rolesQuery(group.id)).data
  const cast = useQuery({ ...castQuery, enabled: group.sample }).data
  return (did) => {
    const role = roles?.find((held) => held.did === did && held.status !== 'revoked')
    if (role !== undefined) return t('roleOf', { role: idName(role.role), member: memberName(role.member) })
    const member = members?.find((candidate) => candidate.adminDids.includes(did))
    if (member !== undefined) return t('adminOf', { member: memberName(member.memberId) })
    const name = `names:cast.${cast?.get(did) ?? ''}`
    return i18n.exists(name) ? t(name as never) : undefined
  }
}
