import { accountsScene, type Caller } from '@chengxin/testkit/accounts-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

test.each<[string, string, string, string]>([
  ['of a taken name', 'book_till', 'book_till', 'book_already_exists'],
  ['with the capability of another book', 'book_shop', 'book_till', 'not_the_controller'],
  ['of its own', 'book_shop', 'book_shop', 'bookOpened'],
])('openBook: %s', (_case, bookId, capability, outcome) => {
  const { run } = accountsScene()
  expect(outcomeOf(run('openBook', { bookId, unit: 'MOP' }, capability))).toBe(outcome)
})

test('openBook: nobody but a domain opens a book', () => {
  const { city, run } = accountsScene()
  const noCapability = { capability: undefined } as unknown as Partial<Caller>
  expect(run('openBook', { bookId: 'book_shop', unit: 'MOP' }, '', noCapability)).toBe('not_the_controller')
  expect(city.rows().has('accounts/books/book_shop')).toBe(false)
})
