import { anna, bo, operator, pointsScene } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const args = { programId: 'program_city', from: 'account_anna', amount: '100' }

test.each<[string, typeof anna, object, string]>([
  ['in no programme', anna, { programId: 'program_none' }, 'program_not_found'],
  ['from no account', anna, { from: 'account_none' }, 'account_not_found'],
  ['from another programme', anna, { from: 'account_anna-campus' }, 'account_not_of_program'],
  ['from the issuing account', operator, { from: 'account_city-issuing' }, 'account_is_issuing'],
  ['by somebody else', bo, {}, 'not_the_account_owner'],
  ['of more than there is', anna, { amount: '101' }, 'balance_too_low'],
  ['of everything', anna, {}, 'transferred redeemed'],
])('redeem: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, 'points.redeem', { ...args, ...change }))).toBe(outcome)
})
