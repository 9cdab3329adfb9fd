import { ruleset } from '@chengxin/domains/ruleset'
import { foreignGroupId, foreignPin } from '@chengxin/testkit/foreign-group'
import {
  actor,
  bureau,
  type City,
  certificateOf,
  cityGroup,
  foundCity,
  provenMemberKey,
} from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'
import { governanceReads, logWitnesses } from '../reads.ts'

const possible = 'changeProposed changeApproved'
const proposed = (city: City, change: object) =>
  outcomeOf(city.act(bureau.did, 'governance.proposeChange', { proposalId: 'proposal_tried', change }))
const [x, y, z] = foreignPin().members

test.each<[string, object, string]>([
  ['more than there are', { kind: 'setReceiptQuorum', cosignatures: 4 }, 'receipt_quorum_out_of_bounds'],
  ['all', { kind: 'setReceiptQuorum', cosignatures: 3 }, possible],
  [
    'a key of another kind',
    foreignPin({ members: [{ ...x, logKey: actor('p256:x').key }, y, z] }),
    'key_algorithm_not_allowed',
  ],
  ['half of the members', foreignPin({ quorum: 1 }), 'pin_quorum_out_of_bounds'],
  ['more than the members', foreignPin({ quorum: 4 }), 'pin_quorum_out_of_bounds'],
  ['a member twice', foreignPin({ members: [x, x, z] }), 'pin_keys_not_distinct'],
  [
    'one key for two duties',
    foreignPin({ members: [{ ...x, cosignerKey: x?.logKey }, y, z] }),
    'pin_keys_not_distinct',
  ],
  ['a sound pin', foreignPin(), possible],
  ['nothing to take back', { kind: 'unpinGroup', group: foreignGroupId }, 'group_not_pinned'],
])('%s', (_case, change, outcome) => {
  expect(proposed(foundCity(ruleset), change)).toBe(outcome)
})

test('a group has no need to pin itself', () => {
  expect(proposed(foundCity(ruleset), { ...foreignPin(), group: cityGroup })).toBe('pinned_group_is_own')
})

test('a pin is replaced by a later one, and taken back', () => {
  const city = foundCity(ruleset)
  const pinned = () => city.reads(governanceReads).pinnedGroup(foreignGroupId)
  city.decide(foreignPin())
  city.decide(foreignPin({ quorum: 3 }))
  expect(pinned()).toMatchObject({ quorum: 3, typeIds: ['type_licence'] })
  city.decide({ kind: 'unpinGroup', group: foreignGroupId })
  expect(pinned()).toBeUndefined()
})

test('a receipt needs what the committee said, and never more than there are members', () => {
  const city = foundCity(ruleset)
  const needed = () => city.reads(logWitnesses).receiptQuorum()
  const seen = [needed()]
  city.decide({ kind: 'setReceiptQuorum', cosignatures: 3 })
  seen.push(needed())
  city.decide({ kind: 'suspendMember', memberId: 'member_office' })
  expect([...seen, needed()]).toEqual([1, 3, 2])
})

test('where members order together, a receipt needs more than two thirds of those who validate', () => {
  const city = foundCity(ruleset)
  const seen: number[] = []
  for (let count = 1; count <= 5; count++) {
    const memberId = `member_voter${count}`
    city.decide({
      kind: 'admitMember',
      memberId,
      certificate: certificateOf(memberId),
      adminDids: [bureau.did],
      logKey: provenMemberKey(actor(`${memberId} log`), memberId, 'log'),
      cosignerKey: provenMemberKey(actor(`${memberId} cosigner`), memberId, 'cosigner'),
      validatorKey: provenMemberKey(actor(`${memberId} validator`), memberId, 'validator'),
    })
    seen.push(city.reads(logWitnesses).receiptQuorum())
  }
  expect(seen).toEqual([1, 2, 3, 3, 4])
})
