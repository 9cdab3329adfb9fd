import { expect, test } from 'vitest'
import { isDelegable, scopeCovers } from './scope.ts'

test.each<[readonly string[], string, boolean]>([
  [[], 'points.transfer', false],
  [['points.transfer'], 'points.transfer', true],
  [['points.transfer'], 'points.hold', false],
  [['points.*'], 'points.hold', true],
  [['points.*'], 'pointsmore.hold', false],
  [['accounts.*', 'points.hold'], 'points.hold', true],
  // Should such a scope ever stand in state, it still covers nothing.
  [['identity.*', 'identity.addKey'], 'identity.addKey', false],
  [['governance.*'], 'governance.approveChange', false],
])('%j covers %s: %s', (scope, type, covered) => {
  expect(scopeCovers(scope, type)).toBe(covered)
})

test('acts of identity and governance are never delegable, others are', () => {
  expect(['identity.*', 'identity.addKey', 'governance.approveChange', 'points.*'].map(isDelegable)).toEqual([
    false,
    false,
    false,
    true,
  ])
})
