/** Whom a member's engine lets in, by what the rules say now and have said. */
import { expect, test } from 'vitest'
import { tillGenesis } from '../testing/till-group.ts'
import { peerFilter } from './consensus.ts'

const id = (letter: string) => letter.repeat(40)
const listed = (...letters: readonly string[]) =>
  letters.map((one) => Buffer.from(id(one), 'hex').toString('base64url'))
const [first] = tillGenesis.members as [(typeof tillGenesis.members)[number]]
const founders = listed('a', 'b').map((peerId) => ({ ...first, peerId }))
const known = ['a', 'b', 'c', 'd'].map(id)

function filterOver(...atFirst: readonly string[]) {
  let now = atFirst
  const { admitsId, engines } = peerFilter(known, founders, () => ({ peers: () => listed(...now) }))
  return {
    admits: (letter: string) => admitsId(id(letter)),
    former: () =>
      engines()
        .former.map((one) => one[0])
        .join(''),
    lists: (...letters: readonly string[]) => void (now = letters),
  }
}

test('members are let in, and those that this member was told to connect to', () => {
  const { admits } = filterOver('a', 'b', 'e')
  expect(['a', 'b', 'e', 'c', 'd', 'f'].map(admits)).toEqual([true, true, true, true, true, false])
})

test('who is a member no more is let in no more, whatever this member was told', () => {
  const { admits, lists } = filterOver('a', 'b', 'c')
  expect(admits('c')).toBe(true)
  lists('a')
  expect(['a', 'b', 'c', 'd'].map(admits)).toEqual([true, false, false, true])
  lists('a', 'b')
  expect(admits('b')).toBe(true)
})

test('who was a member once is known until it is one again', () => {
  const { former, lists } = filterOver('a', 'b', 'e')
  expect(former()).toBe('')
  lists('a')
  expect(former()).toBe('be')
  lists('a', 'e')
  expect(former()).toBe('b')
  expect(filterOver('c').former()).toBe('ab')
})

test('a founder that was removed before this process began is not let in', () => {
  expect(filterOver('b').admits('a')).toBe(false)
})

test('rules that list nobody leave it to what this member was told', () => {
  const { admitsId, engines } = peerFilter(known, [first], () => undefined)
  expect(engines()).toEqual({ listed: [], former: [] })
  expect([admitsId(id('a')), admitsId(id('e'))]).toEqual([true, false])
})
