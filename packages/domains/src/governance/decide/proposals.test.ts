import { ruleset } from '@chengxin/domains/ruleset'
import {
  actor,
  bureau,
  type City,
  cityStartMs,
  dayMs,
  foundCity,
  office,
  university,
} from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

type Person = typeof bureau
const eve = actor('eve')
const proposalId = 'proposal_0001'
const change = { kind: 'grantRole', role: 'points_operator', did: eve.did, member: 'member_office' }
const monthMs = 30 * dayMs

function cityWithProposal(): City {
  const city = foundCity(ruleset)
  city.must(bureau.did, 'governance.proposeChange', { proposalId, change })
  return city
}

test.each<[string, Person, object, string]>([
  ['by an outsider', eve, {}, 'not_in_committee'],
  ['under a taken id', bureau, {}, 'proposal_already_exists'],
  [
    'that cannot be',
    university,
    { proposalId: 'proposal_0002', change: { ...change, member: 'member_none' } },
    'member_not_found',
  ],
  ['that can be', university, { proposalId: 'proposal_0002' }, 'changeProposed changeApproved'],
])('proposeChange: %s', (_case, signer, changed, outcome) => {
  const args = { proposalId, change, ...changed }
  expect(outcomeOf(cityWithProposal().act(signer.did, 'governance.proposeChange', args))).toBe(outcome)
})

test.each<[string, Person, string, number, string]>([
  ['by an outsider', eve, proposalId, 0, 'not_in_committee'],
  ['of nothing', university, 'proposal_none', 0, 'proposal_not_found'],
  ['after thirty days', university, proposalId, monthMs, 'proposal_expired'],
  ['by the proposer', bureau, proposalId, 0, 'already_approved'],
  ['by the last one needed', university, proposalId, monthMs - 1, 'changeApproved changePassed roleGranted'],
])('approveChange: %s', (_case, signer, id, afterMs, outcome) => {
  const city = cityWithProposal()
  city.passTo(cityStartMs + afterMs)
  expect(outcomeOf(city.act(signer.did, 'governance.approveChange', { proposalId: id }))).toBe(outcome)
})

test.each<[string, Person, string, string]>([
  ['of nothing', bureau, 'proposal_none', 'proposal_not_found'],
  ['by another member', university, proposalId, 'not_the_proposer'],
  ['by the proposer', bureau, proposalId, 'changeWithdrawn'],
])('withdrawChange: %s', (_case, signer, id, outcome) => {
  expect(outcomeOf(cityWithProposal().act(signer.did, 'governance.withdrawChange', { proposalId: id }))).toBe(outcome)
})

test('a proposal is decided once', () => {
  const city = cityWithProposal()
  city.must(university.did, 'governance.approveChange', { proposalId })
  expect(city.act(office.did, 'governance.approveChange', { proposalId })).toBe('proposal_not_open')
  expect(city.act(bureau.did, 'governance.withdrawChange', { proposalId })).toBe('proposal_not_open')
})

test('a withdrawn proposal cannot pass, and keeps its id', () => {
  const city = cityWithProposal()
  city.must(bureau.did, 'governance.withdrawChange', { proposalId })
  expect(city.act(university.did, 'governance.approveChange', { proposalId })).toBe('proposal_not_open')
  expect(city.act(bureau.did, 'governance.proposeChange', { proposalId, change })).toBe('proposal_already_exists')
})

test('what has become impossible is refused to who would have decided it, and stays open', () => {
  const city = cityWithProposal()
  city.decide({ ...change })
  expect(city.act(university.did, 'governance.approveChange', { proposalId })).toBe('role_already_held')
  city.decide({ kind: 'revokeRole', role: change.role, did: eve.did })
  expect(outcomeOf(city.act(university.did, 'governance.approveChange', { proposalId }))).toContain('changePassed')
})

test('approvals of who has lost the seat do not count', () => {
  const city = cityWithProposal()
  const replaces = 1
  const dids = [university.did, office.did]
  city.decide({ kind: 'changeCommittee', dids, threshold: 2, replaces })
  // The bureau proposed and approved, and sits no more: the university alone is one of two.
  expect(outcomeOf(city.act(university.did, 'governance.approveChange', { proposalId }))).toBe('changeApproved')
  expect(city.act(bureau.did, 'governance.approveChange', { proposalId })).toBe('not_in_committee')
  expect(outcomeOf(city.act(office.did, 'governance.approveChange', { proposalId }))).toContain('roleGranted')
})

test('the seat of a suspended member does not count', () => {
  const city = cityWithProposal()
  city.decide({ kind: 'suspendMember', memberId: 'member_university' })
  expect(city.act(university.did, 'governance.approveChange', { proposalId })).toBe('not_in_committee')
  expect(outcomeOf(city.act(office.did, 'governance.approveChange', { proposalId }))).toContain('roleGranted')
})

test('a committee of one decides by proposing', () => {
  const city = foundCity(ruleset)
  city.decide({ kind: 'changeCommittee', dids: [office.did], threshold: 1, replaces: 1 })
  expect(outcomeOf(city.act(office.did, 'governance.proposeChange', { proposalId, change }))).toBe(
    'changeProposed changeApproved changePassed roleGranted',
  )
})

test('a closed proposal keeps no certificate in state', () => {
  const city = cityWithProposal()
  city.must(university.did, 'governance.approveChange', { proposalId })
  expect(JSON.parse(city.rows().get(`governance/proposals/${proposalId}`) ?? '')).not.toHaveProperty('change')
})
