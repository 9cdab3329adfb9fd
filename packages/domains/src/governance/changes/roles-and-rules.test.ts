import { ruleset } from '@chengxin/domains/ruleset'
import type { TimeMs } from '@chengxin/kernel'
import { actor, bureau, type City, cityStartMs, foundCity, office, university } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { governanceReads } from '../reads.ts'

const eve = actor('eve')
const held = { role: 'points_operator', did: eve.did }
const grant = { kind: 'grantRole', ...held, member: 'member_office' }

function proposed(city: City, change: object): string {
  return outcomeOf(city.act(bureau.did, 'governance.proposeChange', { proposalId: 'proposal_tried', change }))
}
const possible = 'changeProposed changeApproved'

type RoleState = 'none' | 'held' | 'frozen' | 'revoked'

function cityWithRole(state: RoleState): City {
  const city = foundCity(ruleset)
  if (state === 'none') return city
  city.decide(grant)
  if (state === 'frozen') city.decide({ kind: 'freezeRole', ...held })
  if (state === 'revoked') city.decide({ kind: 'revokeRole', ...held })
  return city
}

test.each<[string, RoleState, object, string]>([
  ['for no member', 'none', { ...grant, member: 'member_none' }, 'member_not_found'],
  ['again', 'held', grant, 'role_already_held'],
  ['over a freeze', 'frozen', grant, 'role_frozen'],
  ['anew', 'revoked', grant, possible],
])('grantRole: %s', (_case, state, change, outcome) => {
  expect(proposed(cityWithRole(state), change)).toBe(outcome)
})

test.each<[string, RoleState, string]>([
  ['revokeRole', 'none', 'role_not_held'],
  ['revokeRole', 'revoked', 'role_not_held'],
  ['revokeRole', 'frozen', possible],
  ['freezeRole', 'none', 'role_not_held'],
  ['freezeRole', 'revoked', 'role_not_held'],
  ['freezeRole', 'frozen', 'role_frozen'],
  ['freezeRole', 'held', possible],
  ['unfreezeRole', 'none', 'role_not_held'],
  ['unfreezeRole', 'revoked', 'role_not_held'],
  ['unfreezeRole', 'held', 'role_not_frozen'],
  ['unfreezeRole', 'frozen', possible],
])('%s of a role that is %s', (kind, state, outcome) => {
  expect(proposed(cityWithRole(state), { kind, ...held })).toBe(outcome)
})

test('a role remembers sixty-four spans, whichever way they began', () => {
  const city = cityWithRole('held')
  for (let span = 1; span < 64; span++) {
    city.decide({ kind: 'freezeRole', ...held })
    city.decide({ kind: 'unfreezeRole', ...held })
  }
  city.decide({ kind: 'freezeRole', ...held })
  expect(proposed(city, { kind: 'unfreezeRole', ...held })).toBe('role_history_full')
  city.decide({ kind: 'revokeRole', ...held })
  expect(proposed(city, grant)).toBe('role_history_full')
})

test('whether a role was held is known for every moment', () => {
  const city = foundCity(ruleset)
  const at = (afterMs: number, change?: object) => {
    city.passTo(cityStartMs + afterMs)
    if (change) city.decide(change)
  }
  at(10, grant)
  at(20, { kind: 'freezeRole', ...held })
  at(30, { kind: 'unfreezeRole', ...held })
  at(40, { kind: 'suspendMember', memberId: 'member_office' })
  const whileSuspended = city.reads(governanceReads).memberOfRole(eve.did, held.role)
  at(50, { kind: 'reinstateMember', memberId: 'member_office' })
  const afterwards = city.reads(governanceReads).memberOfRole(eve.did, held.role)
  at(60, { kind: 'revokeRole', ...held })

  const { memberOfRole, memberOfRoleAt } = city.reads(governanceReads)
  const moments = [9, 10, 19, 20, 29, 30, 39, 40, 49, 50, 59, 60, 99]
  const heldAt = moments.filter((ms) => memberOfRoleAt(eve.did, held.role, (cityStartMs + ms) as TimeMs))
  expect(heldAt).toEqual([10, 19, 30, 39, 50, 59])
  expect([whileSuspended, afterwards, memberOfRole(eve.did, held.role)]).toEqual([
    undefined,
    'member_office',
    undefined,
  ])
})

const all = [bureau.did, university.did, office.did]
const committee = { kind: 'changeCommittee', dids: all, threshold: 3, replaces: 1 }

test.each<[string, object, string]>([
  ['written against another', { replaces: 2 }, 'committee_changed'],
  ['with a DID twice', { dids: [bureau.did, bureau.did] }, 'committee_did_listed_twice'],
  ['with an outsider', { dids: [...all, eve.did] }, 'committee_did_not_an_admin'],
  ['of which half decides', { dids: all.slice(0, 2), threshold: 1 }, 'committee_threshold_out_of_bounds'],
  ['of which more than all decide', { threshold: 4 }, 'committee_threshold_out_of_bounds'],
  ['of which all decide', {}, possible],
])('changeCommittee: one %s', (_case, change, outcome) => {
  expect(proposed(foundCity(ruleset), { ...committee, ...change })).toBe(outcome)
})

test('changeCommittee: of two written against one committee, the second is stale', () => {
  const city = foundCity(ruleset)
  const second = { ...committee, threshold: 2, dids: [bureau.did, office.did] }
  city.must(bureau.did, 'governance.proposeChange', { proposalId: 'proposal_second', change: second })
  city.decide(committee)
  city.must(university.did, 'governance.approveChange', { proposalId: 'proposal_second' })
  expect(city.act(office.did, 'governance.approveChange', { proposalId: 'proposal_second' })).toBe('committee_changed')
})

const hashOf = (letter: string) => `${letter.repeat(42)}A`
const activate = (letter: string, fromLeaf: number) => ({
  kind: 'activateRuleset',
  hash: hashOf(letter),
  version: '0.2.0',
  fromLeaf,
})

test('activateRuleset: from a leaf ahead on, until a later decision', () => {
  const city = foundCity(ruleset)
  const genesisHash = city.reads(ruleset.activation).activeRuleset(0)
  const active = (leaf: number) => city.reads(ruleset.activation).activeRuleset(leaf)
  expect(proposed(city, activate('b', city.leafIndex))).toBe('activation_not_ahead')
  city.decide(activate('b', 100))
  city.decide(activate('c', 200))
  expect([0, 99, 100, 199, 200, 10_000].map(active)).toEqual([
    genesisHash,
    genesisHash,
    hashOf('b'),
    hashOf('b'),
    hashOf('c'),
    hashOf('c'),
  ])
  // A plan for an earlier leaf drops those that would have come after it.
  city.decide(activate('d', 150))
  expect([149, 150, 200].map(active)).toEqual([hashOf('b'), hashOf('d'), hashOf('d')])
})

test('activateRuleset: what was ahead when proposed must be ahead when it passes', () => {
  const city = foundCity(ruleset)
  const fromLeaf = city.leafIndex + 1
  city.must(bureau.did, 'governance.proposeChange', { proposalId: 'proposal_late', change: activate('b', fromLeaf) })
  expect(city.act(university.did, 'governance.approveChange', { proposalId: 'proposal_late' })).toBe(
    'activation_not_ahead',
  )
})

test('activateRuleset: a group changes its rules a bounded number of times', () => {
  const city = foundCity(ruleset)
  const far = 1_000_000
  for (let number = 1; number < 1024; number++) city.decide(activate('b', far + number))
  expect(proposed(city, activate('b', far * 2))).toBe('ruleset_history_full')
})
