import { limits } from '@chengxin/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTillDisk, type TillApplication, type TillDisk } from '../testing/till-application.ts'
import { ann, payIn, signActions } from '../testing/till-group.ts'
import { RecalledNonces } from './recalled-nonces.ts'

let disk: TillDisk
let till: TillApplication

beforeEach(() => {
  disk = makeTillDisk()
  till = disk.open()
  till.application.initChain()
})
afterEach(() => disk.remove())

function run(timeMs: number, count: number): readonly string[] {
  const { height = 0 } = till.executor.head ?? {}
  const transactions = Array.from({ length: count }, () => signActions(ann, [payIn(1n)], { notAfter: timeMs + 60_000 }))
  const { results } = till.application.finalizeBlock({ height: height + 1, timeMs, transactions })
  till.application.commit()
  expect(results.map(({ code }) => code)).toEqual(transactions.map(() => 'ok'))
  return transactions
}

/** What a block of these comes to, and how often the store was asked for a nonce. */
function runAgain(timeMs: number, transactions: readonly string[]) {
  let asked = 0
  const { usedNonce } = till.store
  till.store.usedNonce = (key) => {
    asked++
    return usedNonce.call(till.store, key)
  }
  const { height = 0 } = till.executor.head ?? {}
  const { results } = till.application.finalizeBlock({ height: height + 1, timeMs, transactions })
  till.application.commit()
  return { codes: results.map(({ code }) => code), asked }
}

test('after a start new nonces are known to be new, and used ones to be used', () => {
  const startMs = till.executor.head?.timeMs ?? 0
  const used = [...run(startMs + 1_000, 3), ...run(startMs + 2_000, 2)]
  till = disk.open()
  const fresh = Array.from({ length: 50 }, () => signActions(ann, [payIn(1n)], { notAfter: startMs + 60_000 }))
  const { codes, asked } = runAgain(startMs + 3_000, [...used, ...fresh])
  expect(codes.slice(0, used.length)).not.toContain('ok')
  expect(new Set(codes.slice(used.length))).toEqual(new Set(['ok']))
  expect(asked).toBeLessThanOrEqual(used.length)
})

test('blocks are read backwards, a few leaves at a time, until none of their nonces counts', () => {
  const startMs = till.executor.head?.timeMs ?? 0
  const later = startMs + limits.notAfterAheadMs
  for (const [timeMs, count] of [
    [startMs + 1_000, 3],
    [later, 2],
    [later + 500, 0],
    [later + 900, 4],
  ] as const)
    run(timeMs, count)
  const { height = 0 } = till.executor.head ?? {}
  const recalled = new RecalledNonces(till.store, height)
  expect(recalled.next(1, later + 1_000)).toMatchObject({ nonceKeys: { length: 4 }, reached: 'some' })
  expect(recalled.next(100, later + 1_000)).toMatchObject({ nonceKeys: { length: 2 }, reached: 'all' })
  const all = new RecalledNonces(till.store, height)
  expect(all.next(100, later + 999)).toMatchObject({ nonceKeys: { length: 9 }, reached: 'all' })
})

test('a log that cannot be read leaves the store to be asked', () => {
  const missing = new RecalledNonces({ block: () => undefined }, 5)
  expect(missing.next(10, 0)).toEqual({ nonceKeys: [], reached: 'unreadable' })
})
