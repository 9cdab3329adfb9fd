import { expect, test } from 'vitest'
import { accountLimits, hashOfToken, newToken, wrongInAccounts } from './accounts.ts'

const school = { account: 'school', tokenHash: hashOfToken('a token'), ...accountLimits }
const chief = { ...school, account: 'registry', isAuthority: true }

test.each<[string, unknown, string | undefined]>([
  ['none', [], undefined],
  ['two', [school, chief], undefined],
  ['no list', {}, 'accounts'],
  ['no object', ['school'], 'accounts[0].account'],
  ['a word with a blank', [{ ...school, account: 'the school' }], 'accounts[0].account'],
  ['the same twice', [school, school], 'accounts[1].account, which stands twice,'],
  ['a token in the place of its hash', [{ ...school, tokenHash: 'secret' }], 'accounts[0].tokenHash'],
  ['a word for yes', [{ ...school, isAuthority: 'yes' }], 'accounts[0].isAuthority'],
  ['two that register issuers', [chief, { ...chief, account: 'other' }], 'accounts[1].isAuthority, a second one,'],
  ['no limit', [{ ...school, mostWeids: undefined }], 'accounts[0].mostWeids'],
  ['a limit that is none', [{ ...school, callsPerMinute: 0 }], 'accounts[0].callsPerMinute'],
])('%s', (_case, accounts, wrong) => {
  expect(wrongInAccounts(accounts)).toBe(wrong)
})

test('no two tokens are alike, and a hash does not tell its token', () => {
  const tokens = [newToken(), newToken()]
  expect(tokens[0]).not.toBe(tokens[1])
  expect(tokens[0]).toHaveLength(43)
  expect(hashOfToken(tokens[0] as string)).not.toBe(tokens[0])
})
