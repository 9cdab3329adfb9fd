import { ruleset } from '@chengxin/domains/ruleset'
import { actor, bureau, type City, cityStartMs, dayMs, foundCity, provenKey } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { identityReads } from '../reads.ts'

type Person = ReturnType<typeof actor>
const [anna, lam, wong, outsider, guardian, agent] = ['anna', 'lam', 'wong', 'outsider', 'ben', 'agent'].map(actor) as [
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
]
const newKey = actor('anna’s new key')
const commitment = 'A'.repeat(43)
const request = { did: anna.did, keyId: 'key-new', ...provenKey(newKey, anna.did) }
const weekMs = 7 * dayMs
const role = 'counter_officer'

/** How far a recovery at the counter has come before the verb under test. */
type Stage = 'unconfirmed' | 'confirmed' | 'closed' | 'requested' | 'approved'

/** Lam and Wong sit at the counter of the bureau that confirms; another member has an officer of its own. */
function cityAt(stage: Stage): City {
  const city = foundCity(ruleset)
  city.enrol(anna, lam, wong, outsider, guardian, agent)
  city.grant('identity_bureau', bureau.did)
  for (const officer of [lam, wong]) city.grant(role, officer.did)
  city.grant(role, outsider.did, 'member_university')
  if (stage === 'unconfirmed') return city
  city.must(bureau.did, 'identity.confirm', { did: anna.did, commitment })
  if (stage === 'closed') city.must(anna.did, 'identity.setCounter', { standing: 'closed', delayMs: weekMs })
  if (stage === 'requested' || stage === 'approved') city.must(lam.did, 'identity.requestAtCounter', request)
  if (stage === 'approved') city.must(wong.did, 'identity.approveAtCounter', { did: anna.did })
  return city
}

test.each<[string, Stage, string]>([
  ['while a recovery runs', 'requested', 'recovery_in_progress'],
  ['before any confirmation', 'unconfirmed', 'counterSet'],
  ['afterwards', 'confirmed', 'counterSet'],
])('setCounter: %s', (_case, stage, outcome) => {
  const args = { standing: 'open', delayMs: 30 * dayMs }
  expect(outcomeOf(cityAt(stage).act(anna.did, 'identity.setCounter', args))).toBe(outcome)
})

test.each<[string, Stage, Person, object, string]>([
  ['of nobody', 'confirmed', lam, { did: actor('nobody').did }, 'identity_not_found'],
  ['under a taken key id', 'confirmed', lam, { keyId: 'key-1' }, 'key_id_already_used'],
  ['with the key that is there', 'confirmed', lam, provenKey(anna), 'key_already_present'],
  ['with a key of a member', 'confirmed', lam, provenKey(actor('office log'), anna.did), 'key_of_a_member'],
  ['with a proof for another DID', 'confirmed', lam, provenKey(newKey), 'proof_invalid'],
  ['while one runs', 'requested', wong, {}, 'recovery_in_progress'],
  ['of whom no bureau knows', 'unconfirmed', lam, {}, 'counter_not_offered'],
  ['of who took the counter out', 'closed', lam, {}, 'counter_closed'],
  ['by the bureau’s own key', 'confirmed', bureau, {}, 'not_a_counter_officer'],
  ['by an officer of another member', 'confirmed', outsider, {}, 'not_a_counter_officer'],
  ['by a resident', 'confirmed', agent, {}, 'not_a_counter_officer'],
  ['by an officer', 'confirmed', lam, {}, 'recoveryRequested recoveryApproved'],
])('requestAtCounter: %s', (_case, stage, signer, change, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.requestAtCounter', { ...request, ...change }))).toBe(outcome)
})

test.each<[string, Stage, Person, string]>([
  ['of whom no bureau knows', 'unconfirmed', wong, 'counter_not_offered'],
  ['of who took the counter out', 'closed', wong, 'counter_closed'],
  ['by an officer of another member', 'requested', outsider, 'not_a_counter_officer'],
  ['of nothing', 'confirmed', wong, 'recovery_not_requested'],
  ['by who asked', 'requested', lam, 'recovery_already_approved'],
  ['by a colleague', 'requested', wong, 'recoveryApproved recoveryWaiting'],
])('approveAtCounter: %s', (_case, stage, signer, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.approveAtCounter', { did: anna.did }))).toBe(outcome)
})

test.each<[string, Stage, Person, string]>([
  ['by an officer of another member', 'requested', outsider, 'not_a_counter_officer'],
  ['of nothing', 'confirmed', wong, 'recovery_not_requested'],
  ['by a colleague', 'approved', wong, 'recoveryCancelled'],
])('withdrawAtCounter: %s', (_case, stage, signer, outcome) => {
  expect(outcomeOf(cityAt(stage).act(signer.did, 'identity.withdrawAtCounter', { did: anna.did }))).toBe(outcome)
})

