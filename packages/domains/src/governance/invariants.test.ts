/** Whatever a committee decides about itself and the members: it can always decide again. */
import { ruleset } from '@chengxin/domains/ruleset'
import {
  actor,
  bureau,
  type City,
  certificateOf,
  cityGenesis,
  dayMs,
  foundCity,
  office,
  provenMemberKey,
  university,
} from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Committee, Member } from './types.ts'

const admins = [bureau, university, office, actor('bank admin'), actor('second admin')]
const memberId = fc.constantFrom('member_bureau', 'member_university', 'member_office', 'member_bank')
const did = fc.constantFrom(...admins.map((admin) => admin.did))
const role = fc.constantFrom('registrar', 'points_operator')
const bank = 'member_bank'
const bankAdmission = {
  kind: 'admitMember',
  memberId: bank,
  certificate: certificateOf(bank),
  adminDids: [actor('bank admin').did],
  logKey: provenMemberKey(actor('bank log'), bank, 'log'),
  cosignerKey: provenMemberKey(actor('bank cosigner'), bank, 'cosigner'),
}
const validatorOf = (member: string) => provenMemberKey(actor(`${member} validator`), member, 'validator')

const standing = fc.record({ kind: fc.constantFrom('suspendMember', 'reinstateMember', 'removeMember'), memberId })
const newAdmins = fc.record({
  kind: fc.constant('rotateMember'),
  memberId,
  adminDids: fc.uniqueArray(did, { minLength: 1, maxLength: 3 }),
})
const newCommittee = fc.record({
  kind: fc.constant('changeCommittee'),
  dids: fc.uniqueArray(did, { minLength: 1, maxLength: 5 }),
  threshold: fc.integer({ min: 1, max: 4 }),
  /** How many compositions ago it was written; made a version when it is proposed. */
  replaces: fc.constantFrom(0, 0, 0, 1),
})
const change = fc.oneof(
  { arbitrary: fc.constant(bankAdmission), weight: 1 },
  { arbitrary: standing, weight: 4 },
  { arbitrary: newAdmins, weight: 3 },
  {
    arbitrary: memberId.map((id) => ({ kind: 'rotateMember', memberId: id, validatorKey: validatorOf(id) })),
    weight: 1,
  },
  { arbitrary: fc.record({ kind: fc.constant('grantRole'), role, did, member: memberId }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constantFrom('revokeRole', 'freezeRole', 'unfreezeRole'), role, did }), weight: 2 },
  { arbitrary: newCommittee, weight: 4 },
)
const step = fc.oneof(
  { arbitrary: fc.record({ act: fc.constant('propose'), signer: did, change, number: fc.nat(30) }), weight: 2 },
  { arbitrary: fc.record({ act: fc.constantFrom('approve', 'withdraw'), signer: did, number: fc.nat(30) }), weight: 2 },
  // Everybody is asked to propose and to approve it: the way in which most things come to pass.
  {
    arbitrary: fc.record({ act: fc.constant('carry'), change, number: fc.integer({ min: 31, max: 9999 }) }),
    weight: 4,
  },
)

test('governance: the committee can always decide, and replay', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat(5)), { minLength: 10, maxLength: 40 }), (steps) => {
      const city = foundCity(ruleset, cityGenesis())
      for (const [{ act, number, ...more }, days] of steps) {
        city.passTo(city.timeMs + days * dayMs)
        const proposalId = `proposal_nr-${number}`
        const { signer, change } = more as { readonly signer?: typeof bureau.did; readonly change?: object }
        const asked = signer === undefined ? admins.map((admin) => admin.did) : [signer]
        for (const did of asked) {
          if (act === 'withdraw') city.act(did, 'governance.withdrawChange', { proposalId })
          if (change) city.act(did, 'governance.proposeChange', { proposalId, change: written(city, change) })
          if (act !== 'propose') city.act(did, 'governance.approveChange', { proposalId })
          expectAbleToDecide(city)
        }
      }
      expectNothingPassedWithTooFew(city)
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 60 },
  )
})

/** A change of the committee, written against the version that is so many compositions old. */
function written(city: City, change: object): object {
  if (!('replaces' in change)) return change
  const { version } = row<Committee>(city, 'governance/committee/committee')
  return { ...change, replaces: Math.max(1, version - Number(change.replaces)) }
}

function row<T>(city: City, key: string): T {
  return JSON.parse(city.rows().get(key) ?? 'null') as T
}

function expectAbleToDecide(city: City): void {
  const { seats, threshold } = row<Committee>(city, 'governance/committee/committee')
  const counting = seats.filter(({ did, member }) => {
    const { status, adminDids } = row<Member>(city, `governance/members/${member}`)
    expect(adminDids).toContain(did)
    return status === 'active'
  })
  expect(counting.length).toBeGreaterThanOrEqual(threshold)
  expect(threshold * 2).toBeGreaterThan(seats.length)
  expect(new Set(seats.map(({ did }) => did)).size).toBe(seats.length)
}

/** Read off the events: each change had as many approvals as the committee of its moment needed. */
function expectNothingPassedWithTooFew(city: City): void {
  let threshold = 0
  let approvals = 0
  for (const event of city.events()) {
    if (event.type === 'governance.changeApproved') approvals = (event['approvedBy'] as unknown[]).length
    if (event.type === 'governance.changePassed') expect(approvals).toBeGreaterThanOrEqual(threshold)
    if (event.type === 'governance.committeeChanged') threshold = Number(event['threshold'])
  }
}
