/** Points: programmes, accounts and what moved. Amounts are decimal strings. */
import { queryOptions } from '@tanstack/react-query'
import { getJson } from './http.ts'
import { type PageQuery, paths } from './paths.ts'
import type { Page } from './transactions.ts'

export interface Program {
  readonly programId: string
  readonly unit: string
  readonly operator: string
  readonly issuingAccountId: string
  readonly issued: string
  readonly redeemed: string
}

export interface PointsAccount {
  readonly accountId: string
  readonly programId: string
  readonly unit: string
  readonly owner: string
  /** The account that points are issued from: its balance is what the operator owes. */
  readonly issuing: boolean
  readonly frozen: boolean
  readonly balance: string
  /** What can be paid now, holds left out. */
  readonly available: string
  readonly held: string
  readonly openedAtMs: number
}

export interface PointsTransfer {
  readonly transactionId?: string
  readonly eventIndex: number
  readonly kind: 'transferred' | 'holdPosted' | 'issued' | 'redeemed'
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly unit: string
  readonly timeMs: number
}

export interface PointsHold {
  readonly holdId: string
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly unit: string
  readonly posted: string
  readonly status: 'pending' | 'posted' | 'voided' | 'expired'
  readonly heldAtMs: number
  readonly expiresAtMs: number
}

interface Cursor {
  readonly next?: string
}

export async function listPrograms(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<Program>> {
  type Answer = Cursor & { programs: readonly Program[] }
  const { programs, next } = await getJson<Answer>(paths.programs(groupId, page), signal)
  return { rows: programs, next }
}

export async function listAccounts(
  groupId: string,
  page: PageQuery & { owner?: string },
  signal?: AbortSignal,
): Promise<Page<PointsAccount>> {
  type Answer = Cursor & { accounts: readonly PointsAccount[] }
  const { accounts, next } = await getJson<Answer>(paths.pointsAccounts(groupId, page), signal)
  return { rows: accounts, next }
}

export const accountQuery = (groupId: string, accountId: string) =>
  queryOptions({
    queryKey: ['points-account', groupId, accountId],
    queryFn: ({ signal }) => getJson<PointsAccount>(paths.pointsAccount(groupId, accountId), signal),
  })

export async function listTransfers(
  groupId: string,
  page: PageQuery & { account?: string },
  signal?: AbortSignal,
): Promise<Page<PointsTransfer>> {
  type Answer = Cursor & { transfers: readonly PointsTransfer[] }
  const { transfers, next } = await getJson<Answer>(paths.pointsTransfers(groupId, page), signal)
  return { rows: transfers, next }
}

export async function listHolds(
  groupId: string,
  page: PageQuery & { account?: string },
  signal?: AbortSignal,
): Promise<Page<PointsHold>> {
  type Answer = Cursor & { holds: readonly PointsHold[] }
  const { holds, next } = await getJson<Answer>(paths.pointsHolds(groupId, page), signal)
  return { rows: holds, next }
}
