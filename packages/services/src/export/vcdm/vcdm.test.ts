/**
 * What the W3C asks of credentials (data model 2.0, sections 4.3 to 4.12 and 5), rule by rule, as its test suite asks it of
 * issuers: good inputs are signed, bad ones are refused with the rule that they break.
 */
import { signPortably } from '@chengxin/crypto'
import { isRefusal, type JsonObject } from '@chengxin/kernel'
import { actor, startMs } from '@chengxin/testkit/certificate-city'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baseContext } from './check-credential.ts'
import { vcdmRefusals } from './codes.ts'
import { signCredential } from './ecdsa-sd.ts'
import { credentialOf, mandatoryPointers } from './export-certificate.ts'

const issuer = actor('issuer', 'ES256')
const holder = actor('holder', 'ES256')
const reached = new Set<string>()

const plain: JsonObject = {
  '@context': [baseContext, 'https://www.w3.org/ns/credentials/undefined-terms/v2'],
  type: ['VerifiableCredential'],
  issuer: 'https://university.example',
  credentialSubject: { id: 'did:example:subject', degree: 'BSC' },
}

async function sign(change: JsonObject, without: readonly string[] = []): Promise<string> {
  const credential = Object.fromEntries(
    Object.entries({ ...plain, ...change }).filter(([name]) => !without.includes(name)),
  )
  const signer = {
    verificationMethod: issuer.kid,
    sign: async (bytes: Uint8Array) => signPortably(issuer.privateJwk, bytes),
  }
  const signed = await signCredential(credential, signer, { nowMs: startMs, mandatory: ['/issuer'] })
  if (isRefusal(signed)) reached.add(signed.refused)
  return isRefusal(signed) ? signed.refused : 'signed'
}

const subject = (claims: JsonObject) => ({ credentialSubject: claims })
/** Objects that say the same. */
const same = (count: number) => Array.from({ length: count }, () => ({ mark: 1 }))
const context = (...more: JsonObject[string][]) => ({ '@context': [baseContext, ...more] })

test.each<[string, JsonObject]>([
  ['the least there can be', {}],
  ['an id', { id: 'urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5' }],
  ['further types by name and by address', { type: ['VerifiableCredential', 'Degree', 'https://example.org/Type'] }],
  ['a vocabulary of its own', context({ '@vocab': 'urn:example:' })],
  [
    'an issuer with a name in a language',
    { issuer: { id: 'did:example:i', name: { '@value': 'A', '@language': 'en' } } },
  ],
  ['a name in several languages', { name: [{ '@value': '學位', '@language': 'zh-Hant' }, 'Degree'] }],
  ['two subjects', { credentialSubject: [{ id: 'did:a:b', x: 1 }, { y: 2 }] }],
  ['a subject without an id', subject({ degree: 'BSC' })],
  ['values of every kind', subject({ a: 'x\n"\\', b: 1, c: true, d: ['x', 2], e: { f: { g: 'h' } } })],
  ['a period with an offset', { validFrom: '2026-01-01T00:00:00+08:00', validUntil: '2027-01-01T00:00:00.5Z' }],
  ['a status', { credentialStatus: { id: 'https://a.example/1#2', type: 'Entry', statusListIndex: 2 } }],
  [
    'two statuses without ids',
    {
      credentialStatus: [
        { type: 'Entry', a: 1 },
        { type: 'Entry', a: 2 },
      ],
    },
  ],
  ['a schema', { credentialSchema: { id: 'https://a.example/schema.json', type: 'JsonSchema' } }],
  ['services', { refreshService: { id: 'https://a.example', type: 'Refresh' }, termsOfUse: { type: 'Terms', a: 'b' } }],
  ['evidence', { evidence: [{ id: 'https://a.example/e', type: 'Evidence' }] }],
  [
    'a related resource',
    { relatedResource: { id: 'https://a.example/r', digestSRI: 'sha384-x', mediaType: 'text/plain' } },
  ],
])('%s is signed', async (_case, change) => {
  expect(await sign(change)).toBe('signed')
})

