/** Roles are words that other domains ask about; only the committee hands them out. */
import { refuse } from '@chengxin/kernel'
import { keyOf } from '@chengxin/module-kit'
import type { ChangeOf } from '../types.ts'
import { limits } from '../types.ts'
import type { Effect } from './effect.ts'

export const grant: Effect<ChangeOf<'grantRole'>> = (read, { role, did, member: memberId }, { timeMs }) => {
  const member = read.members.get(memberId)
  if (member === undefined) return refuse('member_not_found')
  if (member.status === 'removed') return refuse('member_removed')
  if (member.status !== 'active') return refuse('member_not_active')
  const known = read.roles.get(keyOf(role, did))
  if (known?.status === 'held') return refuse('role_already_held')
  if (known?.status === 'frozen') return refuse('role_frozen')
  if (known && known.periods.length >= limits.periods) return refuse('role_history_full')
  return [{ type: 'roleGranted', atMs: timeMs, did, member: memberId, role }]
}

export const revocation: Effect<ChangeOf<'revokeRole'>> = (read, { role, did }, { timeMs }) => {
  const known = read.roles.get(keyOf(role, did))
  if (known === undefined || known.status === 'revoked') return refuse('role_not_held')
  return [{ type: 'roleRevoked', atMs: timeMs, did, role }]
}

export const freezing: Effect<ChangeOf<'freezeRole'>> = (read, { role, did }, { timeMs }) => {
  const known = read.roles.get(keyOf(role, did))
  if (known === undefined || known.status === 'revoked') return refuse('role_not_held')
  if (known.status === 'frozen') return refuse('role_frozen')
  return [{ type: 'roleFrozen', atMs: timeMs, did, role }]
}

export const unfreezing: Effect<ChangeOf<'unfreezeRole'>> = (read, { role, did }, { timeMs }) => {
  const known = read.roles.get(keyOf(role, did))
  if (known === undefined || known.status === 'revoked') return refuse('role_not_held')
  if (known.status !== 'frozen') return refuse('role_not_frozen')
  if (known.periods.length >= limits.periods) return refuse('role_history_full')
  return [{ type: 'roleUnfrozen', atMs: timeMs, did, role }]
}
