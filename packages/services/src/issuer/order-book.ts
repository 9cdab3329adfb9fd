/**
 * From orders to certificates. What was ordered is pooled for a moment and issued under one root, in random order. Every
 * step is written down before it is taken: after a crash the open plan is taken up where it stood, each order is filled
 * once, and nothing is anchored twice.
 */
import type { GroupClient } from '@chengxin/client'
import { type PublicJwk, thumbprint } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import type { Json } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import type { CredentialOrder } from '../openid/vci/issuer.ts'
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
  type OfferRecord,
  type OfficeRecords,
  type OpenBatch,
  type OrderRecord,
  randomLedgerId,
} from './office-records.ts'
import { domainOf, type IssuerSigner } from './sign-jwt.ts'
import type { StatusBook } from './status-book.ts'

export interface OrderBookOptions {
  readonly records: OfficeRecords
  readonly group: GroupClient
  readonly signer: IssuerSigner
  readonly book: StatusBook
  readonly nowMs: () => number
  /** How long orders are pooled before their batch is made. */
  readonly poolMs: number
  /** Residents whom a root of this type should mix at least; `longestWaitMs` ends the waiting for others. */
  readonly smallestRoot: (typeId: string) => number
  /** Of the display that the ledger has for a type: certificates name it. */
  readonly displayHashOf: (typeId: string) => string | undefined
  /** Days after which certificates of a type have expired; never if undefined. */
  readonly validForDaysOf: (typeId: string) => number | undefined
  readonly longestWaitMs: number
  /** Marks certificates as superseded by those that were issued in their place; may be told twice. */
  readonly supersede: (replaced: readonly Replaced[]) => Promise<void>
  /** A failure that nobody waits for. */
  readonly failed: (error: unknown) => void
}

export interface Replaced {
  readonly reference: string
  readonly by: string
}

export interface OrderBook {
  /** Notes the order, once, and returns when it is filled or so much time has passed. */
  order(order: CredentialOrder, offer: OfferRecord, patienceMs: number): Promise<OrderRecord>
  /** Makes batches of everything that waits, whether or not it is enough. */
  issueAll(): Promise<void>
  waiting(typeId: string): number
  close(): Promise<void>
}

/** Enough that a root says nothing about one of them, few enough for one page of memory. */
const largestBatch = 10_000
/** Records that are written at a time. */
const writesAtOnce = 256

export async function openOrderBook(options: OrderBookOptions): Promise<OrderBook> {
  const { records, nowMs, poolMs } = options
  const waiting = new Map<string, OrderRecord>()
  const filled = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  for await (const { value } of everyRecord(records.orders, ['state', 'waiting'])) waiting.set(value.orderId, value)
  const open = await openBatches(records)
  if (open.length > 0 || waiting.size > 0) schedule(0)

  function schedule(inMs: number): void {
    if (isClosed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      run(false).catch(options.failed)
    }, inMs)
  }

  /** One batch after the other: two at once would issue the same orders twice. */
  function run(isForced: boolean): Promise<void> {
    const next = running.catch(() => undefined).then(() => issueWaiting(isForced))
    running = next
    return next.catch((error: unknown) => {
      schedule(Math.max(poolMs, 1000))
      throw error
    })
  }

  async function issueWaiting(isForced: boolean): Promise<void> {
    for (const batch of await openBatches(records)) await finish(batch)
    const types = new Set([...waiting.values()].map(({ typeId }) => typeId))
    for (const typeId of types) {
      for (;;) {
        const orders = ripe(typeId, isForced)
        if (orders.length === 0) break
        await finish(await planned(options, typeId, orders))
      }
    }
    // What is left waits for others to be mixed with.
    if (waiting.size > 0) schedule(Math.max(poolMs, 1000))
  }

  function ripe(typeId: string, isForced: boolean): readonly OrderRecord[] {
    const all = [...waiting.values()].filter((order) => order.typeId === typeId)
    const residents = new Set(all.map(({ subject }) => subject)).size
    const oldest = Math.min(...all.map(({ orderedAtMs }) => orderedAtMs))
    const isRipe = isForced || residents >= options.smallestRoot(typeId) || nowMs() - oldest >= options.longestWaitMs
    if (!isRipe) return []
    const orders: OrderRecord[] = []
    let count = 0
    for (const order of all) {
      count += order.holderKeys.length
      if (count > largestBatch && orders.length > 0) break
      orders.push(order)
    }
    return orders
  }

  async function finish({ plan, orderIds }: OpenBatch): Promise<void> {
    await handOut(options, plan, orderIds)
    for (const orderId of orderIds) waiting.delete(orderId)
    for (const tell of filled) tell()
  }

  /** The order once it is filled, or as it stands when patience ends. */
  async function waitFor(orderId: string, patienceMs: number): Promise<OrderRecord> {
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const stored = await records.orders.get(orderId)
      const leftMs = untilMs - performance.now()
      if (stored === undefined) throw new Error('An order that was noted is gone.')
      if (stored.value.certificates !== undefined || leftMs <= 0 || isClosed) return stored.value
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(patience)
          filled.delete(done)
          resolve()
        }
        const patience = setTimeout(done, leftMs)
        filled.add(done)
        // Filled between the question and the wish to be told.
        if (!waiting.has(orderId)) done()
      })
    }
  }

  return {
    async order({ orderId, holderKeys }, { offerId, subject, typeId, replaces: _ }, patienceMs) {
      const keys = holderKeys as unknown as OrderRecord['holderKeys']
      const reference = randomId('cert')
      const order: OrderRecord = {
        orderId,
        reference,
        offerId,
        subject,
        typeId,
        holderKeys: keys,
        orderedAtMs: nowMs(),
      }
      if (await records.orders.insert(orderId, order, { state: 'waiting' })) {
        waiting.set(orderId, order)
        schedule(poolMs)
      }
      return waitFor(orderId, patienceMs)
    },
    issueAll: () => run(true),
    waiting: (typeId) => [...waiting.values()].filter((order) => order.typeId === typeId).length,
    async close() {
      isClosed = true
      clearTimeout(timer)
      for (const tell of filled) tell()
      await running.catch(() => undefined)
    },
  }
}

