/**
 * From orders to certificates. What was ordered is pooled for a moment and issued under one root, in random order. Every
 * step is written down before it is taken: after a crash the open plan is taken up where it stood, each order is filled
 * once, and nothing is anchored twice.
 */
import { randomId } from '../desk/random-id.ts'
import type { CredentialOrder } from '../openid/vci/issuer.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { type FillingOptions, handOut, openBatches, ordersOf, planOrders, type Waiting } from './fill-orders.ts'
import type { OfferRecord, OpenBatch, OrderRecord } from './office-records.ts'

export interface OrderBookOptions extends FillingOptions {
  /** How long orders are pooled before their batch is made. */
  readonly poolMs: number
  /** Residents whom a root of this type should mix at least; `longestWaitMs` ends the waiting for others. */
  readonly smallestRoot: (typeId: string) => number
  readonly longestWaitMs: number
  /** A failure that nobody waits for. */
  readonly failed: (error: unknown) => void
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

export async function openOrderBook(options: OrderBookOptions): Promise<OrderBook> {
  const { records, nowMs, poolMs } = options
  const waiting = new Map<string, Waiting>()
  /** Who is told of an order, by its id. */
  const listeners = new Map<string, Set<(filled?: OrderRecord) => void>>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  for await (const { value } of everyRecord(records.orders, ['state', 'waiting'])) {
    waiting.set(value.orderId, { order: value, replaces: (await records.offers.get(value.offerId))?.value.replaces })
  }
  if ((await openBatches(records)).length > 0 || waiting.size > 0) schedule(0)

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
    // What stood there before may be half handed out: only the records themselves tell.
    for (const batch of await openBatches(records)) await finish(batch, await ordersOf(records, batch))
    const types = new Set([...waiting.values()].map(({ order }) => order.typeId))
    for (const typeId of types) {
      for (;;) {
        const orders = ripe(typeId, isForced)
        if (orders.length === 0) break
        const batch = await planOrders(
          options,
          typeId,
          orders.map(({ order }) => order),
        )
        await finish(batch, orders)
      }
    }
    // What is left waits for others to be mixed with.
    if (waiting.size > 0) schedule(Math.max(poolMs, 1000))
  }

  function ripe(typeId: string, isForced: boolean): readonly Waiting[] {
    const all = [...waiting.values()].filter(({ order }) => order.typeId === typeId)
    const residents = new Set(all.map(({ order }) => order.subject)).size
    const oldest = all.reduce((soFar, { order }) => Math.min(soFar, order.orderedAtMs), Number.POSITIVE_INFINITY)
    const isRipe = isForced || residents >= options.smallestRoot(typeId) || nowMs() - oldest >= options.longestWaitMs
    if (!isRipe) return []
    const orders: Waiting[] = []
    let count = 0
    for (const each of all) {
      count += each.order.holderKeys.length
      if (count > largestBatch && orders.length > 0) break
      orders.push(each)
    }
    return orders
  }

  async function finish({ plan, orderIds }: OpenBatch, orders: readonly Waiting[]): Promise<void> {
    const filled = await handOut(options, { plan, orderIds }, orders)
    for (const orderId of orderIds) waiting.delete(orderId)
    for (const order of filled) tell(order.orderId, order)
  }

  function tell(orderId: string, filled?: OrderRecord): void {
    const told = listeners.get(orderId)
    listeners.delete(orderId)
    for (const listener of told ?? []) listener(filled)
  }

  /** The order once it is filled, or as it stands when patience ends. */
  async function waitFor(orderId: string, patienceMs: number): Promise<OrderRecord> {
    if (waiting.has(orderId) && !isClosed) {
      const filled = await toldOf(orderId, patienceMs)
      if (filled !== undefined) return filled
    }
    const stored = await records.orders.get(orderId)
    if (stored === undefined) throw new Error('An order that was noted is gone.')
    return stored.value
  }

  function toldOf(orderId: string, patienceMs: number): Promise<OrderRecord | undefined> {
    return new Promise((resolve) => {
      const own = listeners.get(orderId) ?? new Set()
      const listener = (filled?: OrderRecord) => {
        clearTimeout(patience)
        own.delete(listener)
        if (own.size === 0 && listeners.get(orderId) === own) listeners.delete(orderId)
        resolve(filled)
      }
      const patience = setTimeout(listener, patienceMs)
      listeners.set(orderId, own.add(listener))
    })
  }

  return {
    async order({ orderId, holderKeys }, { offerId, subject, typeId, replaces }, patienceMs) {
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
        waiting.set(orderId, { order, replaces })
        schedule(poolMs)
      }
      return waitFor(orderId, patienceMs)
    },
    issueAll: () => run(true),
    waiting: (typeId) => [...waiting.values()].filter(({ order }) => order.typeId === typeId).length,
    async close() {
      isClosed = true
      clearTimeout(timer)
      for (const orderId of [...listeners.keys()]) tell(orderId)
      await running.catch(() => undefined)
    },
  }
}
