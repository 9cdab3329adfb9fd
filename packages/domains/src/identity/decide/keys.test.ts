import { ruleset } from '@chengxin/domains/ruleset'
import { actor, type City, foundCity, provenKey } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const anna = actor('anna')
const spare = actor('anna’s spare key')

function cityWithAnna(): City {
  const city = foundCity(ruleset)
  city.enrol(anna)
  return city
}

const addSpare = { keyId: 'key-2', ...provenKey(spare, anna.did) }

test.each<[string, typeof anna, object, string]>([
  ['for nobody', actor('eve'), {}, 'identity_not_found'],
  ['under a taken id', anna, { keyId: 'key-1' }, 'key_id_already_used'],
  ['twice', anna, provenKey(anna), 'key_already_present'],
  ['that serves a member', anna, provenKey(actor('office log'), anna.did), 'key_of_a_member'],
  ['with a proof for another DID', anna, provenKey(spare), 'proof_invalid'],
  ['with its proof', anna, {}, 'keyAdded'],
])('addKey: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(cityWithAnna().act(signer.did, 'identity.addKey', { ...addSpare, ...change }))).toBe(outcome)
})

test('addKey: sixteen live keys and no more', () => {
  const city = cityWithAnna()
  const add = (number: number) =>
    city.act(anna.did, 'identity.addKey', { keyId: `key-${number}`, ...provenKey(actor(`spare ${number}`), anna.did) })
  for (let number = 2; number <= 16; number++) expect(outcomeOf(add(number))).toBe('keyAdded')
  expect(add(17)).toBe('too_many_keys')
  city.must(anna.did, 'identity.retireKey', { keyId: 'key-5' })
  expect(outcomeOf(add(17))).toBe('keyAdded')
})

test('addKey: the id of a retired key never comes back', () => {
  const city = cityWithAnna()
  city.must(anna.did, 'identity.addKey', addSpare)
  city.must(anna.did, 'identity.retireKey', { keyId: 'key-1' })
  expect(city.act(anna.did, 'identity.addKey', { keyId: 'key-1', ...provenKey(anna) })).toBe('key_id_already_used')
})

test.each<[string, typeof anna, string, string]>([
  ['of nobody', actor('eve'), 'key-1', 'identity_not_found'],
  ['that the DID does not have', anna, 'key-9', 'key_not_found'],
  ['that is the last', anna, 'key-1', 'last_active_key'],
])('retireKey: one %s', (_case, signer, keyId, outcome) => {
  expect(cityWithAnna().act(signer.did, 'identity.retireKey', { keyId })).toBe(outcome)
})

test('the ledger is told which key may sign', () => {
  const city = cityWithAnna()
  const activeKey = (did: typeof anna.did, keyId: string) =>
    city.reads(ruleset.identity).activeKey(did, keyId, city.timeMs)
  expect(activeKey(actor('eve').did, 'key-1')).toEqual({ refused: 'key_unknown' })
  expect(activeKey(anna.did, 'key-2')).toEqual({ refused: 'key_unknown' })
  city.must(anna.did, 'identity.addKey', addSpare)
  city.must(anna.did, 'identity.retireKey', { keyId: 'key-1' })
  expect(activeKey(anna.did, 'key-1')).toEqual({ refused: 'key_retired' })
  expect(activeKey(anna.did, 'key-2')).toEqual({ key: spare.key })
  city.must(anna.did, 'identity.deactivate', {})
  expect(activeKey(anna.did, 'key-2')).toEqual({ refused: 'identity_deactivated' })
})

test('deactivate: once, and nothing comes after', () => {
  const city = cityWithAnna()
  expect(city.act(actor('eve').did, 'identity.deactivate', {})).toBe('identity_not_found')
  expect(outcomeOf(city.act(anna.did, 'identity.deactivate', {}))).toBe('keyRetired deactivated')
  expect(city.act(anna.did, 'identity.deactivate', {})).toBe('identity_not_found')
  expect(city.act(anna.did, 'identity.addKey', addSpare)).toBe('identity_not_found')
})
