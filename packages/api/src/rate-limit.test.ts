import { expect, test } from 'vitest'
import { bucketOf, createRateLimit, isLoopback } from './rate-limit.ts'

test('tokens come back with time, never more than fit', () => {
  const limit = createRateLimit(2, 3)
  const take = (nowMs: number) => limit.take('203.0.113.1', nowMs)
  expect([take(0), take(0), take(0)]).toEqual([undefined, undefined, undefined])
  expect(take(0)).toBe(500)
  expect(take(250)).toBe(250)
  expect(take(500)).toBeUndefined()
  expect([take(60_000), take(60_000), take(60_000), take(60_000)]).toEqual([undefined, undefined, undefined, 500])
  // A clock that is set back gives nothing and takes nothing.
  expect(take(1)).toBe(500)
})

test('only so many addresses are remembered', () => {
  const limit = createRateLimit(1, 1)
  expect(limit.take('first', 0)).toBeUndefined()
  for (let index = 0; index < 20_000; index++) expect(limit.take(`address ${index}`, 0)).toBeUndefined()
  expect(limit.take('first', 0)).toBeUndefined()
})

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['::ffff:203.0.113.9', '::ffff:203.0.113.9'],
])('%s is counted as %s', (address, bucket) => {
  expect(bucketOf(address)).toBe(bucket)
})

test('this machine', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true])
  expect(['128.0.0.1', '::2', '10.0.0.1'].map(isLoopback)).toEqual([false, false, false])
})
