import { anna, bo, pointsScene } from '@chengxin/testkit/points-scene'
import { cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const expiresAtMs = cityStartMs + dayMs
const args = { holdId: 'hold_0001', from: 'account_anna', to: 'account_bobo', amount: '60', expiresAtMs }

test.each<[string, typeof anna, object, string]>([
  ['from no account', anna, { from: 'account_none' }, 'account_not_found'],
  ['for the issuing account', anna, { to: 'account_city-issuing' }, 'account_is_issuing'],
  ['by somebody else', bo, {}, 'not_the_account_owner'],
  ['of more than there is', anna, { amount: '101' }, 'balance_too_low'],
  ['by the owner', anna, {}, 'held'],
])('hold: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, 'points.hold', { ...args, ...change }))).toBe(outcome)
})

function sceneWithHold() {
  const city = pointsScene()
  city.must(anna.did, 'points.hold', args)
  return city
}

test.each<[string, string, typeof anna, number, string, string]>([
  ['postHold', 'that was never made', bo, cityStartMs, 'hold_none', 'hold_not_found'],
  ['postHold', 'by the payer', anna, cityStartMs, 'hold_0001', 'not_the_account_owner'],
  ['postHold', 'by the payee, too late', bo, expiresAtMs, 'hold_0001', 'hold_expired'],
  ['postHold', 'by the payee', bo, expiresAtMs - 1, 'hold_0001', 'holdPosted'],
  ['voidHold', 'that was never made', bo, cityStartMs, 'hold_none', 'hold_not_found'],
  ['voidHold', 'by the payer, while it lasts', anna, expiresAtMs - 1, 'hold_0001', 'not_the_account_owner'],
  ['voidHold', 'by the payee', bo, cityStartMs, 'hold_0001', 'holdVoided'],
  ['voidHold', 'by the payer, once it has expired', anna, expiresAtMs, 'hold_0001', 'holdVoided'],
])('%s: %s', (verb, _case, signer, timeMs, holdId, outcome) => {
  const city = sceneWithHold()
  city.passTo(timeMs)
  expect(outcomeOf(city.act(signer.did, `points.${verb}`, { holdId }))).toBe(outcome)
})

test('postHold: part of it, and the rest can be spent', () => {
  const city = sceneWithHold()
  city.must(bo.did, 'points.postHold', { holdId: 'hold_0001', amount: '20' })
  const rest = { from: 'account_anna', to: 'account_bobo', amount: '80' }
  expect(outcomeOf(city.act(anna.did, 'points.transfer', rest))).toBe('transferred')
})
