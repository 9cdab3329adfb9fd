import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { actor, bureau, cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

type Person = typeof authority
const degree = { issuer: issuer.did, typeId: 'type_degree' }
const licence = { issuer: issuer.did, typeId: 'type_licence' }

test.each<[string, Person, object, string]>([
  ['by an issuer', issuer, {}, 'not_an_issuer_authority'],
  ['of a taken name', authority, { typeId: 'type_degree' }, 'type_already_exists'],
  ['by the authority', authority, {}, 'typeDefined'],
])('defineType: %s', (_case, signer, change, outcome) => {
  const args = { typeId: 'type_permit', schemaHash: hash('x'), displayHash: hash('y'), ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.defineType', args))).toBe(outcome)
})

test.each<[string, Person, object, string]>([
  ['by an issuer', issuer, {}, 'not_an_issuer_authority'],
  ['for no type', authority, { typeId: 'type_none' }, 'type_not_found'],
  ['who is nobody', authority, { issuer: actor('nobody').did }, 'issuer_not_found'],
  ['until now', authority, { untilMs: cityStartMs }, 'authorisation_ends_in_past'],
  ['who may already', authority, degree, 'issuer_already_authorised'],
  ['without end', authority, {}, 'issuerAuthorised'],
  ['for a day, with a domain', authority, { untilMs: cityStartMs + dayMs, domain: 'um.edu.mo' }, 'issuerAuthorised'],
])('authoriseIssuer: %s', (_case, signer, change, outcome) => {
  const args = { ...licence, ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.authoriseIssuer', args))).toBe(outcome)
})

test.each<[string, Person, object, string]>([
  ['by the issuer', issuer, {}, 'not_an_issuer_authority'],
  ['who never might', authority, licence, 'issuer_not_authorised'],
  ['for a compromise to come', authority, { compromisedSinceMs: cityStartMs + 1 }, 'compromise_in_future'],
  ['for a compromise since now', authority, { compromisedSinceMs: cityStartMs }, 'issuerFrozen'],
  ['for reasons of its own', authority, {}, 'issuerFrozen'],
])('freezeIssuer: one %s', (_case, signer, change, outcome) => {
  const args = { ...degree, ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.freezeIssuer', args))).toBe(outcome)
})

test.each<[string, Person, object, string]>([
  ['by the issuer', issuer, {}, 'not_an_issuer_authority'],
  ['who never might', authority, licence, 'issuer_not_authorised'],
  ['that succeeds itself', authority, { successor: issuer.did }, 'successor_not_authorised'],
  ['before its successor may', authority, { successor: bureau.did }, 'successor_not_authorised'],
  ['who may', authority, {}, 'issuerWithdrawn'],
])('withdrawIssuer: one %s', (_case, signer, change, outcome) => {
  const args = { ...degree, ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.withdrawIssuer', args))).toBe(outcome)
})

test('withdrawIssuer: a type passes to a successor that may issue it, also out of a freeze', () => {
  const city = credentialsScene()
  city.must(authority.did, 'credentials.authoriseIssuer', { ...degree, issuer: bureau.did })
  city.must(authority.did, 'credentials.freezeIssuer', degree)
  const events = city.must(authority.did, 'credentials.withdrawIssuer', { ...degree, successor: bureau.did })
  expect(events).toMatchObject([{ type: 'credentials.issuerWithdrawn', issuer: issuer.did, successor: bureau.did }])
  // An authorisation of its own begins a period that has passed to nobody.
  city.must(authority.did, 'credentials.authoriseIssuer', degree)
  const own = city.must(authority.did, 'credentials.withdrawIssuer', degree)
  expect(own[0]).not.toHaveProperty('successor')
})

test('an authorisation ends once, and a freeze of an ended one needs news of a compromise', () => {
  const city = credentialsScene()
  const act = (verb: string, more: object = {}) =>
    outcomeOf(city.act(authority.did, `credentials.${verb}`, { ...degree, ...more }))
  expect(act('withdrawIssuer')).toBe('issuerWithdrawn')
  expect(act('withdrawIssuer')).toBe('issuer_not_authorised')
  expect(act('freezeIssuer')).toBe('issuer_not_authorised')
  expect(act('freezeIssuer', { compromisedSinceMs: cityStartMs - 5 })).toBe('issuerFrozen')
  expect(act('freezeIssuer', { compromisedSinceMs: cityStartMs - 4 })).toBe('issuer_not_authorised')
  expect(act('freezeIssuer', { compromisedSinceMs: cityStartMs - 6 })).toBe('issuerFrozen')
  expect(act('withdrawIssuer')).toBe('issuerWithdrawn')
})

test('an authorisation remembers sixty-four periods, and an issuer as many types', () => {
  const city = credentialsScene()
  for (let period = 1; period < 64; period++) {
    city.must(authority.did, 'credentials.withdrawIssuer', degree)
    city.must(authority.did, 'credentials.authoriseIssuer', degree)
  }
  city.must(authority.did, 'credentials.withdrawIssuer', degree)
  expect(city.act(authority.did, 'credentials.authoriseIssuer', degree)).toBe('authorisation_history_full')

  const authorise = (typeId: string) => {
    city.must(authority.did, 'credentials.defineType', { typeId, schemaHash: hash('s'), displayHash: hash('d') })
    return city.act(authority.did, 'credentials.authoriseIssuer', { issuer: bureau.did, typeId })
  }
  for (let number = 1; number <= 64; number++)
    expect(outcomeOf(authorise(`type_nr-${number}`))).toBe('issuerAuthorised')
  expect(authorise('type_nr-65')).toBe('authorisation_history_full')
})
