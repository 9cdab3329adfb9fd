import { anna, operator, pointsScene, rival } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const args = { programId: 'program_city', accountId: 'account_anna' }

test.each<[string, string, typeof anna, object, string]>([
  ['freezeAccount', 'by a resident', anna, {}, 'not_a_points_operator'],
  ['freezeAccount', 'in no programme', operator, { programId: 'program_none' }, 'program_not_found'],
  ['freezeAccount', 'by the operator of another programme', rival, {}, 'not_the_program_operator'],
  ['freezeAccount', 'no account', operator, { accountId: 'account_none' }, 'account_not_found'],
  ['freezeAccount', 'of another programme', operator, { accountId: 'account_anna-campus' }, 'account_not_of_program'],
  ['freezeAccount', 'by the operator', operator, {}, 'accountFrozen'],
  ['unfreezeAccount', 'by a resident', anna, {}, 'not_a_points_operator'],
  ['unfreezeAccount', 'that is not frozen', operator, {}, 'account_not_frozen'],
])('%s: %s', (verb, _case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, `points.${verb}`, { ...args, ...change }))).toBe(outcome)
})

test('freezeAccount: nothing moves until it is lifted', () => {
  const city = pointsScene()
  const transfer = { from: 'account_anna', to: 'account_bobo', amount: '1' }
  city.must(operator.did, 'points.freezeAccount', args)
  expect(city.act(anna.did, 'points.transfer', transfer)).toBe('account_frozen')
  city.must(operator.did, 'points.unfreezeAccount', args)
  expect(outcomeOf(city.act(anna.did, 'points.transfer', transfer))).toBe('transferred')
})
