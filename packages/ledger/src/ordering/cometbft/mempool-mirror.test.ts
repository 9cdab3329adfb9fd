import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MempoolMirror, transactionIdOf } from './mempool-mirror.ts'
import { packParcel } from './parcel.ts'

const queue = { transactions: 40, bytes: 4_000 }
const good = () => true

/** Texts of a hundred letters, which the mirror cannot tell from transactions. */
const text = (name: string) => `${name.padEnd(97, '_')}.s.`
const texts = (prefix: string, count: number) =>
  Array.from({ length: count }, (_unused, index) => text(`${prefix}${index}`))

const lineOf = (transaction: string, sponsor = 'member_one', notAfterMs = 1_000) => ({
  transaction,
  answer: { code: 'ok', id: transactionIdOf(transaction), sponsor, notAfterMs },
})

function judge(mirror: MempoolMirror, transactions: readonly string[], sponsor?: string, isOwn = false) {
  const answers = mirror.judgeParcel(
    packParcel(transactions),
    transactions.map((one) => lineOf(one, sponsor)),
    isOwn,
  )
  return answers.map(({ code }) => code)
}

const block = (transactions: readonly string[], timeMs = 1) => ({ height: 1, timeMs, transactions })

describe('parcels in the mirror of a mempool', () => {
  test('one is kept while any of it waits, and what waits is proposed transaction by transaction', () => {
    const mirror = new MempoolMirror(queue)
    const parts = texts('a', 4)
    const parcel = packParcel(parts)
    expect(judge(mirror, parts)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(mirror.candidates([parcel], 10_000)).toEqual(parts)
    mirror.settle(block(parts.slice(0, 3)))
    expect(mirror.recheckParcel(parcel, good)).toBe(true)
    expect(mirror.candidates([parcel], 10_000)).toEqual(parts.slice(3))
    mirror.settle(block(parts.slice(3)))
    expect(mirror.recheckParcel(parcel, good)).toBe(false)
  })

  test('what has become bad while it waited leaves with its parcel', () => {
    const mirror = new MempoolMirror(queue)
    const parts = texts('a', 2)
    judge(mirror, parts)
    expect(mirror.recheckParcel(packParcel(parts), () => false)).toBe(false)
    expect(mirror.candidates([], 10_000)).toEqual([])
  })

  test('what waits already does not enter the engine again in other company', () => {
    const mirror = new MempoolMirror(queue)
    const parts = texts('a', 6)
    judge(mirror, parts)
    expect(judge(mirror, parts.toReversed())).toEqual(Array(6).fill('already_waiting'))
    // Little that is new must come by itself; much may bring some of the old along.
    expect(judge(mirror, [...parts, text('b')])).toEqual([...Array(6).fill('already_waiting'), 'send_alone'])
    expect(mirror.size).toBe(6)
    expect(judge(mirror, [...parts.slice(0, 2), ...texts('c', 3)])).toEqual([
      'already_waiting',
      'already_waiting',
      'ok',
      'ok',
      'ok',
    ])
    expect(mirror.size).toBe(9)
  })

  test('another engine is handed the same again', () => {
    const mirror = new MempoolMirror(queue)
    const parts = texts('a', 3)
    judge(mirror, parts)
    mirror.forgetParcels()
    expect(mirror.recheckParcel(packParcel(parts), good)).toBe(false)
    expect(judge(mirror, parts)).toEqual(['ok', 'ok', 'ok'])
    expect(mirror.size).toBe(3)
  })

  test('a share that is used up takes what has room and refuses the rest by name', () => {
    const mirror = new MempoolMirror(queue)
    judge(mirror, [text('x')], 'member_two')
    const codes = judge(mirror, texts('a', 30))
    expect(new Set(codes.slice(0, 19))).toEqual(new Set(['ok']))
    expect(new Set(codes.slice(20))).toEqual(new Set(['sponsor_quota']))
    expect(judge(mirror, texts('b', 2), 'member_two')).toEqual(['ok', 'ok'])
  })

  test('one that was packed here is kept whole, or nothing of it travels', () => {
    const mirror = new MempoolMirror(queue)
    judge(mirror, [text('x')], 'member_two')
    const parts = texts('a', 30)
    const codes = judge(mirror, parts, 'member_one', true)
    expect(new Set(codes.slice(0, 19))).toEqual(new Set(['send_alone']))
    expect(new Set(codes.slice(20))).toEqual(new Set(['sponsor_quota']))
    expect(mirror.size).toBe(1)
    expect(mirror.recheckParcel(packParcel(parts), good)).toBe(false)
    expect(judge(mirror, parts.slice(0, 15), 'member_one', true)).toEqual(Array(15).fill('ok'))
    // What another member has brought meanwhile does not hold the rest back.
    expect(judge(mirror, [...parts.slice(10, 15), ...texts('b', 6)], 'member_two', true)).toEqual(
      Array(11).fill('already_waiting').fill('ok', 5),
    )
  })

  test('where parcels crowd the engine, one that is mostly done is let go and may be proposed still', () => {
    const mirror = new MempoolMirror({ transactions: 1_000, bytes: 4_000 })
    const parcels = [texts('a', 10), texts('b', 10), texts('c', 10), texts('d', 10), texts('e', 4)]
    for (const parts of parcels) {
      expect(new Set(judge(mirror, parts))).toEqual(new Set(['ok']))
      mirror.settle(block(parts.slice(0, -2)))
    }
    const first = parcels[0] ?? []
    expect(mirror.recheckParcel(packParcel(first), good)).toBe(false)
    expect(mirror.candidates([], 100_000)).toEqual(expect.arrayContaining(first.slice(-2)))
    // There is room now, so the next one may stay.
    expect(mirror.recheckParcel(packParcel(parcels[1] ?? []), good)).toBe(true)
  })

  test('what has left leaves nothing behind, whether the engine asks about it again or not', () => {
    const step = fc.record({
      first: fc.nat(60),
      count: fc.integer({ min: 1, max: 12 }),
      act: fc.constantFrom('judge', 'settle', 'recheck', 'spoil', 'forget'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const mirror = new MempoolMirror(queue)
        for (const { first, count, act } of steps) {
          const parts = Array.from({ length: count }, (_unused, index) => text(`p${first + index}`))
          const parcel = packParcel(parts)
          if (act === 'judge') judge(mirror, parts)
          else if (act === 'settle') mirror.settle(block(parts))
          else if (act === 'forget') mirror.forgetParcels()
          else mirror.recheckParcel(parcel, () => act === 'recheck')
          expect(mirror.size).toBe(new Set(mirror.candidates([], 100_000)).size)
        }
        // Everything is too late at last: a mirror that held on to a parcel would have no room for this one.
        mirror.settle(block([], 10_000))
        expect(mirror.size).toBe(0)
        for (let round = 0; round < 3; round++) {
          const parts = texts(`fresh${round}-`, 30)
          expect(new Set(judge(mirror, parts))).toEqual(new Set(['ok']))
          mirror.settle(block(parts, 10_001))
        }
      }),
    )
  })
})
