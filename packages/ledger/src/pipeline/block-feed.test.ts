import { expect, test } from 'vitest'
import { BlockFeed } from './block-feed.ts'

test('readers who leave a quiet group are forgotten before its next block', async () => {
  const feed = new BlockFeed(3, () => undefined)
  const reader = () => {
    const stop = new AbortController()
    return { stop, ended: feed.from(4, stop.signal).next() }
  }
  const staying = reader()
  const leaving = Array.from({ length: 50 }, reader)
  expect(feed.waiting).toBe(51)
  for (const { stop } of leaving) stop.abort()
  expect(feed.waiting).toBe(1)
  for (const { ended } of leaving) expect(await ended).toEqual({ done: true, value: undefined })
  staying.stop.abort()
  expect(await staying.ended).toEqual({ done: true, value: undefined })
  expect(feed.waiting).toBe(0)
})
