import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSnapshotDue } from './schedule.ts'

test('the first boundary of all has a snapshot, and the first of each stretch', () => {
  expect(isSnapshotDue(1_000, 5_500, undefined)).toBe(true)
  expect(isSnapshotDue(1_000, 5_999, 5_500)).toBe(false)
  expect(isSnapshotDue(1_000, 6_000, 5_999)).toBe(true)
  expect(isSnapshotDue(0, 6_000, 6_000)).toBe(true)
})

test('however close boundaries lie, there is one snapshot in each stretch that has a boundary, and no other', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5_000 }), (apart, everyMs) => {
      let timeMs = 0
      let previousMs: number | undefined
      const [seen, taken] = [new Set<number>(), [] as number[]]
      for (const step of apart) {
        timeMs += step
        seen.add(Math.floor(timeMs / everyMs))
        if (isSnapshotDue(everyMs, timeMs, previousMs)) taken.push(Math.floor(timeMs / everyMs))
        previousMs = timeMs
      }
      expect(taken).toEqual([...seen])
    }),
  )
})
