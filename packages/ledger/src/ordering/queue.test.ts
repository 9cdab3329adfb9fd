import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TransactionQueue, type Waiting } from './queue.ts'

let ids = 0
const waitingOf = (sponsor: string, bytes = 10): Waiting<number> => ({
  jws: 'x'.repeat(bytes),
  id: `id-${++ids}`,
  sponsor,
  notAfterMs: 1_000,
  tickets: [ids],
})

const add = (queue: TransactionQueue<number>, sponsor: string, count: number, bytes?: number) =>
  Array.from({ length: count }, () => queue.add(waitingOf(sponsor, bytes))?.refused ?? 'queued')

describe('a queue', () => {
  test('gives one sponsor most of the room while nobody else waits, and half of it otherwise', () => {
    const queue = new TransactionQueue<number>({ transactions: 16, bytes: 10_000 })
    expect(add(queue, 'harbour', 16)).toEqual([...Array(14).fill('queued'), 'sponsor_quota', 'sponsor_quota'])
    expect(add(queue, 'school', 3)).toEqual(['queued', 'queued', 'queue_full'])
    queue.remove(queue.candidates({ transactions: 10, bytes: 10_000 }))
    expect(queue.size).toBe(6)
    expect(add(queue, 'harbour', 9).filter((code) => code === 'queued').length).toBeLessThanOrEqual(8)
  })

  test('counts bytes as well', () => {
    const queue = new TransactionQueue<number>({ transactions: 100, bytes: 800 })
    expect(add(queue, 'harbour', 9, 100)).toEqual([...Array(7).fill('queued'), 'sponsor_quota', 'sponsor_quota'])
    expect(add(queue, 'school', 2, 100)).toEqual(['queued', 'queue_full'])
  })

  test('puts into a block what came first, and half of it at most for one sponsor while others wait', () => {
    const queue = new TransactionQueue<number>({ transactions: 100, bytes: 100_000 })
    const flood = Array.from({ length: 30 }, () => waitingOf('harbour'))
    const few = Array.from({ length: 3 }, () => waitingOf('school'))
    for (const waiting of [...flood, ...few]) queue.add(waiting)
    const block = queue.candidates({ transactions: 10, bytes: 100_000 })
    expect(block).toEqual([...flood.slice(0, 7), ...few])
    queue.remove(block)
    expect(queue.candidates({ transactions: 10, bytes: 100_000 })).toEqual(flood.slice(7, 17))
  })

  test('finds whoever is too late, wherever it stands and whoever has left', () => {
    const step = fc.oneof(
      fc.record({ notAfterMs: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ atMs: fc.integer({ min: 0, max: 45 }), leave: fc.boolean() }),
      fc.record({ removed: fc.nat(30) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new TransactionQueue<number>({ transactions: 1_000, bytes: 100_000 })
        let queued: Waiting<number>[] = []
        for (const one of steps) {
          if ('notAfterMs' in one) {
            const waiting = { ...waitingOf('harbour'), notAfterMs: one.notAfterMs }
            if (queue.add(waiting) === undefined) queued.push(waiting)
          } else if ('atMs' in one) {
            const late = queue.expired(one.atMs)
            expect(late).toEqual(queued.filter(({ notAfterMs }) => notAfterMs <= one.atMs))
            if (!one.leave) continue
            queue.remove(late)
            queued = queued.filter((waiting) => !late.includes(waiting))
          } else {
            const [gone] = queued.splice(one.removed % Math.max(1, queued.length), 1)
            if (gone !== undefined) queue.remove([gone])
          }
          expect(queue.candidates({ transactions: Infinity, bytes: Infinity })).toEqual(queued)
        }
      }),
    )
  })

  test('holds the limits of queue and block whatever comes, loses nothing and keeps the order of each sponsor', () => {
    const arrival = fc.record({ sponsor: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 1, max: 60 }) })
    const step = fc.oneof(arrival, fc.record({ blockOf: fc.integer({ min: 1, max: 12 }) }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new TransactionQueue<number>({ transactions: 24, bytes: 600 })
        const queued: Waiting<number>[] = []
        for (const one of steps) {
          if ('sponsor' in one) {
            const waiting = waitingOf(one.sponsor, one.bytes)
            if (queue.add(waiting) === undefined) queued.push(waiting)
          } else {
            const block = queue.candidates({ transactions: one.blockOf, bytes: 200 })
            expect(block.length).toBeLessThanOrEqual(one.blockOf)
            expect(block.reduce((sum, { jws }) => sum + jws.length, 0)).toBeLessThanOrEqual(200)
            expect(block).toEqual(queued.filter((waiting) => block.includes(waiting)))
            for (const sponsor of ['a', 'b', 'c']) {
              const ofSponsor = queued.filter((waiting) => waiting.sponsor === sponsor)
              const taken = block.filter((waiting) => waiting.sponsor === sponsor)
              expect(taken).toEqual(ofSponsor.slice(0, taken.length))
            }
            if (queued.length > 0 && one.blockOf > 0) expect(block.length).toBeGreaterThan(0)
            queue.remove(block)
            for (const waiting of block) queued.splice(queued.indexOf(waiting), 1)
          }
          expect(queue.size).toBe(queued.length)
          expect(queue.size).toBeLessThanOrEqual(24)
          for (const waiting of queued) expect(queue.find(waiting.id)).toBe(waiting)
        }
      }),
    )
  })
})
