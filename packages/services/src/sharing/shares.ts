/** Requests for a licence, what became of them, and every look at a licence: kept for those three who take part. */
import type { Did, Json } from '@chengxin/kernel'
import type { Evidence } from '../desk/assertion.ts'
import type { Collection, Vault } from '../vault/face.ts'
import type { DocumentMark } from './licence-source.ts'

export interface Share {
  /** The office that asks, and the one that answers for the licence. */
  readonly consumer: string
  readonly consumerDid: Did
  readonly source: string
  readonly sourceDid: Did
  readonly askedBy: string
  readonly askedAtMs: number
  /** Until when the resident can decide. */
  readonly decideByMs: number
  /** Until when a consent holds, and everything about it is kept. */
  readonly untilMs: number
  readonly purposeId: string
  readonly ground: 'consent' | 'law'
  readonly law?: string
  readonly typeId: string
  readonly fields: readonly string[]
  readonly document: DocumentMark
  /** Absent where the department has no such licence; whoever asks by consent is not told. */
  readonly holder?: Did
  /** Makes what the resident signs different from everything signed before. */
  readonly nonce: string
  readonly decision?: Decision
  readonly withdrawal?: { readonly atMs: number; readonly statementId: string }
}

export type Decision =
  | { readonly kind: 'agreed'; readonly atMs: number; readonly evidence: Evidence; readonly statementId: string }
  | { readonly kind: 'refused'; readonly atMs: number }

export interface Access {
  readonly shareId: string
  readonly statementId: string
  readonly atMs: number
  readonly consumer: string
  readonly source: string
  readonly holder: Did
  readonly purposeId: string
  readonly ground: Share['ground']
  readonly law?: string
  readonly typeId: string
  readonly fields: readonly string[]
}

export interface ShareBooks {
  readonly shares: Collection<Share & Json>
  readonly accesses: Collection<Access & Json>
}

export function shareBooks(vault: Vault): ShareBooks {
  return { shares: vault.collection('sharing-shares'), accesses: vault.collection('sharing-accesses') }
}

/** Interfaces have no index signature, so that the compiler does not see that all of these are JSON. */
export function asJson<T>(value: T): T & Json {
  return value as T & Json
}

export type ShareState = 'waiting' | 'agreed' | 'lawful' | 'refused' | 'withdrawn' | 'ended'

export function stateOf({ ground, decision, withdrawal, decideByMs, untilMs }: Share, nowMs: number): ShareState {
  if (nowMs >= untilMs) return 'ended'
  if (ground === 'law') return 'lawful'
  if (withdrawal) return 'withdrawn'
  if (decision) return decision.kind
  return nowMs < decideByMs ? 'waiting' : 'ended'
}

/** By whom a copy of a statement is kept. */
export const partyOf = {
  office: (office: string) => `office ${office}`,
  resident: (did: string) => `resident ${did}`,
} as const
