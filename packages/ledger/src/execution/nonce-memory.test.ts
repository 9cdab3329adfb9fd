import { limits } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UsedNonce } from '../storage/face.ts'
import { NonceMemory } from './nonce-memory.ts'

function makeStore() {
  const used = new Map<string, UsedNonce>()
  let asked = 0
  const source = {
    usedNonce: (key: string) => {
      asked++
      return used.get(key)
    },
  }
  return { used, source, asked: () => asked }
}

const use = (untilMs: number): UsedNonce => ({ transactionId: new Uint8Array(32), leafIndex: 0, untilMs })

test('never takes a used nonce for a new one, whenever it was used', () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: limits.notAfterAheadMs }),
    ahead: fc.integer({ min: 1, max: limits.notAfterAheadMs }),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const { used, source } = makeStore()
      const memory = new NonceMemory(source, 1_000, true)
      let nowMs = 1_000
      for (const [index, { wait, ahead }] of steps.entries()) {
        nowMs += wait
        const key = `did:weid:test:0x${'0'.repeat(40)} nonce-${index}`
        expect(memory.usedAt(key, nowMs)).toBeUndefined()
        used.set(key, use(nowMs + ahead))
        memory.settle([key], nowMs)
        for (const [known, { untilMs }] of used) expect(memory.usedAt(known, nowMs) !== undefined).toBe(untilMs > nowMs)
      }
    }),
    { numRuns: 30 },
  )
})

test('asks the store about everything until what an earlier process saw has expired, then about almost nothing', () => {
  const { used, source, asked } = makeStore()
  used.set('did old-nonce', use(1_000 + limits.notAfterAheadMs))
  const memory = new NonceMemory(source, 1_000, false)
  expect(memory.usedAt('did old-nonce', 1_001)).toBeDefined()
  const end = 1_000 + limits.notAfterAheadMs
  expect(memory.usedAt('did old-nonce', end - 1)).toBeDefined()
  expect(memory.usedAt('did old-nonce', end)).toBeUndefined()
  const before = asked()
  for (let index = 0; index < 10_000; index++) memory.usedAt(`did nonce-${index}`, end + 1)
  expect(asked()).toBe(before)
  memory.settle(
    Array.from({ length: 50_000 }, (_, index) => `did settled-${index}`),
    end + 1,
  )
  for (let index = 0; index < 10_000; index++) memory.usedAt(`did nonce-${index}`, end + 1)
  expect(asked() - before).toBeLessThan(100)
})
