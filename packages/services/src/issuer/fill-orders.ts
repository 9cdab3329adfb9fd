/**
 * What becomes of orders that are issued together: a plan that is written down, a root that is anchored, certificates that
 * are signed, and each order filled with its own. Where this was broken off, the records say how far it came.
 */
import type { GroupClient } from '@chengxin/client'
import { type PublicJwk, thumbprint } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import type { Json } from '@chengxin/kernel'
import { changeRecord } from '../vault/face.ts'
import { everyRecord, keptInVault } from '../vault/kept-in-vault.ts'
import { type BatchPlan, planBatch, type Wanted } from './batch-plan.ts'
import { vctOf } from './certificate-type.ts'
import { type AnchoredBatch, anchorBatch, type IssuedCertificate, signBatch } from './issue-batch.ts'
import {
  type CertificateRecord,
  type Claims,
  certificateMarks,
  grantId,
  type OfficeRecords,
  type OpenBatch,
  type OrderRecord,
  randomLedgerId,
} from './office-records.ts'
import { domainOf, type IssuerSigner } from './sign-jwt.ts'
import type { StatusBook } from './status-book.ts'

export interface FillingOptions {
  readonly records: OfficeRecords
  readonly group: GroupClient
  readonly signer: IssuerSigner
  readonly book: StatusBook
  readonly nowMs: () => number
  /** Of the display that the ledger has for a type: certificates name it. */
  readonly displayHashOf: (typeId: string) => string | undefined
  /** Days after which certificates of a type have expired; never if undefined. */
  readonly validForDaysOf: (typeId: string) => number | undefined
  /** Marks certificates as superseded by those that were issued in their place; may be told twice. */
  readonly supersede: (replaced: readonly Replaced[]) => Promise<void>
}

export interface Replaced {
  readonly reference: string
  readonly by: string
}

/** An order with what filling it needs to know of its offer. */
export interface Waiting {
  readonly order: OrderRecord
  readonly replaces: string | undefined
}

/** Records that are written at a time. */
const writesAtOnce = 512

/** The orders of a batch as they are written down, those that are filled among them. */
export function ordersOf({ orders, offers }: OfficeRecords, { orderIds }: OpenBatch): Promise<readonly Waiting[]> {
  return inParts(orderIds, async (orderId) => {
    const order = (await orders.get(orderId))?.value
    return order && { order, replaces: (await offers.get(order.offerId))?.value.replaces }
  }).then((found) => found.filter((each) => each !== undefined))
}

export async function openBatches({ batches }: OfficeRecords): Promise<readonly OpenBatch[]> {
  const open: OpenBatch[] = []
  for await (const { value } of everyRecord(batches)) open.push(value as unknown as OpenBatch)
  return open
}

/** Decides everything the certificates will say, and writes it down. */
export async function planOrders(
  { records, group, signer, book, displayHashOf, validForDaysOf, nowMs }: FillingOptions,
  typeId: string,
  orders: readonly OrderRecord[],
): Promise<OpenBatch> {
  const claims = await inParts(
    orders,
    async ({ subject }): Promise<Claims> => (await records.grants.get(grantId(subject, typeId)))?.value.claims ?? {},
  )
  const wanted = orders.flatMap(({ reference, holderKeys }, index) =>
    holderKeys.map((key, copy): Wanted => {
      const holderKey = key as unknown as PublicJwk
      return { reference: `${reference} ${copy}`, holderKey, claims: claims[index] as Claims }
    }),
  )
  const register = await book.registerFor(wanted.length)
  const batchId = randomLedgerId('batch')
  const vct = vctOf(group.groupId, typeId)
  const domain = domainOf(signer)
  const displayHash = displayHashOf(typeId)
  const validForDays = validForDaysOf(typeId)
  const named = {
    issuer: signer.did,
    ...(domain !== undefined && { domain }),
    ...(displayHash !== undefined && { displayHash }),
    ...(validForDays !== undefined && { validForDays }),
  }
  const plan = planBatch(wanted, { batchId, typeId, vct, ...named, register, nowMs: nowMs() })
  // Places are given away for good before anybody can hear of them.
  await book.save(register.listId)
  const batch: OpenBatch = { plan, orderIds: orders.map(({ orderId }) => orderId) }
  await records.batches.insert(batchId, batch as unknown as Json)
  return batch
}

/** Anchors a plan, signs its certificates and fills its orders; each of these once, however often it is called. */
export async function handOut(
  options: FillingOptions,
  { plan, orderIds }: OpenBatch,
  orders: readonly Waiting[],
): Promise<readonly OrderRecord[]> {
  const { records, group, signer, nowMs } = options
  const keptBatch = keptInVault<OpenBatch>(records.batches, plan.batchId)
  const kept = {
    // As it was written down or read just now: only this program writes it.
    load: async () => plan,
    save: (saved: BatchPlan) => keptBatch.save({ plan: saved, orderIds }),
    erase: () => keptBatch.erase(),
  }
  const batch = await anchorBatch(kept, { group, signer, nowMs })
  const issued = new Map<string, IssuedCertificate>()
  for await (const certificate of signBatch(batch, signer)) issued.set(certificate.reference, certificate)
  const residents = new Set(orders.map(({ order }) => order.subject)).size
  const filled = await inParts(orders, (waiting) => fillOrder(options, batch, waiting, residents, issued))
  await options.supersede(
    orders.flatMap(({ order, replaces }) =>
      replaces === undefined ? [] : [{ reference: replaces, by: order.reference }],
    ),
  )
  // The plan says everything about everybody; from here on the orders do, each for itself.
  await kept.erase()
  return filled
}

async function fillOrder(
  { records }: FillingOptions,
  { plan }: AnchoredBatch,
  { order, replaces }: Waiting,
  residentsInRoot: number,
  issued: ReadonlyMap<string, IssuedCertificate>,
): Promise<OrderRecord> {
  const { reference, subject, typeId, orderId, holderKeys } = order
  // Filled before the process ended; the texts of then are the ones that count.
  if (order.certificates !== undefined) return order
  const copies = holderKeys.map((_, copy) => issued.get(`${reference} ${copy}`) as IssuedCertificate)
  const listId = plan.statusUri.slice(plan.statusUri.lastIndexOf('/') + 1)
  const certificate: CertificateRecord = {
    reference,
    subject,
    typeId,
    batchId: plan.batchId,
    issuedOnMs: plan.issuedAtMs,
    residentsInRoot,
    places: copies.map(({ statusIndex: index }) => ({ listId, index })),
    status: 'valid',
    ...(replaces !== undefined && { replaces }),
  }
  await Promise.all([
    records.certificates.insert(reference, certificate, certificateMarks(certificate)),
    ...holderKeys.map((key, copy) =>
      records.holderKeys.insert(thumbprint(sha256, key as unknown as PublicJwk), { reference, copy }),
    ),
  ])
  const filled = { ...order, certificates: copies.map(({ text }) => text) }
  const marks = { state: 'filled' }
  // As it was first written, if nothing has touched it since.
  if (!(await records.orders.replace(orderId, 1, filled, marks))) {
    const standing = await changeRecord(records.orders, orderId, (value) =>
      value.certificates === undefined ? { value: filled, marks, result: filled } : { result: value },
    )
    return standing ?? filled
  }
  return filled
}

async function inParts<T, R>(members: readonly T[], work: (member: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < members.length; start += writesAtOnce) {
    results.push(...(await Promise.all(members.slice(start, start + writesAtOnce).map(work))))
  }
  return results
}
