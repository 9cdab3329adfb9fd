import { expect, test } from 'vitest'
import { domainOf, summarise } from './summary.ts'

test('equal actions are counted, in the order of first use', () => {
  expect(summarise(['points.transfer', 'identity.create', 'points.transfer'])).toEqual([
    { type: 'points.transfer', count: 2 },
    { type: 'identity.create', count: 1 },
  ])
  expect(summarise([])).toEqual([])
})

test('the domain is what stands before the dot', () => {
  expect(domainOf('credentials.anchorBatch')).toBe('credentials')
})
