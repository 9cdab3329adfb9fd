import { expect, test } from 'vitest'
import { plainId } from './plain-id.ts'

test.each([
  ['member_city_office', 'City office'],
  ['program_city-points', 'City points'],
  ['points_operator', 'Points operator'],
  ['type_degree', 'Degree'],
  // A word that is no prefix of ids stays.
  ['library_card', 'Library card'],
  ['member_', 'Member '],
])('%s is called %s', (id, name) => {
  expect(plainId(id)).toBe(name)
})
