import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const expiresAtMs = cityStartMs + dayMs

function sceneWithHold() {
  const scene = accountsScene()
  const hold = { holdId: 'hold_0001', from: 'account_anna', to: 'account_bobo', amount: 60n, expiresAtMs }
  scene.run('hold', hold, 'account_anna')
  return scene
}

test.each<[string, object, Partial<Caller>, string]>([
  ['that was never made', { holdId: 'hold_none' }, {}, 'hold_not_found'],
  ['by another domain', {}, { domain: 'thief' }, 'not_the_controller'],
  ['with the payee’s capability', {}, { capability: 'account_bobo' }, 'not_the_controller'],
  ['for more than is held', { amount: 61n }, {}, 'amount_above_hold'],
  ['for part of it', { amount: 20n }, {}, 'holdPosted'],
  ['for all of it', {}, {}, 'holdPosted'],
])('postHold: %s', (_case, change, caller, outcome) => {
  const { run } = sceneWithHold()
  expect(outcomeOf(run('postHold', { holdId: 'hold_0001', ...change }, 'account_anna', caller))).toBe(outcome)
})

test('postHold: once', () => {
  const { run } = sceneWithHold()
  run('postHold', { holdId: 'hold_0001', amount: 1n }, 'account_anna')
  expect(run('postHold', { holdId: 'hold_0001', amount: 1n }, 'account_anna')).toBe('hold_not_pending')
})

test('postHold: until it expires, the last millisecond left out', () => {
  const { city, run } = sceneWithHold()
  city.passTo(expiresAtMs)
  expect(run('postHold', { holdId: 'hold_0001' }, 'account_anna')).toBe('hold_expired')
})

test.each(['account_anna', 'account_bobo'])('postHold: not while %s is frozen', (accountId) => {
  const { run } = sceneWithHold()
  run('freezeAccount', { accountId }, accountId)
  expect(run('postHold', { holdId: 'hold_0001' }, 'account_anna')).toBe('account_frozen')
})

test('postHold: what is not posted is free again', () => {
  const { city, run } = sceneWithHold()
  run('postHold', { holdId: 'hold_0001', amount: 20n }, 'account_anna')
  expect(JSON.parse(city.rows().get('accounts/balances/account_anna') ?? '')).toMatchObject({
    creditsPosted: '100',
    debitsPosted: '20',
    debitsPending: '0',
  })
  expect(JSON.parse(city.rows().get('accounts/balances/account_bobo') ?? '')).toMatchObject({
    creditsPosted: '20',
    creditsPending: '0',
  })
})
