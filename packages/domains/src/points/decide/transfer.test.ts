import { anna, bo, operator, pointsScene } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { accountsTransactions } from '../../accounts/schema.ts'

const args = { from: 'account_anna', to: 'account_bobo', amount: '100' }

test.each<[string, typeof anna, object, string]>([
  ['from no account', anna, { from: 'account_none' }, 'account_not_found'],
  ['to no account', anna, { to: 'account_none' }, 'account_not_found'],
  ['out of the issuing account', operator, { from: 'account_city-issuing' }, 'account_is_issuing'],
  ['into the issuing account', anna, { to: 'account_city-issuing' }, 'account_is_issuing'],
  ['by somebody else', bo, {}, 'not_the_account_owner'],
  ['to itself', anna, { to: 'account_anna' }, 'same_account'],
  ['into another programme', anna, { to: 'account_anna-campus' }, 'books_differ'],
  ['one point short', anna, { amount: '101' }, 'balance_too_low'],
  ['of everything', anna, {}, 'transferred'],
])('transfer: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, 'points.transfer', { ...args, ...change }))).toBe(outcome)
})

test('transfer: accounts of other domains do not exist for points', () => {
  const city = pointsScene()
  const [openBook, openAccount] = accountsTransactions
  const caller = { domain: 'funds', capability: 'book_fund', principal: anna.did }
  city.runAs(caller, openBook, { bookId: 'book_fund', unit: 'MOP' })
  const account = { accountId: 'account_fund', bookId: 'book_fund', owner: anna.did } as const
  city.runAs(caller, openAccount, { ...account, limit: 'debits_must_not_exceed_credits', movedBy: 'domain' })
  expect(city.act(anna.did, 'points.transfer', { ...args, from: 'account_fund' })).toBe('account_not_found')
})

test('transfer: actions of one transaction see each other, and fall together', () => {
  const city = pointsScene()
  const there = { type: 'points.transfer', args }
  const back = {
    type: 'points.transfer',
    args: { from: 'account_bobo', to: 'account_anna', amount: '100' },
    for: bo.did,
  }
  const before = new Map(city.rows())
  expect(city.transact(anna.did, [there, back])).toBe('delegation_missing')
  expect(city.rows()).toEqual(before)
  expect(outcomeOf(city.transact(anna.did, [there, { ...there, args: { ...args, amount: '1' } }]))).toBe(
    'balance_too_low',
  )
  expect(city.rows()).toEqual(before)
  const halves = { ...there, args: { ...args, amount: '50' } }
  expect(outcomeOf(city.transact(anna.did, [halves, halves]))).toBe('transferred transferred')
})
