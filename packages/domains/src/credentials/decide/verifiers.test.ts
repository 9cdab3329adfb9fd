import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { actor, bureau, cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

type Person = typeof authority
const registration = { verifier: bureau.did, domain: 'transport.test', registrationHash: hash('r') }

test.each<[string, Person, object, string]>([
  ['by an issuer', issuer, {}, 'not_an_issuer_authority'],
  ['who is nobody', authority, { verifier: actor('nobody').did }, 'verifier_not_found'],
  ['until now', authority, { untilMs: cityStartMs }, 'registration_ends_in_past'],
  ['without end', authority, {}, 'verifierRegistered'],
  ['for a day', authority, { untilMs: cityStartMs + dayMs }, 'verifierRegistered'],
])('registerVerifier: one %s', (_case, signer, change, outcome) => {
  const args = { ...registration, ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.registerVerifier', args))).toBe(outcome)
})

test('a registration is replaced by another, ends once, and may begin again', () => {
  const city = credentialsScene()
  const act = (verb: string, args: object) => outcomeOf(city.act(authority.did, `credentials.${verb}`, args))
  const versions = () =>
    city.events().flatMap((event) => (event.type === 'credentials.verifierRegistered' ? [event['version']] : []))
  expect(act('withdrawVerifier', { verifier: bureau.did })).toBe('verifier_not_registered')
  expect(act('registerVerifier', registration)).toBe('verifierRegistered')
  expect(act('registerVerifier', registration)).toBe('registration_unchanged')
  expect(act('registerVerifier', { ...registration, registrationHash: hash('q') })).toBe('verifierRegistered')
  expect(act('withdrawVerifier', { verifier: bureau.did })).toBe('verifierWithdrawn')
  expect(act('withdrawVerifier', { verifier: bureau.did })).toBe('verifier_not_registered')
  expect(act('registerVerifier', { ...registration, registrationHash: hash('q') })).toBe('verifierRegistered')
  expect(versions()).toEqual([1, 2, 3])
})

test.each<[string, Person, string]>([
  ['an issuer', issuer, 'not_an_issuer_authority'],
  ['the authority', authority, 'verifierWithdrawn'],
])('withdrawVerifier: by %s', (_case, signer, outcome) => {
  const city = credentialsScene()
  city.must(authority.did, 'credentials.registerVerifier', registration)
  expect(outcomeOf(city.act(signer.did, 'credentials.withdrawVerifier', { verifier: bureau.did }))).toBe(outcome)
})

test('withdrawVerifier: one whose time has passed is not registered', () => {
  const city = credentialsScene()
  city.must(authority.did, 'credentials.registerVerifier', { ...registration, untilMs: cityStartMs + dayMs })
  city.passTo(cityStartMs + dayMs)
  const withdraw = { verifier: bureau.did }
  expect(city.act(authority.did, 'credentials.withdrawVerifier', withdraw)).toBe('verifier_not_registered')
})

test.each<[string, Person, string]>([
  ['somebody', authority, 'not_a_statement_keeper'],
  ['an issuer', issuer, 'statementsAnchored'],
  ['a registered verifier', bureau, 'statementsAnchored'],
])('anchorStatements: by %s', (_case, signer, outcome) => {
  const city = credentialsScene()
  city.must(authority.did, 'credentials.registerVerifier', registration)
  expect(outcomeOf(city.act(signer.did, 'credentials.anchorStatements', { root: hash('t') }))).toBe(outcome)
})

test('anchorStatements: by a role, once a root, and no more once the right has ended', () => {
  const city = credentialsScene()
  const anchor = (root: string, by: Person = bureau) =>
    outcomeOf(city.act(by.did, 'credentials.anchorStatements', { root: hash(root) }))
  expect(anchor('a')).toBe('not_a_statement_keeper')
  city.grant('statement_keeper', bureau.did)
  expect(anchor('a')).toBe('statementsAnchored')
  expect(anchor('a')).toBe('root_already_anchored')
  expect(anchor('b', issuer)).toBe('statementsAnchored')
  city.must(authority.did, 'credentials.withdrawIssuer', { issuer: issuer.did, typeId: 'type_degree' })
  expect(anchor('c', issuer)).toBe('not_a_statement_keeper')
})
