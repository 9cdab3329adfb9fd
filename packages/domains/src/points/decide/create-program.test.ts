import { anna, operator, pointsScene } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { accountsTransactions } from '../../accounts/schema.ts'
import { pointsReads } from '../reads.ts'

const args = { programId: 'program_mall', unit: 'MALL', issuingAccountId: 'account_mall' }

test.each<[string, typeof anna, object, string]>([
  ['by a resident', anna, {}, 'not_a_points_operator'],
  ['of a taken name', operator, { programId: 'program_city' }, 'program_already_exists'],
  ['with a taken account', operator, { issuingAccountId: 'account_anna' }, 'account_already_exists'],
  ['by an operator', operator, {}, 'bookOpened accountOpened programCreated'],
])('createProgram: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(pointsScene().act(signer.did, 'points.createProgram', { ...args, ...change }))).toBe(outcome)
})

test('createProgram: a refusal by accounts leaves no book behind', () => {
  const city = pointsScene()
  city.act(operator.did, 'points.createProgram', { ...args, issuingAccountId: 'account_anna' })
  expect([...city.rows().keys()].filter((key) => key.includes('mall'))).toEqual([])
})

test('createProgram: another domain’s book of that name is in the way', () => {
  const city = pointsScene()
  const [openBook] = accountsTransactions
  city.runAs({ domain: 'funds', capability: 'book_mall', principal: anna.did }, openBook, {
    bookId: 'book_mall',
    unit: 'MOP',
  })
  expect(city.act(operator.did, 'points.createProgram', args)).toBe('book_already_exists')
})

test('createProgram: other domains can ask for it', () => {
  const city = pointsScene()
  city.must(operator.did, 'points.createProgram', args)
  const { unit, issuingAccountId } = args
  const expected = { bookId: 'book_mall', issuingAccountId, operator: operator.did, unit }
  expect(city.reads(pointsReads).program('program_mall')).toEqual(expected)
  expect(city.reads(pointsReads).program('program_none')).toBeUndefined()
})
