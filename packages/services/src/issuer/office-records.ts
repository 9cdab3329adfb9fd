/** What an issuing office keeps in the vault: its word about people, what it offered, and what it issued. */
import { randomBytes } from 'node:crypto'
import type { StatusWord } from '@chengxin/audit'
import { type Json, type JsonObject, toHex } from '@chengxin/kernel'
import type { Collection, Marks, Vault } from '../vault/face.ts'
import type { BatchPlan } from './batch-plan.ts'
import type { StatusRecord } from './status-register.ts'

export type Claims = { readonly [name: string]: Json }

/** What the office says of somebody in certificates of one type. */
export type Grant = { readonly subject: string; readonly typeId: string; readonly claims: Claims }

export type OfferRecord = {
  readonly offerId: string
  readonly subject: string
  readonly typeId: string
  readonly expiresAtMs: number
  /** Of the order that used the offer up. */
  readonly orderId?: string
  /** The certificate that this one takes the place of. */
  readonly replaces?: string
}

/** One wish of one wallet. `certificates` are there until the wallet says that it has them, or the record grows old. */
export type OrderRecord = {
  readonly orderId: string
  readonly reference: string
  readonly offerId: string
  readonly subject: string
  readonly typeId: string
  /** Public JWKs. */
  readonly holderKeys: readonly JsonObject[]
  readonly orderedAtMs: number
  readonly certificates?: readonly string[]
}

export type Place = { readonly listId: string; readonly index: number }

/** One certificate as people speak of it: all copies that one wallet holds under keys of their own. */
export type CertificateRecord = {
  readonly reference: string
  readonly subject: string
  readonly typeId: string
  readonly batchId: string
  /** The day on which it was issued; the hour stands nowhere. */
  readonly issuedOnMs: number
  /** Residents whose certificates stand under the same root. */
  readonly residentsInRoot: number
  readonly places: readonly Place[]
  readonly status: StatusWord
  /** Of the last change of status; codes are listed in `status-reasons.ts`. */
  readonly reasonCode?: string
  readonly sinceMs?: number
  /** Copies that their holder cancelled alone, by their number among `places`. */
  readonly cancelled?: readonly number[]
  readonly replaces?: string
  /** Corrected: whoever proves the key gets an offer of the new one. */
  readonly isCorrected?: boolean
  readonly replacedBy?: string
}

/** A plan that is not handed out yet, with the orders that it fills. */
export type OpenBatch = { readonly plan: BatchPlan; readonly orderIds: readonly string[] }

export type KeptList = {
  readonly record: StatusRecord
  readonly publishedAtMs: number
  /** Whether readers have yet to see what the record says. */
  readonly isChanged: boolean
}

export interface OfficeRecords {
  readonly grants: Collection<Grant>
  readonly offers: Collection<OfferRecord>
  readonly orders: Collection<OrderRecord>
  readonly certificates: Collection<CertificateRecord>
  /** Thumbprint of a holder's key → its certificate, and which of the copies. */
  readonly holderKeys: Collection<{ readonly reference: string; readonly copy: number }>
  readonly batches: Collection<Json>
  readonly lists: Collection<Json>
  readonly tokens: Collection<Json>
  readonly codes: Collection<Json>
  readonly deferred: Collection<Json>
}

export function officeRecords(vault: Vault, office: string): OfficeRecords {
  const name = (kind: string) => `issuer-${office}-${kind}`
  return {
    grants: vault.collection(name('grants')),
    offers: vault.collection(name('offers')),
    orders: vault.collection(name('orders')),
    certificates: vault.collection(name('certificates')),
    holderKeys: vault.collection(name('holder-keys')),
    batches: vault.collection(name('batches')),
    lists: vault.collection(name('lists')),
    tokens: vault.collection(name('tokens')),
    codes: vault.collection(name('codes')),
    deferred: vault.collection(name('deferred')),
  }
}

/** The same in the characters that ids on the ledger have. */
export function randomLedgerId<K extends string>(kind: K): `${K}_${string}` {
  return `${kind}_${toHex(randomBytes(16))}`
}

/** Under which a subject's grant of a type is kept. */
export function grantId(subject: string, typeId: string): string {
  return `${typeId} ${subject}`
}

/** By what officers look for certificates. */
export function certificateMarks({ subject, typeId, status }: CertificateRecord): Marks {
  return { subject, state: `${typeId} ${status}` }
}
