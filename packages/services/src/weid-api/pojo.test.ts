import { readFileSync } from 'node:fs'
import { expectOk, isRefusal, type Json, type JsonObject } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isKnownSchema, isOfSchema } from './cpt-schema.ts'
import {
  type CredentialPojo,
  hashOfPojo,
  hasWeakSalt,
  isSignedByLegacyIssuer,
  parsePojo,
  saltsFor,
  signedText,
  withholding,
} from './pojo.ts'

const path = new URL('../../../../vectors/weid/credential-pojo.json', import.meta.url)
const { credential } = JSON.parse(readFileSync(path, 'utf8')) as { credential: JsonObject }
const published = expectOk<CredentialPojo>(parsePojo(credential))

describe('the credential that WeIdentity’s documentation prints', () => {
  test('is signed by the key that its issuer’s WeID comes from', () => {
    expect(isSignedByLegacyIssuer(published)).toBe(true)
    expect(hasWeakSalt(published.proof.salt)).toBe(true)
  })

  test('still is with fields withheld, and its hash stays', () => {
    const shown = withholding(published, ['content'])
    expect(shown.claim['receiver']).toMatch(/^0x[0-9a-f]{64}$/)
    expect(shown.proof.salt).toEqual({ content: 'ncZ5F', receiver: '0', weid: '0' })
    expect(isSignedByLegacyIssuer(shown)).toBe(true)
    expect(hashOfPojo(shown)).toBe(hashOfPojo(published))
  })

  const signature = Buffer.from(published.proof.signatureValue, 'base64')
  const last = Buffer.concat([signature.subarray(1), Uint8Array.of((signature[0] as number) - 27)]).toString('base64')
  test('is read with the recovery byte at either end', () => {
    expect(isSignedByLegacyIssuer({ ...published, proof: { ...published.proof, signatureValue: last } })).toBe(true)
  })

  test.each<[string, Partial<CredentialPojo>]>([
    ['a claim', { claim: { ...published.claim, content: 'x' } }],
    ['the end', { expirationDate: published.expirationDate + 1 }],
    ['the CPT', { cptId: 1 }],
    ['the issuer', { issuer: 'did:weid:101:0x7ed16eca3b0737227bc986dd0f2851f644cf4754' }],
    ['the creator', { proof: { ...published.proof, creator: 'did:weid:101:0x00#keys-0' } }],
    ['the signature', { proof: { ...published.proof, signatureValue: 'AAAA' } }],
    ['the kind of proof', { proof: { ...published.proof, type: 'ES256' } }],
  ])('does not hold with %s changed', (_case, change) => {
    expect(isSignedByLegacyIssuer({ ...published, ...change })).toBe(false)
  })
})

test.each<[string, JsonObject]>([
  ['no claim', { claim: null }],
  ['a salt too many', { proof: { ...published.proof, salt: { ...published.proof.salt, more: 'x' } } }],
  ['a salt too few', { claim: { ...published.claim, more: 'x' } }],
  ['a number as a salt', { claim: { a: 1 }, proof: { ...published.proof, salt: { a: 1 } } }],
  ['half a second', { issuanceDate: 0.5 }],
  ['no types', { type: 'VerifiableCredential' }],
])('%s is no credential', (_case, change) => {
  expect(isRefusal(parsePojo({ ...credential, ...change }))).toBe(true)
})

test('salts have 128 bits each, and the signed text does not change with what is withheld', () => {
  const claims = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 })
  fc.assert(
    fc.property(claims, fc.func(fc.boolean()), (generated, isShown) => {
      const claim = JSON.parse(JSON.stringify(generated)) as JsonObject
      const salt = saltsFor(claim) as JsonObject
      expect(hasWeakSalt(salt)).toBe(false)
      const pojo = { ...published, claim, proof: { ...published.proof, type: 'ES256', salt } }
      expect(isRefusal(parsePojo(pojo as unknown as Json))).toBe(false)
      const shown = withholding(
        pojo,
        Object.keys(claim).filter((name) => isShown(name)),
      )
      const textOf = ({ proof, ...rest }: CredentialPojo) => signedText({ ...rest, salt: proof.salt })
      expect(textOf(shown)).toBe(textOf(pojo))
    }),
  )
})

const schema = {
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-z]+$' },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    gender: { enum: ['F', 'M'] },
    marks: { type: 'array', items: { type: 'number' } },
    home: { type: 'object', required: ['city'], additionalProperties: false, properties: { city: { type: 'string' } } },
  },
  required: ['name'],
}

test.each<[boolean, JsonObject]>([
  [true, { name: 'ann' }],
  [true, { name: 'ann', age: 3, gender: 'F', marks: [1, 2.5], home: { city: 'Macau' }, other: 1 }],
  [false, {}],
  [false, { name: '' }],
  [false, { name: 'ANN' }],
  [false, { name: 'annabel' }],
  [false, { name: 'ann', age: '3' }],
  [false, { name: 'ann', age: 151 }],
  [false, { name: 'ann', age: 1.5 }],
  [false, { name: 'ann', gender: 'X' }],
  [false, { name: 'ann', marks: ['a'] }],
  [false, { name: 'ann', home: {} }],
  [false, { name: 'ann', home: { city: 'Macau', street: 'x' } }],
])('%s for %j', (isGood, claim) => {
  expect(isKnownSchema(schema)).toBe(true)
  expect(isOfSchema(claim, { ...schema, type: 'object' })).toBe(isGood)
})

test.each<[string, Json]>([
  ['a rule that is not checked', { properties: { a: { oneOf: [] } } }],
  ['a reference', { $ref: '#/definitions/a' }],
  ['a type that is none', { type: 'text' }],
  ['a pattern that takes for ever', { pattern: '(a+)+b' }],
  ['a pattern that is none', { pattern: '(' }],
  ['a schema that is a list', []],
])('a schema with %s is not taken', (_case, given) => {
  expect(isKnownSchema(given)).toBe(false)
})
