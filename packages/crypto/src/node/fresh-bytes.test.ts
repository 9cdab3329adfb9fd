import { toHex } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { freshBytes } from './fresh-bytes.ts'

test('no bytes are given out twice, of whatever length, and they are nobody else’s memory', () => {
  const seen = new Set<string>()
  const lengths = [12, 16, 32, 8192, 8193, 20_000]
  for (let turn = 0; turn < 3000; turn++) {
    const length = lengths[turn % 3] as number
    const bytes = freshBytes(length)
    expect(bytes.length).toBe(length)
    expect(bytes.buffer.byteLength).toBe(length)
    seen.add(toHex(bytes.subarray(0, 12)))
    bytes.fill(0)
  }
  for (const length of lengths) {
    const bytes = freshBytes(length)
    expect(bytes.length).toBe(length)
    // A page that was wiped too early would show as a run of zeros, which chance does not make.
    expect(toHex(bytes)).not.toContain('0'.repeat(32))
    seen.add(toHex(bytes.subarray(0, 12)))
  }
  expect(seen.size).toBe(3006)
})
