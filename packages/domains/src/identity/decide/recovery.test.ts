import { ruleset } from '@chengxin/domains/ruleset'
import { actor, type City, cityStartMs, dayMs, foundCity, provenKey } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { identityReads } from '../reads.ts'

type Person = ReturnType<typeof actor>
const [anna, ben, carl, dora, eve, agent] = ['anna', 'ben', 'carl', 'dora', 'eve', 'agent'].map(actor) as [
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
]
const guardians = [ben.did, carl.did, dora.did]
const newKey = actor('anna’s new key')
const request = { did: anna.did, keyId: 'key-new', ...provenKey(newKey, anna.did) }
const policy = { guardians, threshold: 2, delayMs: dayMs }

function cityWithPeople(): City {
  const city = foundCity(ruleset)
  city.enrol(anna, ben, carl, dora, eve, agent)
  return city
}

/** How far a recovery has come before the verb under test. */
type Stage = 'no policy' | 'policy' | 'requested' | 'approved'

function cityAt(stage: Stage): City {
  const city = cityWithPeople()
  if (stage === 'no policy') return city
  city.must(anna.did, 'identity.setRecovery', policy)
  if (stage === 'policy') return city
  city.must(ben.did, 'identity.requestRecovery', request)
  if (stage === 'approved') city.must(carl.did, 'identity.approveRecovery', { did: anna.did })
  return city
}

test.each<[string, Stage, object, string]>([
  ['while one runs', 'requested', {}, 'recovery_in_progress'],
  ['with a guardian twice', 'no policy', { guardians: [ben.did, ben.did] }, 'guardian_listed_twice'],
  ['with oneself', 'no policy', { guardians: [anna.did, ben.did] }, 'guardian_is_self'],
  ['with a stranger', 'no policy', { guardians: [ben.did, actor('nobody').did] }, 'guardian_not_found'],
  ['with too few guardians', 'no policy', { threshold: 4 }, 'recovery_threshold_out_of_bounds'],
  ['for the first time', 'no policy', {}, 'recoverySet'],
  ['again', 'policy', { threshold: 3 }, 'recoverySet'],
])('setRecovery: %s', (_case, stage, change, outcome) => {
  expect(outcomeOf(cityAt(stage).act(anna.did, 'identity.setRecovery', { ...policy, ...change }))).toBe(outcome)
})

test.each<[string, Stage, Person, object, string]>([
  ['of nobody', 'policy', ben, { did: actor('nobody').did }, 'identity_not_found'],
  ['under a taken key id', 'policy', ben, { keyId: 'key-1' }, 'key_id_already_used'],
  ['with the key that is there', 'policy', ben, provenKey(anna), 'key_already_present'],
  ['with a key of a member', 'policy', ben, provenKey(actor('office log'), anna.did), 'key_of_a_member'],
  ['with a proof for another DID', 'policy', ben, provenKey(newKey), 'proof_invalid'],
  ['while one runs', 'requested', carl, {}, 'recovery_in_progress'],
  ['without guardians', 'no policy', ben, {}, 'recovery_not_set'],
  ['by somebody else', 'policy', eve, {}, 'not_a_guardian'],
  ['by a guardian', 'policy', ben, {}, 'recoveryRequested recoveryApproved'],
])('requestRecovery: %s', (_case, stage, signer, change, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.requestRecovery', { ...request, ...change }))).toBe(outcome)
})

test.each<[string, Stage, Person, string]>([
  ['without guardians', 'no policy', ben, 'recovery_not_set'],
  ['by somebody else', 'requested', eve, 'not_a_guardian'],
  ['of nothing', 'policy', carl, 'recovery_not_requested'],
  ['by who asked', 'requested', ben, 'recovery_already_approved'],
  ['by the last one needed', 'requested', carl, 'recoveryApproved recoveryWaiting'],
  ['by one more', 'approved', dora, 'recoveryApproved'],
])('approveRecovery: %s', (_case, stage, signer, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.approveRecovery', { did: anna.did }))).toBe(outcome)
})

test.each<[string, Stage, Person, string]>([
  ['of nothing', 'policy', anna, 'recovery_not_requested'],
  ['by a guardian', 'requested', ben, 'recovery_not_requested'],
  ['by the DID itself', 'approved', anna, 'recoveryCancelled'],
])('cancelRecovery: %s', (_case, stage, signer, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.cancelRecovery', {}))).toBe(outcome)
})

test.each<[string, Stage, number, object, string]>([
  ['of nobody', 'approved', dayMs, { did: actor('nobody').did }, 'identity_not_found'],
  ['of nothing', 'policy', dayMs, {}, 'recovery_not_requested'],
  ['with too few approvals', 'requested', dayMs, {}, 'recovery_not_approved'],
  ['a moment too early', 'approved', dayMs - 1, {}, 'recovery_too_early'],
  ['after it has lapsed', 'approved', 31 * dayMs, {}, 'recovery_not_requested'],
  ['in time, by anyone', 'approved', dayMs, {}, 'keyRetired keyAdded recoveryCompleted'],
])('completeRecovery: %s', (_case, stage, afterMs, change, outcome) => {
  const city = cityAt(stage)
  city.passTo(cityStartMs + afterMs)
  expect(outcomeOf(city.act(eve.did, 'identity.completeRecovery', { did: anna.did, ...change }))).toBe(outcome)
})

test('with one guardian needed, the waiting begins with the request', () => {
  const city = cityWithPeople()
  city.must(anna.did, 'identity.setRecovery', { ...policy, threshold: 1 })
  expect(outcomeOf(city.act(ben.did, 'identity.requestRecovery', request))).toBe(
    'recoveryRequested recoveryApproved recoveryWaiting',
  )
})

test('completeRecovery: a live key that took the name meanwhile is in the way', () => {
  const city = cityAt('approved')
  city.must(anna.did, 'identity.addKey', { keyId: 'key-new', ...provenKey(actor('other'), anna.did) })
  city.passTo(cityStartMs + dayMs)
  expect(city.act(eve.did, 'identity.completeRecovery', { did: anna.did })).toBe('key_id_already_used')
})

test('a recovery rests delegations while it runs, and ends them when it completes', () => {
  const city = cityAt('policy')
  const untilMs = cityStartMs + 300 * dayMs
  const delegation = { delegationId: 'delegation_0001', to: agent.did, scope: ['points.*'], untilMs }
  city.must(anna.did, 'identity.delegate', delegation)
  const mayAct = () => city.reads(ruleset.identity).mayActFor(agent.did, anna.did, 'points.hold', city.timeMs)?.refused
  const isRecovering = () => city.reads(identityReads).isRecovering(anna.did, city.timeMs)

  city.must(ben.did, 'identity.requestRecovery', request)
  expect([mayAct(), isRecovering()]).toEqual(['delegation_suspended', true])
  city.must(anna.did, 'identity.cancelRecovery', {})
  expect([mayAct(), isRecovering()]).toEqual([undefined, false])

  city.must(ben.did, 'identity.requestRecovery', request)
  city.must(dora.did, 'identity.approveRecovery', { did: anna.did })
  city.passTo(cityStartMs + dayMs)
  city.must(eve.did, 'identity.completeRecovery', { did: anna.did })
  expect([mayAct(), isRecovering()]).toEqual(['delegation_missing', false])
  const answers = city.reads(ruleset.identity)
  expect(answers.activeKey(anna.did, 'key-1', city.timeMs)).toEqual({ refused: 'key_retired' })
  expect(answers.activeKey(anna.did, 'key-new', city.timeMs)).toEqual({ key: newKey.key })
})
