import { expect, test } from 'vitest'
import { createCommitPace } from './commit-pace.ts'

test('the first commit waits for nobody', () => {
  expect(createCommitPace().waitMs(1000)).toBe(0)
})

test('after a commit there is twice its time to gather in, and no more than twenty milliseconds', () => {
  const pace = createCommitPace()
  pace.committed(3, 100, 104)
  expect(pace.waitMs(105)).toBe(7)
  expect(pace.waitMs(111.5)).toBe(0)
  expect(pace.waitMs(200)).toBe(0)
  pace.committed(3, 300, 400)
  expect(pace.waitMs(400)).toBe(20)
})

test('a writer who waits for each of its changes is slowed down once in a while, and company brings the rests back', () => {
  const pace = createCommitPace()
  let nowMs = 0
  const commit = (changes: number) => {
    const waited = pace.waitMs(nowMs)
    pace.committed(changes, nowMs + waited, nowMs + waited + 4)
    nowMs += waited + 4
    return waited
  }
  const alone = Array.from({ length: 90 }, () => commit(1))
  expect(alone.filter((waited) => waited > 0).length).toBe(3)
  expect(commit(2)).toBe(0)
  expect([commit(2), commit(5), commit(2)]).toEqual([8, 8, 8])
})
