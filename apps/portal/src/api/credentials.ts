/** Types of certificates, who may issue them, what was anchored. Holders and contents are on no ledger. */
import { getJson } from './http.ts'
import { type PageQuery, paths } from './paths.ts'
import type { Page } from './transactions.ts'

export interface CredentialType {
  readonly typeId: string
  readonly schemaHash: string
  readonly displayHash: string
  readonly definedAtMs: number
}

/** One period in which an issuer may or might issue a type. */
export interface IssuerPeriod {
  readonly issuer: string
  readonly typeId: string
  readonly period: number
  readonly domain?: string
  readonly fromMs: number
  readonly untilMs?: number
  readonly endedAtMs?: number
  readonly endedBy?: 'frozen' | 'withdrawn'
  readonly compromisedSinceMs?: number
  /** Who keeps the type since, where the issuer was dissolved. */
  readonly successor?: string
}

export interface Batch {
  readonly batchId: string
  readonly typeId: string
  readonly issuer: string
  readonly root: string
  readonly count: number
  readonly anchoredAtMs: number
  readonly transactionId?: string
}

export interface StatusList {
  readonly listId: string
  readonly issuer: string
  readonly version: number
  readonly hash: string
  readonly anchoredAtMs: number
  readonly validUntilMs?: number
}

interface Cursor {
  readonly next?: string
}

export async function listTypes(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<CredentialType>> {
  type Answer = Cursor & { types: readonly CredentialType[] }
  const { types, next } = await getJson<Answer>(paths.credentialTypes(groupId, page), signal)
  return { rows: types, next }
}

export async function listIssuers(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<IssuerPeriod>> {
  type Answer = Cursor & { issuers: readonly IssuerPeriod[] }
  const { issuers, next } = await getJson<Answer>(paths.issuers(groupId, page), signal)
  return { rows: issuers, next }
}

export async function listBatches(groupId: string, page: PageQuery, signal?: AbortSignal): Promise<Page<Batch>> {
  type Answer = Cursor & { batches: readonly Batch[] }
  const { batches, next } = await getJson<Answer>(paths.batches(groupId, page), signal)
  return { rows: batches, next }
}

export async function listStatusLists(
  groupId: string,
  page: PageQuery,
  signal?: AbortSignal,
): Promise<Page<StatusList>> {
  type Answer = Cursor & { statusLists: readonly StatusList[] }
  const { statusLists, next } = await getJson<Answer>(paths.statusLists(groupId, page), signal)
  return { rows: statusLists, next }
}
