import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { actor } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const ownersWord = { capability: undefined, principal: actor('owner').did } as unknown as Partial<Caller>
const strangersWord = { ...ownersWord, principal: actor('anna').did }
const largest = 2n ** 63n - 1n

test.each<[string, object, Partial<Caller>, string]>([
  ['from no account', { from: 'account_none' }, {}, 'account_not_found'],
  ['to no account', { to: 'account_none' }, {}, 'account_not_found'],
  ['to itself', { to: 'account_anna' }, {}, 'same_account'],
  ['by another domain', {}, { domain: 'thief' }, 'not_the_controller'],
  ['with the capability of another account', {}, { capability: 'account_bank' }, 'not_the_controller'],
  ['by a principal, of an account that a domain moves', {}, ownersWord, 'not_the_controller'],
  ['by the domain, of an account that its owner moves', { from: 'account_owner' }, {}, 'not_the_controller'],
  ['by a stranger, of an account that its owner moves', { from: 'account_owner' }, strangersWord, 'not_the_controller'],
  ['into another book', { to: 'account_foreign' }, {}, 'books_differ'],
  ['one more than there is', { amount: 101n }, {}, 'balance_too_low'],
  ['more than can be counted', { from: 'account_bank', amount: largest }, {}, 'amount_overflow'],
  ['all there is', { amount: 100n }, {}, 'transferred'],
  ['by the owner who moves the account', { from: 'account_owner' }, ownersWord, 'transferred'],
  ['of what an account may owe', { from: 'account_bank', amount: largest - 200n }, {}, 'transferred'],
])('transfer: %s', (_case, change, caller, outcome) => {
  const { run } = accountsScene()
  const args = { from: 'account_anna', to: 'account_bobo', amount: 1n, ...change }
  expect(outcomeOf(run('transfer', args, args.from, caller))).toBe(outcome)
})

test.each(['account_anna', 'account_bobo'])('transfer: nothing moves while %s is frozen', (accountId) => {
  const { run } = accountsScene()
  run('freezeAccount', { accountId }, accountId)
  const args = { from: 'account_anna', to: 'account_bobo', amount: 1n }
  expect(run('transfer', args, 'account_anna')).toBe('account_frozen')
})

test('transfer: the event states the totals that follow', () => {
  const { run } = accountsScene()
  expect(run('transfer', { from: 'account_anna', to: 'account_bobo', amount: 30n }, 'account_anna')).toEqual([
    {
      type: 'accounts.transferred',
      amount: '30',
      creditsPosted: '30',
      debitsPosted: '30',
      from: 'account_anna',
      to: 'account_bobo',
    },
  ])
})