test.each<[string, string, JsonObject, string[]?]>([
  ['no context', 'context_missing', {}, ['@context']],
  ['another context first', 'context_missing', { '@context': ['https://a.example', baseContext] }],
  ['a context that is no list', 'context_missing', { '@context': baseContext }],
  ['a context that is neither address nor object', 'context_not_supported', context(1)],
  ['a context from the net', 'context_not_supported', context('https://a.example/context')],
  ['a context that defines terms', 'context_not_supported', context({ '@vocab': 'urn:x:', degree: 'urn:y:degree' })],
  ['an id that is no address', 'id_malformed', { id: 'no address' }],
  ['several ids', 'id_malformed', { id: ['urn:a:b', 'urn:a:c'] }],
  ['an id that is nothing', 'id_malformed', { id: null }],
  ['no type', 'type_missing', {}, ['type']],
  ['a type that does not say what it is', 'type_missing', { type: ['Degree'] }],
  ['a type that is a number', 'type_missing', { type: ['VerifiableCredential', 1] }],
  ['a type that no context knows', 'type_unknown', { ...context(), type: ['VerifiableCredential', 'Degree'] }],
  [
    'a type that is another kind of document',
    'type_unknown',
    { type: ['VerifiableCredential', 'VerifiablePresentation'] },
  ],
  ['a name that is a number', 'text_malformed', { name: 1 }],
  ['a name with more than a language', 'text_malformed', { name: { '@value': 'x', '@language': 'en', url: 'y' } }],
  ['a description in no language', 'text_malformed', { description: { '@value': 'x', '@language': '中文' } }],
  ['a direction that is none', 'text_malformed', { name: { '@value': 'x', '@direction': 'up' } }],
  ['no issuer', 'issuer_malformed', {}, ['issuer']],
  ['an issuer that is no address', 'issuer_malformed', { issuer: 'University' }],
  ['an issuer without an id', 'issuer_malformed', { issuer: { name: 'University' } }],
  ['an issuer whose id is no address', 'issuer_malformed', { issuer: { id: 'University' } }],
  ['two issuers', 'issuer_malformed', { issuer: ['did:a:b', 'did:a:c'] }],
  ['an issuer that is nothing', 'issuer_malformed', { issuer: null }],
  ['an issuer whose name is an object', 'text_malformed', { issuer: { id: 'did:a:b', name: {} } }],
  ['no subject', 'subject_missing', {}, ['credentialSubject']],
  ['no subjects', 'subject_missing', { credentialSubject: [] }],
  ['a subject that is text', 'subject_malformed', { credentialSubject: 'did:example:subject' }],
  ['a subject that says nothing', 'subject_malformed', subject({})],
  ['one subject of two that says nothing', 'subject_malformed', { credentialSubject: [{ a: 1 }, {}] }],
  ['a subject whose id is no address', 'id_malformed', subject({ id: 'no address', a: 1 })],
  ['a date without a zone', 'date_malformed', { validFrom: '2026-01-01T00:00:00' }],
  ['a day alone', 'date_malformed', { validUntil: '2026-01-01' }],
  ['a month too many', 'date_malformed', { validUntil: '2026-13-01T00:00:00Z' }],
  [
    'an end before the beginning',
    'dates_reversed',
    { validFrom: '2027-01-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
  ],
  ['a status without a type', 'status_malformed', { credentialStatus: { id: 'https://a.example/1' } }],
  ['a status that is text', 'status_malformed', { credentialStatus: 'https://a.example/1' }],
  ['a status whose id is no address', 'id_malformed', { credentialStatus: { id: '1', type: 'Entry' } }],
  ['a schema without a type', 'schema_malformed', { credentialSchema: { id: 'https://a.example/s' } }],
  ['a schema without an id', 'schema_malformed', { credentialSchema: { type: 'JsonSchema' } }],
  [
    'one schema of two without a type',
    'schema_malformed',
    { credentialSchema: [{ id: 'urn:a:b', type: 'JsonSchema' }, { id: 'urn:a:c' }] },
  ],
  ['a refresh service without a type', 'service_malformed', { refreshService: { id: 'https://a.example' } }],
  ['terms of use without a type', 'service_malformed', { termsOfUse: { id: 'https://a.example' } }],
  ['evidence without a type', 'service_malformed', { evidence: [{ id: 'https://a.example' }] }],
  ['a related resource that is text', 'resource_malformed', { relatedResource: 'https://a.example/r' }],
  ['a related resource without an id', 'resource_malformed', { relatedResource: { digestSRI: 'sha384-x' } }],
  ['a related resource without a digest', 'resource_malformed', { relatedResource: { id: 'https://a.example/r' } }],
  [
    'a related resource named twice',
    'resource_malformed',
    { relatedResource: ['x', 'y'].map((digestSRI) => ({ id: 'https://a.example/r', digestSRI })) },
  ],
  ['a proof before it is signed', 'already_signed', { proof: { type: 'DataIntegrityProof' } }],
  ['a claim that no context knows', 'claim_name_malformed', context()],
  ['a claim by an address', 'claim_name_malformed', subject({ 'https://a.example/claim': 1 })],
  ['a claim that JSON-LD reads as its own', 'claim_name_malformed', subject({ '@reverse': { a: 1 } })],
  ['a claim with a meaning of its own', 'claim_name_malformed', subject({ cnf: { kid: 'x' } })],
  ['a claim without a value', 'claim_value_malformed', subject({ degree: null })],
  ['an empty list', 'claim_value_malformed', subject({ degree: [] })],
  ['a list in a list', 'claim_value_malformed', subject({ degree: [['x']] })],
  ['an empty object', 'claim_value_malformed', subject({ degree: {} })],
  ['half a number', 'claim_value_malformed', subject({ gpa: 3.5 })],
  ['half a character', 'claim_value_malformed', subject({ degree: '\ud83d' })],
  ['a control character', 'claim_value_malformed', subject({ degree: 'a\u0000b' })],
  [
    'a direction, which no statement carries',
    'claim_value_malformed',
    { name: { '@value': 'x', '@direction': 'rtl' } },
  ],
  [
    'many parts that differ in nothing but their place',
    'claims_too_alike',
    subject({ terms: [{ marks: same(8) }, { marks: same(8) }] }),
  ],
])('%s is refused: %s', async (_case, code, change, without) => {
  expect(await sign(change, without)).toBe(code)
})

test('every code is reached', () => {
  expect([...reached].sort()).toEqual(Object.keys(vcdmRefusals).sort())
})

test('a certificate becomes a credential that says the same, and names what every presentation shows', () => {
  const certificate = {
    vct: 'urn:chengxin:type:g:type_degree',
    claims: { degree: 'BSC' },
    holderKey: holder.jwk,
    status: { uri: 'https://node.example/list', index: 3 },
    issuedAtMs: startMs,
  }
  const credential = credentialOf({ certificate, issuer: issuer.did })
  expect(credential).toMatchObject({
    type: ['VerifiableCredential', 'Certificate'],
    issuer: issuer.did,
    validFrom: '2027-01-15T08:00:00Z',
    credentialStatus: { statusListUri: 'https://node.example/list', statusListIndex: 3 },
    credentialSubject: { degree: 'BSC', id: expect.stringMatching(/^did:jwk:/) },
  })
  expect(mandatoryPointers(credential)).toEqual(['/issuer', '/validFrom', '/credentialStatus', '/credentialSubject/id'])
})

test('whatever comes in is signed or refused, and nothing throws', async () => {
  const names = fc.constantFrom(
    'id',
    'type',
    'issuer',
    'credentialSubject',
    'validFrom',
    'credentialStatus',
    'evidence',
    'x',
  )
  const values = fc.jsonValue({ maxDepth: 3 })
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, values), async (change) => {
      expect(typeof (await sign(change as JsonObject))).toBe('string')
    }),
    { numRuns: 300 },
  )
})
