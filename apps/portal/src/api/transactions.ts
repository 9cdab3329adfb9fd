/** Transactions and blocks, as the read model lists them and as the ledger holds them. */
import { queryOptions } from '@tanstack/react-query'
import { getJson, getText } from './http.ts'
import { type PageQuery, paths } from './paths.ts'

export interface TransactionSummary {
  readonly id: string
  readonly height: number
  readonly position: number
  readonly leafIndex: number
  readonly timeMs: number
  /** `ok`, or the code of the refusal. */
  readonly code: string
  readonly signer: string
  readonly types: readonly string[]
}

export interface StoredEvent {
  readonly type: string
  readonly [member: string]: unknown
}

/** One transaction: `rejected` and `pending` ones are not in the log. */
export interface TransactionOutcome {
  readonly status: 'committed' | 'refused' | 'rejected' | 'pending'
  readonly id: string
  readonly code?: string
  readonly sentence?: string
  readonly height?: number
  readonly position?: number
  readonly leafIndex?: number
  readonly timeMs?: number
  readonly events?: readonly StoredEvent[]
  readonly signer?: string
  readonly principals?: readonly string[]
  readonly types?: readonly string[]
  readonly receipt?: string
}

export interface BlockSummary {
  readonly height: number
  readonly timeMs: number
  readonly size: number
  readonly transactions: number
}

export interface BlockDetail {
  readonly height: number
  readonly timeMs: number
  readonly firstLeaf: number
  readonly agreedHash: string
  readonly root: string
  readonly transactions: readonly TransactionSummary[]
  readonly genesisEvents?: readonly StoredEvent[]
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** The cursor of the next page, absent on the last. */
  readonly next?: string | undefined
}

export interface TransactionFilter {
  readonly did?: string
  readonly type?: string
}

export async function listTransactions(
  groupId: string,
  page: PageQuery & TransactionFilter,
  signal?: AbortSignal,
): Promise<Page<TransactionSummary>> {
  type Answer = { transactions: readonly TransactionSummary[]; next?: string }
  const answer = await getJson<Answer>(paths.transactions(groupId, page), signal)
  return { rows: answer.transactions, next: answer.next }
}

export async function listBlocks(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<BlockSummary>> {
  type Answer = { blocks: readonly BlockSummary[]; next?: string }
  const answer = await getJson<Answer>(paths.blocks(groupId, page), signal)
  return { rows: answer.blocks, next: answer.next }
}

export const transactionQuery = (groupId: string, id: string) =>
  queryOptions({
    queryKey: ['transaction', groupId, id],
    queryFn: ({ signal }) => getJson<TransactionOutcome>(paths.transaction(groupId, id), signal),
    // A pending transaction changes; what is in the log never does.
    refetchInterval: (query) => (query.state.data?.status === 'pending' ? 1_000 : false),
  })

export const blockQuery = (groupId: string, height: number) =>
  queryOptions({
    queryKey: ['block', groupId, height],
    queryFn: ({ signal }) => getJson<BlockDetail>(paths.block(groupId, height), signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const receiptText = (groupId: string, id: string): Promise<string> => getText(paths.receipt(groupId, id))
