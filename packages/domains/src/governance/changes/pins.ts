/** Whose word counts: how many of our members for a receipt, and which other groups, by whose keys, for what. */
import { refuse } from '@chengxin/kernel'
import { activeMembers, isSoundThreshold } from '../committee.ts'
import type { ChangeOf } from '../types.ts'
import type { Effect } from './effect.ts'
import { keyName } from './member-keys.ts'

export const receiptQuorum: Effect<ChangeOf<'setReceiptQuorum'>> = (read, { cosignatures }) => {
  if (cosignatures > activeMembers(read).length) return refuse('receipt_quorum_out_of_bounds')
  return [{ type: 'receiptQuorumSet', cosignatures }]
}

export const pin: Effect<ChangeOf<'pinGroup'>> = (_read, change, { group: own, timeMs }) => {
  const { kind: _kind, group, ...pinned } = change
  const { members, quorum } = pinned
  if (group === own) return refuse('pinned_group_is_own')
  const keys = members.flatMap(({ logKey, cosignerKey }) => [logKey, cosignerKey])
  if (keys.some(({ crv }) => crv !== 'Ed25519')) return refuse('key_algorithm_not_allowed')
  if (!isSoundThreshold(quorum, members.length)) return refuse('pin_quorum_out_of_bounds')
  const names = [...keys.map(keyName), ...members.map(({ memberId }) => memberId)]
  if (new Set(names).size < names.length) return refuse('pin_keys_not_distinct')
  return [{ type: 'groupPinned', atMs: timeMs, group, ...pinned }]
}

export const unpin: Effect<ChangeOf<'unpinGroup'>> = (read, { group }) => {
  if (!read.pinnedGroups.has(group)) return refuse('group_not_pinned')
  return [{ type: 'groupUnpinned', group }]
}
