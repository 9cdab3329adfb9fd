/** Members, roles, committee and proposals of a group. */
import { queryOptions } from '@tanstack/react-query'
import { getJson } from './http.ts'
import { type PageQuery, paths } from './paths.ts'
import type { Page } from './transactions.ts'

export interface Member {
  readonly memberId: string
  /** As the certificate names it. */
  readonly organisation: string
  readonly status: 'active' | 'suspended' | 'removed'
  readonly adminDids: readonly string[]
  readonly certificateNotAfterMs: number
  readonly fingerprint: string
  readonly serial: string
  /** Since when the status holds. */
  readonly sinceMs: number
}

export interface Role {
  readonly role: string
  readonly did: string
  readonly member: string
  readonly status: 'held' | 'frozen' | 'revoked'
}

export interface Committee {
  readonly seats: readonly { readonly did: string; readonly member: string }[]
  readonly threshold: number
  readonly version: number
}

export interface Proposal {
  readonly proposalId: string
  readonly proposer: string
  readonly change: { readonly kind: string; readonly [member: string]: unknown }
  readonly approvedBy: readonly string[]
  readonly status: 'open' | 'passed' | 'withdrawn'
  readonly proposedAtMs: number
  readonly expiresAtMs: number
  readonly closedAtMs?: number
}

/** A group gives a few dozen roles: one answer holds them. */
const allRoles = { limit: 200 }

export const membersQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['members', groupId],
    queryFn: async ({ signal }) =>
      (await getJson<{ members: readonly Member[] }>(paths.members(groupId), signal)).members,
    staleTime: 60_000,
  })

export const rolesQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['roles', groupId],
    queryFn: async ({ signal }) =>
      (await getJson<{ roles: readonly Role[] }>(paths.roles(groupId, allRoles), signal)).roles,
    staleTime: 60_000,
  })

export const committeeQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['committee', groupId],
    queryFn: ({ signal }) => getJson<Committee>(paths.committee(groupId), signal),
    staleTime: 60_000,
  })

export async function listProposals(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<Proposal>> {
  type Answer = { proposals: readonly Proposal[]; next?: string }
  const answer = await getJson<Answer>(paths.proposals(groupId, page), signal)
  return { rows: answer.proposals, next: answer.next }
}
