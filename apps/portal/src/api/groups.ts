/** Groups: the ledgers this node carries, and how each is doing. */
import type { GroupSummary } from '@chengxin/client'
import { queryOptions } from '@tanstack/react-query'
import { recall, remember } from '../device-memory.ts'
import { ApiProblem, getJson } from './http.ts'
import { paths } from './paths.ts'

export type { GroupSummary }

export interface GroupDetail extends GroupSummary {
  readonly head: {
    readonly height: number
    readonly timeMs: number
    readonly size: number
    readonly root: string
    readonly stateHash: string
    readonly agreedHash: string
  }
  readonly health: {
    readonly status: 'ok' | 'read_only' | 'stopped'
    readonly code?: string
    readonly sentence?: string
  }
  readonly projection: {
    readonly height: number
    readonly lagBlocks: number
    readonly lagMs: number
    readonly state: 'current' | 'catching_up' | 'rebuilding' | 'failed'
    readonly engine: 'pglite' | 'postgresql'
  }
  readonly ruleset: { readonly version: string; readonly hash: string }
  /** Where members order together. */
  readonly consensus?: {
    readonly engine: string
    readonly proposer?: string
    /** Blocks that others have beyond those of this node. */
    readonly behind: number
    /** Whom the engine has caught signing two things at once. */
    readonly misbehaved: readonly Misbehaved[]
  }
  /** What a node that joined by a snapshot has not fetched of the log yet. */
  readonly lacking?: { readonly fromLeaf: number; readonly toLeaf: number }
  readonly stats: { readonly queued: number; readonly queueLimit: number; readonly verifier: string }
}

export interface Misbehaved {
  readonly member: string
  readonly type: 'duplicate_vote' | 'light_client_attack' | 'unknown'
  readonly height: number
  readonly timeMs: number
}

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: async ({ signal }): Promise<readonly GroupSummary[]> => {
    try {
      const { groups } = await getJson<{ groups: readonly GroupSummary[] }>(paths.groups(), signal)
      remember('groups', JSON.stringify(groups))
      return groups
    } catch (problem) {
      // Without a network the check still works, and it must know whose certificates it checks.
      const known = recall('groups')
      if (!(problem instanceof ApiProblem) || problem.status !== 0 || known === undefined) throw problem
      return JSON.parse(known) as readonly GroupSummary[]
    }
  },
})

export const groupQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['group', groupId],
    queryFn: ({ signal }) => getJson<GroupDetail>(paths.group(groupId), signal),
    refetchInterval: 15_000,
  })
