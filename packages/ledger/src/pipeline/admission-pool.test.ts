import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AdmissionPool } from './admission-pool.ts'
import { BatchOrder, type TicketedBatch } from './batch-order.ts'
import type { RulesChanged, ToAdmission } from './messages.ts'

/** A thread that judges when it is told to. */
function makeThread() {
  const batches: ToAdmission[] = []
  return {
    batches,
    postMessage: (message: ToAdmission | RulesChanged) => void ('batch' in message && batches.push(message)),
  }
}

/** The order looks at tickets alone. */
const never = undefined as unknown as TicketedBatch[number][1]

test('what is sent comes out once and in order, however threads and answers interleave', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ send: fc.integer({ min: 1, max: 400 }) }) },
    { weight: 5, arbitrary: fc.record({ judge: fc.nat({ max: 2 }) }) },
    { weight: 2, arbitrary: fc.record({ answer: fc.integer({ min: 1, max: 600 }) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const threads = [makeThread(), makeThread(), makeThread()]
      const pool = new AdmissionPool(threads)
      const arrived: number[] = []
      const order = new BatchOrder((batch) => arrived.push(...batch.map(([ticket]) => ticket)))
      let sent = 0
      let judged = 0
      let answered = 0
      const judge = (index: number): boolean => {
        const batch = threads[index]?.batches.shift()
        if (batch === undefined) return false
        judged += batch.tickets.length
        order.take(
          batch.batch,
          batch.tickets.map((ticket) => [ticket, never]),
        )
        pool.judged(index)
        return true
      }
      const answer = (count: number) => {
        const now = Math.min(count, judged - answered)
        answered += now
        pool.answered(now)
      }
      for (const one of steps) {
        if ('send' in one) {
          const tickets = Array.from({ length: one.send }, () => sent++)
          pool.send(tickets, tickets.map(String))
        } else if ('judge' in one) judge(one.judge)
        else answer(one.answer)
        for (const { batches } of threads) expect(batches.length).toBeLessThanOrEqual(2)
      }
      while (arrived.length < sent) {
        if (![0, 1, 2].some(judge)) answer(10_000)
      }
      expect(arrived).toEqual(Array.from({ length: sent }, (_, ticket) => ticket))
    }),
    { numRuns: 200 },
  )
})

test('a flood waits before the door until what is inside has been answered', () => {
  const thread = makeThread()
  const pool = new AdmissionPool([thread])
  const tickets = Array.from({ length: 10_000 }, (_, ticket) => ticket)
  pool.send(tickets, tickets.map(String))
  let inside = 0
  while (thread.batches.length > 0) {
    inside += thread.batches.shift()?.tickets.length ?? 0
    pool.judged(0)
  }
  expect(inside).toBeGreaterThanOrEqual(3_072)
  expect(inside).toBeLessThan(3_072 + 128)
  pool.answered(inside)
  expect(thread.batches.length).toBeGreaterThan(0)
})
