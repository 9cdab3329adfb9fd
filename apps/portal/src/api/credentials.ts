/** Types of certificates, who may issue them, what was anchored. Holders and contents are on no ledger. */
import { getJson } from './http.ts'
import { type PageQuery, paths } from './paths.ts'
import { cursorOf, type Page } from './transactions.ts'

export interface CredentialType {
  readonly typeId: string
  readonly schemaHash: string
  readonly displayHash: string
  readonly definedAtMs: number
}

/** One issuer for one type; the newest period of its authorisation. */
export interface IssuerAuthorisation {
  readonly issuer: string
  readonly typeId: string
  readonly domain?: string | null
  readonly fromMs: number
  readonly untilMs?: number | null
  readonly endedAtMs?: number | null
  readonly end?: 'frozen' | 'withdrawn' | null
}

export interface Batch {
  readonly batchId: string
  readonly typeId: string
  readonly issuer: string
  readonly root: string
  readonly count: number
  readonly anchoredAtMs: number
  readonly transactionId?: string | null
}

export interface StatusList {
  readonly listId: string
  readonly issuer: string
  readonly version: number
  readonly hash: string
  readonly anchoredAtMs: number
  readonly validUntilMs?: number | null
}

interface Cursor {
  readonly next?: string | number | null
}

export async function listTypes(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<CredentialType>> {
  type Answer = Cursor & { credentialTypes: readonly CredentialType[] }
  const { credentialTypes, next } = await getJson<Answer>(paths.credentialTypes(groupId, page), signal)
  return { rows: credentialTypes, next: cursorOf(next) }
}

export async function listIssuers(
  groupId: string,
  page: PageQuery,
  signal?: AbortSignal,
): Promise<Page<IssuerAuthorisation>> {
  type Answer = Cursor & { issuers: readonly IssuerAuthorisation[] }
  const { issuers, next } = await getJson<Answer>(paths.issuers(groupId, page), signal)
  return { rows: issuers, next: cursorOf(next) }
}

export async function listBatches(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<Batch>> {
  type Answer = Cursor & { batches: readonly Batch[] }
  const { batches, next } = await getJson<Answer>(paths.batches(groupId, page), signal)
  return { rows: batches, next: cursorOf(next) }
}

export async function listStatusLists(
  groupId: string,
  page: PageQuery,
  signal?: AbortSignal,
): Promise<Page<StatusList>> {
  type Answer = Cursor & { statusLists: readonly StatusList[] }
  const { statusLists, next } = await getJson<Answer>(paths.statusLists(groupId, page), signal)
  return { rows: statusLists, next: cursorOf(next) }
}
