import { describe, expect, test } from 'vitest'
import { formatAmount, formatBytes, formatInteger } from './numbers.ts'
import { shortenDid, shortenId, shortenMiddle } from './shorten.ts'
import { formatAgo, formatSpan } from './times.ts'

describe('shortenMiddle', () => {
  test.each([
    ['short', 'short'],
    ['exactly-seventeen', 'exactly-seventeen'],
    ['one-more-than-that', 'one-more-t…n-that'],
    // Counted in characters, so that a character outside the basic plane is never cut in half.
    ['𠮷'.repeat(20), `${'𠮷'.repeat(10)}…${'𠮷'.repeat(6)}`],
  ])('%s', (text, short) => {
    expect(shortenMiddle(text)).toBe(short)
  })
})

describe('shortenDid', () => {
  test('shows the address', () => {
    expect(shortenDid(`did:weid:sample:0x${'0123456789'.repeat(4)}`)).toBe('0x012345…456789')
  })
  test('shortens what is not of our method as any text', () => {
    expect(shortenDid(`did:web:${'a'.repeat(40)}.example`)).toBe('did:web:aaaaaa…xample')
  })
})

test('shortenId keeps the word that says what is named', () => {
  expect(shortenId('account_0123456789abcdefghij')).toBe('account_01234567…efghij')
  expect(shortenId('0123456789abcdefghijklmnop')).toBe('0123456789…klmnop')
  expect(shortenId('type_degree')).toBe('type_degree')
})

describe('numbers', () => {
  test('amounts beyond 2^53 keep every digit', () => {
    expect(formatAmount('9223372036854775807', 'en-GB')).toBe('9,223,372,036,854,775,807')
  })
  test('what is no whole number is shown as it came', () => {
    expect(formatAmount('12.5', 'en-GB')).toBe('12.5')
  })
  test('four digits are grouped in Portuguese too', () => {
    expect(formatInteger(1234, 'pt-PT').replace(/\s/gu, ' ')).toBe('1 234')
  })
  test('bytes', () => {
    expect(formatBytes(2900, 'en-GB')).toBe('2.9 kB')
    expect(formatBytes(12, 'en-GB')).toBe('12 byte')
  })
})

describe('times', () => {
  const nowMs = Date.UTC(2026, 6, 1, 12)
  test.each([
    [0, 'now'],
    [-2_999, 'now'],
    [-30_000, '30 seconds ago'],
    [-61_000, '1 minute ago'],
    [-3 * 3_600_000, '3 hours ago'],
    [-26 * 3_600_000, 'yesterday'],
    [40 * 86_400_000, 'next month'],
    [3 * 365 * 86_400_000, 'in 3 years'],
  ])('%d ms is %s', (distanceMs, words) => {
    expect(formatAgo(nowMs + distanceMs, nowMs, 'en-GB')).toBe(words)
  })
  test.each([
    [12, '12 milliseconds'],
    [1_500, '1.5 seconds'],
    [90_000, '2 minutes'],
    [3 * 86_400_000, '3 days'],
  ])('a span of %d ms is %s', (spanMs, words) => {
    expect(formatSpan(spanMs, 'en-GB')).toBe(words)
  })
})
