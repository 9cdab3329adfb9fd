import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

test.each<[string, string, string, Partial<Caller>, string]>([
  ['freezeAccount', 'no account', 'account_none', {}, 'account_not_found'],
  ['freezeAccount', 'by another domain', 'account_anna', { domain: 'thief' }, 'not_the_controller'],
  ['freezeAccount', 'of the domain', 'account_anna', {}, 'accountFrozen'],
  ['freezeAccount', 'moved by its owner, by the domain', 'account_owner', {}, 'accountFrozen'],
  ['unfreezeAccount', 'no account', 'account_none', {}, 'account_not_found'],
  ['unfreezeAccount', 'by another domain', 'account_anna', { domain: 'thief' }, 'not_the_controller'],
  ['unfreezeAccount', 'that is not frozen', 'account_anna', {}, 'account_not_frozen'],
])('%s: %s', (verb, _case, accountId, caller, outcome) => {
  const { run } = accountsScene()
  expect(outcomeOf(run(verb, { accountId }, accountId, caller))).toBe(outcome)
})

test('freezeAccount and unfreezeAccount follow each other', () => {
  const { run } = accountsScene()
  const args = { accountId: 'account_anna' }
  expect(outcomeOf(run('freezeAccount', args, 'account_anna'))).toBe('accountFrozen')
  expect(run('freezeAccount', args, 'account_anna')).toBe('account_frozen')
  expect(outcomeOf(run('unfreezeAccount', args, 'account_anna'))).toBe('accountUnfrozen')
  expect(run('unfreezeAccount', args, 'account_anna')).toBe('account_not_frozen')
})
