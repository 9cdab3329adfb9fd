import { ruleset } from '@chengxin/domains/ruleset'
import type { PublicJwk } from '@chengxin/module-kit'
import { actor, bureau, certificateOf, cityHost, foundCity, provenKey, registrar } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const anna = actor('anna')
const passkey = actor('p256:passkey')

test.each<[string, typeof anna, object, string]>([
  ['by a committee member', bureau, {}, 'not_a_registrar'],
  ['that is there already', registrar, { did: bureau.did, ...provenKey(bureau) }, 'identity_already_exists'],
  ['under another key’s name', registrar, { did: actor('eve').did }, 'did_not_of_key'],
  ['with a P-256 key', registrar, { did: passkey.did, ...provenKey(passkey) }, 'created'],
  ['with somebody else’s proof', registrar, { proof: provenKey(actor('eve'), anna.did).proof }, 'proof_invalid'],
  ['with a proof for another DID', registrar, { proof: provenKey(anna, bureau.did).proof }, 'proof_invalid'],
  ['with a short proof', registrar, { proof: 'AAAA' }, 'proof_invalid'],
  ['with its own proof', registrar, {}, 'created'],
])('create: %s', (_case, signer, change, outcome) => {
  const args = { did: anna.did, ...provenKey(anna), ...change }
  expect(outcomeOf(foundCity(ruleset).act(signer.did, 'identity.create', args))).toBe(outcome)
})

test.each<[string, PublicJwk]>([
  ['a P-256 key off its curve', { ...(passkey.key as Extract<PublicJwk, { kty: 'EC' }>), y: 'A'.repeat(43) }],
  ['an Ed25519 key of small order', { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` }],
  ['an Ed25519 key spelled a second way', { kty: 'OKP', crv: 'Ed25519', x: `${anna.key.x.slice(0, 42)}B` }],
])('create: %s proves nothing', (_case, key) => {
  const args = { did: cityHost.deriveDid(key), key, proof: provenKey(anna).proof }
  expect(foundCity(ruleset).act(registrar.did, 'identity.create', args)).toBe('proof_invalid')
})

test('create: a key that serves a member founds no DID', () => {
  const logKey = actor('bureau log')
  const args = { did: logKey.did, ...provenKey(logKey) }
  expect(foundCity(ruleset).act(registrar.did, 'identity.create', args)).toBe('key_of_a_member')
})

test('create: the sponsor is the member that the registrar stands for', () => {
  const city = foundCity(ruleset)
  city.grant('registrar', bureau.did, 'member_university')
  city.must(bureau.did, 'identity.create', { did: anna.did, ...provenKey(anna) })
  expect(city.reads(ruleset.identity).sponsorOf(anna.did)).toBe('member_university')
})

test('create: a registrar whose member is suspended creates nobody', () => {
  const city = foundCity(ruleset)
  city.grant('registrar', actor('clerk').did, 'member_office')
  city.decide({ kind: 'suspendMember', memberId: 'member_office' })
  const args = { did: anna.did, ...provenKey(anna) }
  expect(city.act(actor('clerk').did, 'identity.create', args)).toBe('not_a_registrar')
})

test('the city’s certificates are real: a stranger’s is refused by the host', () => {
  const ca = JSON.parse(foundCity(ruleset).rows().get('governance/group/group') ?? '').ca as string
  const foreign = certificateOf('member_bank', { byStranger: true })
  expect(cityHost.checkCertificate(foreign, ca, foundCity(ruleset).timeMs)).toEqual({
    refused: 'certificate_signature_invalid',
  })
})
