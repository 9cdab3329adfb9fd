import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { bureau, cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { describe, expect, test } from 'vitest'

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

describe('anchorStatusList: a list of a dissolved issuer', () => {
  const licence = { issuer: issuer.did, typeId: 'type_licence' }

  /** An issuer of two types, of which the first passes to the bureau; the second ends as told. */
  function passed(second: 'goes on' | 'ends' | 'is frozen') {
    const city = credentialsScene()
    city.must(authority.did, 'credentials.authoriseIssuer', licence)
    city.must(issuer.did, 'credentials.anchorStatusList', first)
    city.must(authority.did, 'credentials.authoriseIssuer', { ...degree, issuer: bureau.did })
    city.must(authority.did, 'credentials.withdrawIssuer', { ...degree, successor: bureau.did })
    if (second === 'ends') city.must(authority.did, 'credentials.withdrawIssuer', licence)
    if (second === 'is frozen') city.must(authority.did, 'credentials.freezeIssuer', licence)
    const publish = (person: typeof issuer, version: number) =>
      outcomeOf(city.act(person.did, 'credentials.anchorStatusList', { ...first, version, hash: hash(`${version}`) }))
    return { city, publish }
  }

  test('stays with an issuer that goes on with another type', () => {
    const { publish } = passed('goes on')
    expect(publish(bureau, 2)).toBe('not_the_list_owner')
    expect(publish(issuer, 2)).toBe('statusListAnchored')
  })

  test.each(['ends', 'is frozen'] as const)(
    'passes to the successor, which owns it then; the other type %s',
    (second) => {
      const { publish } = passed(second)
      expect(publish(authority, 2)).toBe('not_the_list_owner')
      expect(publish(bureau, 1)).toBe('version_not_next')
      expect(publish(bureau, 2)).toBe('statusListAnchored')
      expect(publish(issuer, 3)).toBe('not_the_list_owner')
      expect(publish(bureau, 3)).toBe('statusListAnchored')
    },
  )

  test('is not continued by a successor that is frozen', () => {
    const { city, publish } = passed('ends')
    city.must(authority.did, 'credentials.freezeIssuer', { ...degree, issuer: bureau.did })
    expect(publish(bureau, 2)).toBe('issuer_frozen')
  })

  test('passes on from successor to successor', () => {
    const { city, publish } = passed('ends')
    expect(publish(bureau, 2)).toBe('statusListAnchored')
    city.must(authority.did, 'credentials.authoriseIssuer', { ...degree, issuer: authority.did })
    city.must(authority.did, 'credentials.withdrawIssuer', { ...degree, issuer: bureau.did, successor: authority.did })
    expect(publish(authority, 3)).toBe('statusListAnchored')
    expect(publish(bureau, 4)).toBe('not_the_list_owner')
  })
})
