import { type Did, expectOk, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveDid } from './did.ts'
import { sha256 } from './hash.ts'
import { joinJws, jwsSigningInput } from './jws.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { parseTransactionJws, transactionHeaderText, transactionId } from './transaction-jws.ts'

const did = 'did:weid:city:0x00112233445566778899aabbccddeeff00112233' as Did
const headerText = transactionHeaderText('EdDSA', did, 'key-1')
const payload = toUtf8('{"v":1}')
const signature = new Uint8Array(64).fill(7)
const encode = (text: string) => toBase64url(toUtf8(text))
const withHeader = (text: string) => `${encode(text)}.${toBase64url(payload)}.${toBase64url(signature)}`
const withMembers = (change: object) =>
  withHeader(JSON.stringify({ alg: 'EdDSA', kid: `${did}#key-1`, typ: 'chengxin-tx+jws', ...change }))

describe('a transaction', () => {
  test.each(['EdDSA', 'ES256'] as const)('signed by %s parses to what was signed', (algorithm) => {
    const signer = createSigner(generatePrivateJwk(algorithm))
    const ownDid = deriveDid(sha256, 'city', signer.jwk)
    const signingInput = jwsSigningInput(transactionHeaderText(algorithm, ownDid, 'first'), toUtf8('{"名":"城信"}'))
    const jws = expectOk(parseTransactionJws(joinJws(signingInput, signer.sign(toUtf8(signingInput)))))
    expect(jws.header).toEqual({ alg: algorithm, kid: `${ownDid}#first`, typ: 'chengxin-tx+jws' })
    expect([jws.did, jws.keyId, jws.payloadText]).toEqual([ownDid, 'first', '{"名":"城信"}'])
    expect(createVerifier().verify(signer.jwk, jws.signingInput, jws.signature)).toBe(true)
  })

  test('is named by its signing input, whatever its signature', () => {
    const signingInput = jwsSigningInput(headerText, payload)
    const ids = [signature, new Uint8Array(64)].map((bytes) => {
      const jws = expectOk(parseTransactionJws(joinJws(signingInput, bytes)))
      return transactionId(sha256, jws.signingInput)
    })
    expect(ids[0]).toBe(ids[1])
    expect(ids[0]).toBe(toBase64url(sha256(toUtf8(signingInput))))
  })

  test('exactly at the limit is looked at, one byte more is not', () => {
    const text = withHeader(headerText)
    expect(isRefusal(parseTransactionJws(text, { maxBytes: text.length }))).toBe(false)
    expect(parseTransactionJws(text, { maxBytes: text.length - 1 })).toEqual({ refused: 'envelope_too_large' })
    expect(parseTransactionJws('A'.repeat(48 * 1024 + 1))).toEqual({ refused: 'envelope_too_large' })
    expect(parseTransactionJws('A'.repeat(48 * 1024))).toEqual({ refused: 'envelope_malformed' })
  })
})

