import { anna, operator, pointsScene, rival } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const args = { programId: 'program_city', to: 'account_bobo', amount: '5' }

test.each<[string, typeof anna, object, string]>([
  ['by a resident', anna, {}, 'not_a_points_operator'],
  ['in no programme', operator, { programId: 'program_none' }, 'program_not_found'],
  ['by the operator of another programme', rival, {}, 'not_the_program_operator'],
  ['to no account', operator, { to: 'account_none' }, 'account_not_found'],
  ['to an account of another programme', operator, { to: 'account_anna-campus' }, 'books_differ'],
  ['to an account of the programme', operator, {}, 'transferred issued'],
])('issue: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, 'points.issue', { ...args, ...change }))).toBe(outcome)
})

test('issue: who loses the role issues nothing more', () => {
  const city = pointsScene()
  city.decide({ kind: 'freezeRole', role: 'points_operator', did: operator.did })
  expect(city.act(operator.did, 'points.issue', args)).toBe('not_a_points_operator')
})
