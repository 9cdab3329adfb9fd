import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundariesApart, isSnapshotDue } from './schedule.ts'

test('a short log has a snapshot at each boundary, a long one at few', () => {
  expect([1, 8, 15, 16, 31, 32, 122, 1_220].map(boundariesApart)).toEqual([1, 1, 1, 2, 2, 4, 8, 128])
  expect(isSnapshotDue(8_192, 8_000, 8_192)).toBe(true)
  expect(isSnapshotDue(8_192, 8_192, 8_193)).toBe(false)
  expect(isSnapshotDue(8_192, 16 * 8_192, 17 * 8_192)).toBe(false)
  expect(isSnapshotDue(8_192, 17 * 8_192, 18 * 8_192)).toBe(true)
})

test('however blocks are cut, the log grows by little more than an eighth between two snapshots', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 50, maxLength: 400 }), (blocks) => {
      const every = 16
      let [size, last] = [0, 0]
      for (const count of blocks) {
        if (isSnapshotDue(every, size, size + count)) last = size + count
        size += count
        expect(size - last).toBeLessThanOrEqual(size / 8 + every + 40)
      }
    }),
  )
})
