/**
 * Fills orders from real batches: what was ordered is collected, and `close` plans, anchors and signs all of it under one
 * root, in random order, so that a root tells nothing about who asked when. Until then an order waits.
 */
import { type Refusal, refuse } from '@chengxin/kernel'
import type { Wanted } from '../../issuer/batch-plan.ts'
import type { IssuedCertificate } from '../../issuer/issue-batch.ts'
import type { CredentialOrder, Filled, FillOrder } from './issuer.ts'

export interface DeskOptions {
  /** What the certificates of an order say, or a refusal with `issuance_denied`. */
  readonly claimsOf: (order: CredentialOrder) => Promise<Wanted['claims'] | Refusal>
  /** Plans, anchors and signs certificates of one type: `planBatch`, `anchorBatch` and `signBatch` in one. */
  readonly issueBatch: (configurationId: string, wanted: readonly Wanted[]) => Promise<readonly IssuedCertificate[]>
  /** The orders at which a batch is closed without being told; one if absent, and then nobody waits. */
  readonly closeAt?: number
  readonly retryAfterSeconds?: number
}

export interface IssuingDesk {
  readonly fill: FillOrder
  /** Issues what was ordered since the last time. */
  close(): Promise<void>
  /** Orders that wait. */
  readonly waiting: number
}

interface Waiting {
  readonly order: CredentialOrder
  readonly claims: Wanted['claims']
}

export function createIssuingDesk(options: DeskOptions): IssuingDesk {
  const { claimsOf, issueBatch, closeAt = 1, retryAfterSeconds = 5 } = options
  const waiting = new Map<string, Waiting>()
  const ready = new Map<string, readonly string[]>()
  let closing: Promise<void> = Promise.resolve()

  async function issueWaiting(): Promise<void> {
    const orders = [...waiting.values()]
    for (const configurationId of new Set(orders.map(({ order }) => order.configurationId))) {
      const ofType = orders.filter(({ order }) => order.configurationId === configurationId)
      const issued = await issueBatch(configurationId, ofType.flatMap(wantedOf))
      const byReference = new Map(issued.map(({ reference, text }) => [reference, text]))
      for (const { order } of ofType) {
        ready.set(order.orderId, textsOf(order, byReference))
        waiting.delete(order.orderId)
      }
    }
  }

  /** One batch after the other: two at once would issue the same orders twice. */
  function close(): Promise<void> {
    const next = closing.catch(() => undefined).then(issueWaiting)
    closing = next
    return next
  }

  async function fill(order: CredentialOrder): Promise<Filled | Refusal> {
    const known = ready.get(order.orderId)
    if (!known && !waiting.has(order.orderId)) {
      const claims = await claimsOf(order)
      if ('refused' in claims && Object.keys(claims).length === 1) return refuse('issuance_denied')
      waiting.set(order.orderId, { order, claims: claims as Wanted['claims'] })
      if (waiting.size >= closeAt) await close()
    }
    const certificates = ready.get(order.orderId)
    if (!certificates) return { status: 'waiting', retryAfterSeconds }
    ready.delete(order.orderId)
    return { status: 'ready', certificates }
  }

  return {
    fill,
    close,
    get waiting() {
      return waiting.size
    },
  }
}

function wantedOf({ order, claims }: Waiting): readonly Wanted[] {
  return order.holderKeys.map((holderKey, index) => ({ reference: `${order.orderId} ${index}`, holderKey, claims }))
}

function textsOf(
  { orderId, holderKeys }: CredentialOrder,
  byReference: ReadonlyMap<string, string>,
): readonly string[] {
  return holderKeys.map((_, index) => {
    const text = byReference.get(`${orderId} ${index}`)
    if (text === undefined) throw new Error('A batch came back without a certificate that was ordered.')
    return text
  })
}
