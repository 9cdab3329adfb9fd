import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const expiresAtMs = cityStartMs + dayMs
const holdId = 'hold_0001'

function sceneWithHold() {
  const scene = accountsScene()
  scene.run('hold', { holdId, from: 'account_anna', to: 'account_bobo', amount: 60n, expiresAtMs }, 'account_anna')
  return scene
}

test.each<[string, string, number, Partial<Caller>, string]>([
  ['that was never made', 'hold_none', cityStartMs, {}, 'hold_not_found'],
  ['by another domain, while it lasts', holdId, expiresAtMs - 1, { domain: 'thief' }, 'not_the_controller'],
  ['by the domain that moves the account', holdId, cityStartMs, {}, 'holdVoided'],
  ['by anyone, once it has expired', holdId, expiresAtMs, { domain: 'thief' }, 'holdVoided'],
])('voidHold: %s', (_case, id, timeMs, caller, outcome) => {
  const { city, run } = sceneWithHold()
  city.passTo(timeMs)
  expect(outcomeOf(run('voidHold', { holdId: id }, 'account_anna', caller))).toBe(outcome)
})

test('voidHold: once, and not what was posted', () => {
  const { run } = sceneWithHold()
  run('voidHold', { holdId }, 'account_anna')
  expect(run('voidHold', { holdId }, 'account_anna')).toBe('hold_not_pending')
})

test('voidHold: a frozen account lets go', () => {
  const { city, run } = sceneWithHold()
  run('freezeAccount', { accountId: 'account_anna' }, 'account_anna')
  expect(outcomeOf(run('voidHold', { holdId }, 'account_anna'))).toBe('holdVoided')
  const account: unknown = JSON.parse(city.rows().get('accounts/balances/account_anna') ?? '')
  expect(account).toMatchObject({ debitsPending: '0', debitsPosted: '0' })
})
