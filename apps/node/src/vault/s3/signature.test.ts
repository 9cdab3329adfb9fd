/** The worked examples of Amazon's S3 API reference, chapter “Signature Calculations for the Authorization Header”. */
import { expect, test } from 'vitest'
import { encodeQuery, signedHeaders } from './signature.ts'

const example = {
  keyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const when = { region: 'us-east-1', nowMs: Date.UTC(2013, 4, 24) }
const host = 'https://examplebucket.s3.amazonaws.com'

test.each<[string, string, string, { readonly [name: string]: string }, string, string]>([
  [
    ...(['GET Object', 'GET', '/test.txt', { range: 'bytes=0-9' }, ''] as const),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    ...([
      'PUT Object',
      'PUT',
      '/test%24file.text',
      { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      'Welcome to Amazon S3.',
    ] as const),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    ...(['GET Bucket Lifecycle', 'GET', `/?${encodeQuery({ lifecycle: '' })}`, {}, ''] as const),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    ...(['GET Bucket (List Objects)', 'GET', `/?${encodeQuery({ prefix: 'J', 'max-keys': '2' })}`, {}, ''] as const),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('%s', (_case, method, path, headers, body, signature) => {
  const request = { method, url: new URL(`${host}${path}`), headers, body: Buffer.from(body) }
  expect(signedHeaders(request, example, when)['authorization']).toMatch(new RegExp(`Signature=${signature}$`))
})

test('lent credentials carry their token, which is signed', () => {
  const request = { method: 'GET', url: new URL(`${host}/test.txt`), headers: {}, body: new Uint8Array() }
  const headers = signedHeaders(request, { ...example, sessionToken: 'lent' }, when)
  expect(headers).toMatchObject({ 'x-amz-security-token': 'lent' })
  expect(headers['authorization']).toContain('x-amz-date;x-amz-security-token,')
})

test('a query leaves nothing to be encoded otherwise', () => {
  expect(encodeQuery({ b: "a b/c'(é)*!", a: '~-_.' })).toBe('a=~-_.&b=a%20b%2Fc%27%28%C3%A9%29%2A%21')
})
