/** Each invariant of the simulation is seen broken by a member that is wrong on purpose, and by none that is right. */
import { describe, expect, test } from 'vitest'
import { plantedFaults } from './faults.ts'
import { type Invariant, invariants } from './invariants.ts'
import { simulate } from './simulate.ts'

/** A fault that shows in none of so many histories is one that the simulation does not see. */
const histories = 120

describe('a member that', () => {
  test.each(plantedFaults)('$name', { timeout: 300_000 }, ({ at, breaks, make, alwaysJoins = false }) => {
    const faults = (member: number) => (at === 'all' || member === 1 ? make() : undefined)
    const { failure } = simulate({ seed: 'faults', histories, faults, alwaysJoins, isShortened: false })
    expect(breaks).toContain(failure?.broken.invariant)
  })
})

test('every invariant has a fault that breaks it and no other', () => {
  const broken = new Set(plantedFaults.flatMap(({ breaks }) => (breaks.length === 1 ? breaks : [])))
  const unseen = (Object.keys(invariants) as Invariant[]).filter((invariant) => !broken.has(invariant))
  expect(unseen).toEqual([])
})

test('members that are right break nothing', { timeout: 120_000 }, () => {
  const { sum, failure } = simulate({ seed: 'faults', histories: 25 })
  expect(failure?.broken.message).toBeUndefined()
  expect(sum.histories).toBe(25)
})