test.each<[string, string, string]>([
  ['the empty text', '', 'envelope_malformed'],
  ['two parts', 'AAAA.AAAA', 'envelope_malformed'],
  ['four parts', `${withHeader(headerText)}.AAAA`, 'envelope_malformed'],
  ['padding', `${withHeader(headerText)}==`, 'envelope_malformed'],
  ['a blank before', ` ${withHeader(headerText)}`, 'envelope_malformed'],
  [
    'a payload that is not UTF-8',
    `${encode(headerText)}.${toBase64url(Uint8Array.of(0xff))}.AAAA`,
    'envelope_malformed',
  ],
  [
    'a lone surrogate in UTF-8',
    `${encode(headerText)}.${toBase64url(Uint8Array.of(0xed, 0xa0, 0x80))}.AAAA`,
    'envelope_malformed',
  ],
  ['an overlong form', `${encode(headerText)}.${toBase64url(Uint8Array.of(0xc0, 0xaf))}.AAAA`, 'envelope_malformed'],
  ['a header that is not UTF-8', `${toBase64url(Uint8Array.of(0xff))}.AAAA.AAAA`, 'header_malformed'],
  ['a header that is no JSON', withHeader('{'), 'header_malformed'],
  ['a header that is a list', withHeader('["alg"]'), 'header_malformed'],
  ['a header that is null', withHeader('null'), 'header_malformed'],
  ['a header that spells a refusal', withHeader('{"refused":"alg"}'), 'header_malformed'],
  ['white space in the header', withHeader(headerText.replace(',', ', ')), 'header_malformed'],
  [
    'members out of order',
    withHeader(`{"kid":"${did}#key-1","alg":"EdDSA","typ":"chengxin-tx+jws"}`),
    'header_malformed',
  ],
  ['a name twice', withHeader(headerText.replace('{', '{"alg":"none",')), 'header_malformed'],
  ['an escape that need not be', withHeader(headerText.replace('EdDSA', '\\u0045dDSA')), 'header_malformed'],
  ['no algorithm', withMembers({ alg: undefined }), 'header_malformed'],
  ['no key id', withMembers({ kid: undefined }), 'header_malformed'],
  ['no type', withMembers({ typ: undefined }), 'header_malformed'],
  ['an algorithm that is a number', withMembers({ alg: 1 }), 'header_malformed'],
  ['a key in the header', withMembers({ z: { kty: 'OKP' } }), 'header_malformed'],
  ['a header too deep', withMembers({ typ: [[['']]] }), 'header_malformed'],
  ['another type', withMembers({ typ: 'JWT' }), 'type_not_allowed'],
  ['a type in other case', withMembers({ typ: 'Chengxin-Tx+Jws' }), 'type_not_allowed'],
  ['another type and algorithm', withMembers({ typ: 'JWT', alg: 'none' }), 'type_not_allowed'],
  ['no signature algorithm', withMembers({ alg: 'none' }), 'algorithm_not_allowed'],
  ['a MAC', withMembers({ alg: 'HS256' }), 'algorithm_not_allowed'],
  ['another curve', withMembers({ alg: 'ES384' }), 'algorithm_not_allowed'],
  ['the newer name of Ed25519', withMembers({ alg: 'Ed25519' }), 'algorithm_not_allowed'],
  ['an algorithm in other case', withMembers({ alg: 'es256' }), 'algorithm_not_allowed'],
  ['another algorithm and key id', withMembers({ alg: 'none', kid: 'key' }), 'algorithm_not_allowed'],
  ['a key id without a DID', withMembers({ kid: 'key-1' }), 'key_id_malformed'],
  ['a DID without a key id', withMembers({ kid: did }), 'key_id_malformed'],
  ['an empty key id', withMembers({ kid: `${did}#` }), 'key_id_malformed'],
  ['a second fragment', withMembers({ kid: `${did}#key#1` }), 'key_id_malformed'],
  ['an address in capitals', withMembers({ kid: `${did.toUpperCase()}#key-1` }), 'key_id_malformed'],
  ['a DID of another method', withMembers({ kid: 'did:web:city.example#key-1' }), 'key_id_malformed'],
  ['a key id of 65 characters', withMembers({ kid: `${did}#${'k'.repeat(65)}` }), 'key_id_malformed'],
  ['a line break after the key id', withMembers({ kid: `${did}#key-1\n` }), 'key_id_malformed'],
])('%s is refused', (_case, text, code) => {
  expect(parseTransactionJws(text)).toEqual({ refused: code })
})

test.each(['jwk', 'x5c', 'x5u', 'jku', 'x5t', 'crit', 'b64', 'cty', 'zip', 'nonce'])(
  'the header member %s is refused',
  (name) => {
    const members = { alg: 'EdDSA', kid: `${did}#key-1`, typ: 'chengxin-tx+jws', [name]: 'x' }
    const sorted = Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
    expect(parseTransactionJws(withHeader(JSON.stringify(sorted)))).toEqual({ refused: 'header_malformed' })
  },
)

test('one transaction has one spelling: what parses is exactly what its parts join to', () => {
  const text = withHeader(headerText)
  const alphabet = 'ABab09-_.=+/ \n"é'
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(2), fc.constantFrom(...alphabet, ''), (at, removed, added) => {
      const changed = text.slice(0, at) + added + text.slice(at + removed)
      const jws = parseTransactionJws(changed)
      if (isRefusal(jws)) return
      const signingInput = jwsSigningInput(jws.protectedText, toUtf8(jws.payloadText))
      expect(joinJws(signingInput, jws.signature)).toBe(changed)
      expect(jws.protectedText).toBe(transactionHeaderText(jws.header.alg, jws.did, jws.keyId))
    }),
    { numRuns: 2000 },
  )
})

test('any text at all gives a transaction or a refusal, never an exception', () => {
  const part = fc.oneof(fc.string(), fc.base64String(), fc.json().map(encode))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const jws = parseTransactionJws(parts.join('.'))
      expect(isRefusal(jws) || 'payloadText' in jws).toBe(true)
    }),
  )
})
