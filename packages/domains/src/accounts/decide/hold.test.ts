import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const args = {
  holdId: 'hold_0001',
  from: 'account_anna',
  to: 'account_bobo',
  amount: 60n,
  expiresAtMs: cityStartMs + dayMs,
}

test.each<[string, object, Partial<Caller>, string]>([
  ['from no account', { from: 'account_none' }, {}, 'account_not_found'],
  ['for itself', { to: 'account_anna' }, {}, 'same_account'],
  ['by another domain', {}, { domain: 'thief' }, 'not_the_controller'],
  ['into another book', { to: 'account_foreign' }, {}, 'books_differ'],
  ['that has expired', { expiresAtMs: cityStartMs }, {}, 'hold_ends_in_past'],
  ['of more than there is', { amount: 101n }, {}, 'balance_too_low'],
  ['of all there is', { amount: 100n }, {}, 'held'],
])('hold: %s', (_case, change, caller, outcome) => {
  const { run } = accountsScene()
  const changed = { ...args, ...change }
  expect(outcomeOf(run('hold', changed, changed.from, caller))).toBe(outcome)
})

test('hold: an id names one hold, also after it is gone', () => {
  const { run } = accountsScene()
  run('hold', args, args.from)
  expect(run('hold', args, args.from)).toBe('hold_already_exists')
  run('voidHold', { holdId: args.holdId }, args.from)
  expect(run('hold', args, args.from)).toBe('hold_already_exists')
})

test('hold: what is held cannot be spent or held again', () => {
  const { run } = accountsScene()
  run('hold', args, args.from)
  expect(run('transfer', { from: args.from, to: args.to, amount: 41n }, args.from)).toBe('balance_too_low')
  expect(run('hold', { ...args, holdId: 'hold_0002', amount: 41n }, args.from)).toBe('balance_too_low')
  expect(outcomeOf(run('transfer', { from: args.from, to: args.to, amount: 40n }, args.from))).toBe('transferred')
})
