import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { actor, bureau, cityStartMs, dayMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const args = { batchId: 'batch_2026', typeId: 'type_degree', root: hash('r'), count: 1200 }

test.each<[string, typeof issuer, object, string]>([
  ['by nobody', actor('nobody'), {}, 'issuer_not_authorised'],
  ['by who may issue nothing', bureau, {}, 'issuer_not_authorised'],
  ['of a type the issuer may not issue', issuer, { typeId: 'type_licence' }, 'issuer_not_authorised'],
  ['of its own', issuer, {}, 'batchAnchored'],
])('anchorBatch: %s', (_case, signer, change, outcome) => {
  expect(outcomeOf(credentialsScene().act(signer.did, 'credentials.anchorBatch', { ...args, ...change }))).toBe(outcome)
})

test('anchorBatch: a batch and a root are anchored once', () => {
  const city = credentialsScene()
  city.must(issuer.did, 'credentials.anchorBatch', args)
  expect(city.act(issuer.did, 'credentials.anchorBatch', { ...args, root: hash('q') })).toBe('batch_already_exists')
  expect(city.act(issuer.did, 'credentials.anchorBatch', { ...args, batchId: 'batch_2027' })).toBe(
    'root_already_anchored',
  )
})

test.each<[string, object | undefined, number, string]>([
  ['before its planned end', undefined, dayMs - 1, 'batchAnchored'],
  ['at its planned end', undefined, dayMs, 'issuer_not_authorised'],
  ['when frozen', { verb: 'freezeIssuer' }, 1, 'issuer_not_authorised'],
  ['when withdrawn', { verb: 'withdrawIssuer' }, 1, 'issuer_not_authorised'],
])('anchorBatch: an issuer %s', (_case, end, afterMs, outcome) => {
  const city = credentialsScene()
  const licence = { issuer: issuer.did, typeId: 'type_licence' }
  city.must(authority.did, 'credentials.authoriseIssuer', { ...licence, untilMs: cityStartMs + dayMs })
  city.passTo(cityStartMs + afterMs)
  if (end) city.must(authority.did, `credentials.${(end as { verb: string }).verb}`, licence)
  const batch = { ...args, typeId: 'type_licence' }
  expect(outcomeOf(city.act(issuer.did, 'credentials.anchorBatch', batch))).toBe(outcome)
})

test('anchorBatch: an issuer that is authorised anew goes on', () => {
  const city = credentialsScene()
  const degree = { issuer: issuer.did, typeId: 'type_degree' }
  city.must(authority.did, 'credentials.freezeIssuer', { ...degree, compromisedSinceMs: cityStartMs })
  city.passTo(cityStartMs + 1)
  city.must(authority.did, 'credentials.authoriseIssuer', degree)
  expect(outcomeOf(city.act(issuer.did, 'credentials.anchorBatch', args))).toBe('batchAnchored')
})
