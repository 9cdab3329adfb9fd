import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { actor } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

test.each<[string, object, string, Partial<Caller>, string]>([
  ['in no book', { bookId: 'book_none' }, 'book_none', {}, 'book_not_found'],
  ['of a taken name', { accountId: 'account_anna' }, 'book_till', {}, 'account_already_exists'],
  ['by another domain', {}, 'book_till', { domain: 'thief' }, 'not_the_controller'],
  ['with the capability of another book', {}, 'book_foreign', {}, 'not_the_controller'],
  ['in a book of the domain', {}, 'book_till', {}, 'accountOpened'],
])('openAccount: %s', (_case, change, capability, caller, outcome) => {
  const { run } = accountsScene()
  const account = { accountId: 'account_carl', bookId: 'book_till', owner: actor('carl').did, movedBy: 'domain' }
  const args = { ...account, limit: 'none', ...change }
  expect(outcomeOf(run('openAccount', args, capability, caller))).toBe(outcome)
})
