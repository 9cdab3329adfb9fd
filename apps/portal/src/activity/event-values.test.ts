import { describe, expect, test } from 'vitest'
import type { Format } from '../format/use-format.ts'
import { closeHanGaps, eventWord, type Names } from './event-values.ts'

const format: Format = {
  tag: 'en-GB',
  integer: (value) => `#${value}`,
  amount: (value) => `$${value}`,
  bytes: String,
  ago: String,
  shortAgo: String,
  moment: (timeMs) => `at ${timeMs}`,
  exactMoment: String,
  date: String,
  span: String,
}
const did = `did:weid:sample:0x${'ab'.repeat(20)}`
const names: Names = {
  did: (asked) => (asked === did ? 'Registrar' : undefined),
  known: (word) => (['points_operator', 'grantRole'].includes(word) ? `<${word}>` : undefined),
  type: (typeId) => `«${typeId}»`,
  member: (memberId) => `[${memberId}]`,
}
const word = (name: string, value: unknown) => eventWord(name, value, format, names)

describe('eventWord', () => {
  test.each([
    ['amount', '1200', '$1200'],
    ['did', did, 'Registrar'],
    ['did', did.replaceAll('ab', 'cd'), '0xcdcdcd…cdcdcd'],
    ['memberId', 'member_university', '[member_university]'],
    ['role', 'points_operator', '<points_operator>'],
    ['typeId', 'type_graduation-v1', '«type_graduation-v1»'],
    ['from', 'account_silva', 'account_silva'],
    ['rpId', 'localhost', 'localhost'],
    ['untilMs', 5, 'at 5'],
    ['count', 5, '#5'],
    ['seats', [1, 2, 3], '#3'],
    ['change', { kind: 'grantRole', role: 'registrar' }, '<grantRole>'],
    ['root', 'Abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE', 'Abcdefghij…-_ABCDE'.replace('-_ABCDE', '_ABCDE')],
    ['expired', true, 'true'],
  ])('%s %j is %s', (name, value, expected) => {
    expect(word(name, value)).toBe(expected)
  })
})

describe('closeHanGaps', () => {
  test('closes gaps between Han characters and their punctuation', () => {
    expect(closeHanGaps('向 大學 發放 12，由 身份證明局 負責')).toBe('向大學發放 12，由身份證明局負責')
  })
  test('keeps the gaps around letters', () => {
    expect(closeHanGaps('向 account_1 發放')).toBe('向 account_1 發放')
  })
})
