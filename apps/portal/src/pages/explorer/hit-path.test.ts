import { expect, test } from 'vitest'
import { hitPath } from './hit-path.ts'

test.each([
  ['transaction', 'abc', '/explorer/transactions/abc'],
  ['block', '12', '/explorer/blocks/12'],
  ['did', 'did:weid:sample:0x1', '/explorer/dids/did:weid:sample:0x1'],
  ['account', 'account_kiosk', '/points/accounts/account_kiosk'],
  ['program', 'program_city-points', '/points?tab=programs'],
  ['credential-type', 'type_degree', '/certificates?tab=types'],
  ['member', 'member_university', '/governance'],
])('a %s is shown where %s stands', (kind, id, path) => {
  expect(hitPath({ kind, id, label: id })).toBe(path)
})