async function openBatches({ batches }: OfficeRecords): Promise<readonly OpenBatch[]> {
  const open: OpenBatch[] = []
  for await (const { value } of everyRecord(batches)) open.push(value as unknown as OpenBatch)
  return open
}

/** Decides everything the certificates will say, and writes it down. */
async function planned(
  { records, group, signer, book, displayHashOf, validForDaysOf, nowMs }: OrderBookOptions,
  typeId: string,
  orders: readonly OrderRecord[],
): Promise<OpenBatch> {
  const wanted: Wanted[] = []
  for (const { subject, reference, holderKeys } of orders) {
    const grant = await records.grants.get(grantId(subject, typeId))
    const claims: Claims = grant?.value.claims ?? {}
    for (const [copy, key] of holderKeys.entries()) {
      wanted.push({ reference: `${reference} ${copy}`, holderKey: key as unknown as PublicJwk, claims })
    }
  }
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
async function handOut(options: OrderBookOptions, plan: BatchPlan, orderIds: readonly string[]): Promise<void> {
  const { records, group, signer, nowMs } = options
  const keptBatch = keptInVault<OpenBatch>(records.batches, plan.batchId)
  const kept = {
    load: async () => (await keptBatch.load())?.plan,
    save: (saved: BatchPlan) => keptBatch.save({ plan: saved, orderIds }),
    erase: () => keptBatch.erase(),
  }
  const batch = await anchorBatch(kept, { group, signer, nowMs })
  const issued = new Map<string, IssuedCertificate>()
  for await (const certificate of signBatch(batch, signer)) issued.set(certificate.reference, certificate)
  const orders = await inParts(orderIds, async (orderId) => (await records.orders.get(orderId))?.value)
  const present = orders.filter((order) => order !== undefined)
  const residents = new Set(present.map(({ subject }) => subject)).size
  const replaced = await inParts(present, (order) => fillOrder(options, batch, order, residents, issued))
  await options.supersede(replaced.flat())
  // The plan says everything about everybody; from here on the orders do, each for itself.
  await kept.erase()
}

async function fillOrder(
  { records }: OrderBookOptions,
  { plan }: AnchoredBatch,
  order: OrderRecord,
  residentsInRoot: number,
  issued: ReadonlyMap<string, IssuedCertificate>,
): Promise<readonly Replaced[]> {
  const { reference, subject, typeId, orderId, offerId, holderKeys } = order
  const replaces = (await records.offers.get(offerId))?.value.replaces
  const replaced = replaces === undefined ? [] : [{ reference: replaces, by: reference }]
  // Filled before the process ended; the texts of then are the ones that count.
  if (order.certificates !== undefined) return replaced
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
  await records.certificates.insert(reference, certificate, certificateMarks(certificate))
  for (const [copy, key] of holderKeys.entries()) {
    await records.holderKeys.insert(thumbprint(sha256, key as unknown as PublicJwk), { reference, copy })
  }
  const certificates = copies.map(({ text }) => text)
  await changeRecord(records.orders, orderId, (value) => ({
    value: { ...value, certificates },
    marks: { state: 'filled' },
    result: true,
  }))
  return replaced
}

async function inParts<T, R>(members: readonly T[], work: (member: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < members.length; start += writesAtOnce) {
    results.push(...(await Promise.all(members.slice(start, start + writesAtOnce).map(work))))
  }
  return results
}
