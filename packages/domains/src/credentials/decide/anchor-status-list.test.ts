import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { bureau, cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const first = { listId: 'list_degrees', version: 1, hash: hash('1'), validUntilMs: cityStartMs + dayMs }
const degree = { issuer: issuer.did, typeId: 'type_degree' }

test.each<[string, typeof issuer, object, string]>([
  ['by who may issue nothing', bureau, {}, 'not_an_issuer'],
  ['that begins at two', issuer, { version: 2 }, 'version_not_next'],
  ['that is out of date', issuer, { validUntilMs: cityStartMs }, 'validity_ends_in_past'],
  ['by an issuer', issuer, {}, 'statusListAnchored'],
])('anchorStatusList: a first version %s', (_case, signer, change, outcome) => {
  const args = { ...first, ...change }
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.anchorStatusList', args))).toBe(outcome)
})

test.each<[string, typeof issuer, object, string]>([
  ['by another issuer', bureau, {}, 'not_the_list_owner'],
  ['that repeats the last', issuer, { version: 1 }, 'version_not_next'],
  ['that leaves one out', issuer, { version: 3 }, 'version_not_next'],
  ['that follows', issuer, {}, 'statusListAnchored'],
])('anchorStatusList: a second version %s', (_case, signer, change, outcome) => {
  const city = credentialsScene()
  city.must(authority.did, 'credentials.authoriseIssuer', { ...degree, issuer: bureau.did })
  city.must(issuer.did, 'credentials.anchorStatusList', first)
  const args = { ...first, version: 2, hash: hash('2'), ...change }
  expect(outcomeOf(city.act(signer.did, 'credentials.anchorStatusList', args))).toBe(outcome)
})

test('anchorStatusList: an owner revokes after an orderly end, and not while frozen', () => {
  const city = credentialsScene()
  const publish = (version: number) =>
    outcomeOf(city.act(issuer.did, 'credentials.anchorStatusList', { ...first, version, hash: hash(String(version)) }))
  expect(publish(1)).toBe('statusListAnchored')
  city.must(authority.did, 'credentials.freezeIssuer', degree)
  expect(publish(2)).toBe('issuer_frozen')
  city.must(authority.did, 'credentials.withdrawIssuer', degree)
  expect(publish(2)).toBe('statusListAnchored')
  city.must(authority.did, 'credentials.freezeIssuer', { ...degree, compromisedSinceMs: cityStartMs })
  expect(publish(3)).toBe('issuer_frozen')
  city.must(authority.did, 'credentials.authoriseIssuer', degree)
  expect(publish(3)).toBe('statusListAnchored')
})
