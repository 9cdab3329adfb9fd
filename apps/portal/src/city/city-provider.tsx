/** Finds the groups of this node and listens to the one that is looked at. */
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { type GroupSummary, groupsQuery } from '../api/groups.ts'
import { CityContext } from './city.ts'
import { LiveProvider } from './live-provider.tsx'

export interface CityStates {
  readonly loading: ReactNode
  readonly failed: (problem: unknown, retry: () => void) => ReactNode
  readonly none: ReactNode
}

export function CityProvider({
  states,
  children,
}: {
  readonly states: CityStates
  readonly children: ReactNode
}): ReactNode {
  const query = useQuery({ ...groupsQuery, refetchInterval: 60_000 })
  if (query.data === undefined) {
    if (query.isError) return states.failed(query.error, () => void query.refetch())
    return states.loading
  }
  const [first] = query.data
  if (first === undefined) return states.none
  return (
    <ChosenCity groups={query.data} first={first}>
      {children}
    </ChosenCity>
  )
}

function ChosenCity({
  groups,
  first,
  children,
}: {
  readonly groups: readonly GroupSummary[]
  readonly first: GroupSummary
  readonly children: ReactNode
}): ReactElement {
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('group')
  const group = groups.find((candidate) => candidate.id === asked) ?? first

  const choose = useCallback(
    (groupId: string) => {
      // Cursors and filters belong to the group that is left.
      setParameters(groupId === first.id ? {} : { group: groupId })
    },
    [first.id, setParameters],
  )
  const city = useMemo(() => ({ group, groups, choose }), [group, groups, choose])
  return (
    <CityContext value={city}>
      <LiveProvider key={group.id} group={group}>
        {children}
      </LiveProvider>
    </CityContext>
  )
}
