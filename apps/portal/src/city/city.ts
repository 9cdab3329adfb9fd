/** Which group (ledger) of the node is looked at, and what is live about it. */
import { createContext, useContext } from 'react'
import type { GroupSummary } from '../api/groups.ts'
import type { LiveBlock, LiveState } from '../api/live.ts'

export interface City {
  readonly group: GroupSummary
  readonly groups: readonly GroupSummary[]
  choose(groupId: string): void
}

export const CityContext = createContext<City | undefined>(undefined)

export function useCity(): City {
  const city = useContext(CityContext)
  if (city === undefined) throw new Error('A page was rendered outside of a city.')
  return city
}

export interface Live {
  readonly state: LiveState
  readonly height: number
  readonly size: number
  readonly timeMs: number
  /** The newest blocks seen since the page was opened, newest first, a few dozen at most. */
  readonly blocks: readonly LiveBlock[]
}

export const LiveContext = createContext<Live | undefined>(undefined)

export function useLive(): Live {
  const live = useContext(LiveContext)
  if (live === undefined) throw new Error('Live news were asked for outside of a city.')
  return live
}