test.each<[string, Stage, number, string]>([
  ['with one officer', 'requested', weekMs, 'recovery_not_approved'],
  ['a moment too early', 'approved', weekMs - 1, 'recovery_too_early'],
  ['after it has lapsed', 'approved', weekMs + 30 * dayMs, 'recovery_not_requested'],
  ['in time, by anyone', 'approved', weekMs, 'keyRetired keyAdded recoveryCompleted'],
])('completeRecovery at the counter: %s', (_case, stage, afterMs, outcome) => {
  const city = cityAt(stage)
  city.passTo(cityStartMs + afterMs)
  expect(outcomeOf(city.act(agent.did, 'identity.completeRecovery', { did: anna.did }))).toBe(outcome)
})

test('an officer who is put out of office during the wait has approved nothing', () => {
  const city = cityAt('approved')
  city.decide({ kind: 'revokeRole', role, did: wong.did })
  city.passTo(cityStartMs + weekMs)
  expect(city.act(agent.did, 'identity.completeRecovery', { did: anna.did })).toBe('recovery_not_approved')
})

test('nobody is the officer of their own recovery', () => {
  const city = cityAt('unconfirmed')
  city.must(bureau.did, 'identity.confirm', { did: lam.did, commitment })
  const own = { did: lam.did, keyId: 'key-new', ...provenKey(newKey, lam.did) }
  expect(city.act(lam.did, 'identity.requestAtCounter', own)).toBe('own_recovery')
})

test('a longer wait that the holder has chosen is kept, and a confirmation does not open what was closed', () => {
  const city = cityAt('confirmed')
  city.must(anna.did, 'identity.setCounter', { standing: 'open', delayMs: 30 * dayMs })
  city.must(lam.did, 'identity.requestAtCounter', request)
  expect(city.must(wong.did, 'identity.approveAtCounter', { did: anna.did })).toMatchObject([
    {},
    { completableAtMs: cityStartMs + 30 * dayMs },
  ])
  city.must(anna.did, 'identity.cancelRecovery', {})
  city.must(anna.did, 'identity.setCounter', { standing: 'closed', delayMs: weekMs })
  city.must(bureau.did, 'identity.confirm', { did: anna.did, commitment })
  expect(city.act(lam.did, 'identity.requestAtCounter', request)).toBe('counter_closed')
})

test('it suspends at once, any key that is left stops it, and it ends delegations when it completes', () => {
  const city = cityAt('confirmed')
  const untilMs = cityStartMs + 300 * dayMs
  const delegation = { delegationId: 'delegation_0001', to: agent.did, scope: ['points.*'], untilMs }
  city.must(anna.did, 'identity.delegate', delegation)
  const mayAct = () => city.reads(ruleset.identity).mayActFor(agent.did, anna.did, 'points.hold', city.timeMs)?.refused
  const isRecovering = () => city.reads(identityReads).isRecovering(anna.did, city.timeMs)

  city.must(lam.did, 'identity.requestAtCounter', request)
  expect([mayAct(), isRecovering()]).toEqual(['delegation_suspended', true])
  city.must(anna.did, 'identity.cancelRecovery', {})
  expect([mayAct(), isRecovering()]).toEqual([undefined, false])

  city.must(lam.did, 'identity.requestAtCounter', request)
  city.must(wong.did, 'identity.approveAtCounter', { did: anna.did })
  city.passTo(cityStartMs + weekMs)
  city.must(agent.did, 'identity.completeRecovery', { did: anna.did })
  expect([mayAct(), isRecovering()]).toEqual(['delegation_missing', false])
  const answers = city.reads(ruleset.identity)
  expect(answers.activeKey(anna.did, 'key-1', city.timeMs)).toEqual({ refused: 'key_retired' })
  expect(answers.activeKey(anna.did, 'key-new', city.timeMs)).toEqual({ key: newKey.key })
})

test('guardians and the counter are two ways, of which one runs at a time and none counts for the other', () => {
  const city = cityAt('confirmed')
  city.must(anna.did, 'identity.setRecovery', { guardians: [guardian.did, wong.did], threshold: 2, delayMs: dayMs })
  city.must(lam.did, 'identity.requestAtCounter', request)
  expect(city.act(guardian.did, 'identity.requestRecovery', request)).toBe('recovery_in_progress')
  // Wong is a guardian too, and as such agrees to nothing that runs at the counter.
  expect(city.act(wong.did, 'identity.approveRecovery', { did: anna.did })).toBe('recovery_not_requested')
  // What has lapsed is in nobody's way.
  city.passTo(cityStartMs + 38 * dayMs)
  city.must(guardian.did, 'identity.requestRecovery', request)
  expect(city.act(lam.did, 'identity.approveAtCounter', { did: anna.did })).toBe('recovery_not_requested')
  city.must(wong.did, 'identity.approveRecovery', { did: anna.did })
  city.passTo(cityStartMs + 39 * dayMs)
  city.must(agent.did, 'identity.completeRecovery', { did: anna.did })
})
