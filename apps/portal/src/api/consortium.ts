/** The members as the node that served this page hears them, and what it found contradicting itself. */
import { queryOptions } from '@tanstack/react-query'
import { getJson } from './http.ts'
import { paths } from './paths.ts'

export interface ConsortiumMember {
  readonly memberId: string
  readonly status: 'active' | 'suspended' | 'removed'
  readonly isSelf: boolean
  readonly contact: 'self' | 'heard' | 'silent' | 'unknown'
  readonly heardAtMs?: number
  readonly size?: number
  readonly lagLeaves?: number
  readonly version?: string
  readonly ruleset?: { readonly version: string; readonly hash: string }
  readonly hasCosigned: boolean
}

export interface Contradiction {
  readonly id: string
  readonly kind: 'two_roots' | 'history_rewritten' | 'two_states'
  readonly sizes: readonly number[]
  readonly foundAtMs: number
  readonly signedBy: readonly string[]
  readonly equivocating: readonly string[]
}

export interface Consortium {
  readonly memberId: string
  readonly height: number
  readonly size: number
  readonly timeMs: number
  readonly version: string
  readonly ruleset: { readonly version: string; readonly hash: string }
  readonly quorum: { readonly needed: number; readonly size?: number; readonly members: readonly string[] }
  readonly members: readonly ConsortiumMember[]
  readonly contradictions: readonly Contradiction[]
  readonly witnesses: readonly { readonly name: string; readonly size?: number; readonly fault?: string }[]
}

export const consortiumQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['consortium', groupId],
    queryFn: ({ signal }) => getJson<Consortium>(paths.consortium(groupId), signal),
    refetchInterval: 5_000,
  })
