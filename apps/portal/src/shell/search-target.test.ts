import { expect, test } from 'vitest'
import { directPath } from './search-target.ts'

const did = `did:weid:sample:0x${'ab'.repeat(20)}`

test.each([
  ['12', '/explorer/blocks/12'],
  ['1,284', '/explorer/blocks/1284'],
  ['1\u00a0284', '/explorer/blocks/1284'],
  [did, `/explorer/dids/${did}`],
  ['member_university', undefined],
  // An id may consist of digits and letters; only the node knows what it names.
  ['0x12', undefined],
  [`${did}#key-1`, undefined],
  ['9'.repeat(16), undefined],
])('%s leads to %s', (text, path) => {
  expect(directPath(text)).toBe(path)
})
