import { isRefusal, refuse } from '@chengxin/kernel'
import { committeeOf, seatsCountingWithout } from '../committee.ts'
import type { ChangeOf, GovernanceEvent } from '../types.ts'
import { acceptCertificate } from './certificates.ts'
import type { Effect } from './effect.ts'
import { bindKeys, type OfferedKeys } from './member-keys.ts'

export const rotation: Effect<ChangeOf<'rotateMember'>> = (read, change, context) => {
  const { memberId, adminDids, peerId, logKey, cosignerKey, validatorKey } = change
  const member = read.members.get(memberId)
  if (member === undefined) return refuse('member_not_found')
  if (member.status === 'removed') return refuse('member_removed')
  // `kind` and `memberId` are always there.
  if (Object.keys(change).length === 2) return refuse('nothing_to_rotate')
  if (adminDids !== undefined && new Set(adminDids).size < adminDids.length) return refuse('admin_listed_twice')
  const certificate =
    change.certificate === undefined ? undefined : acceptCertificate(read, change.certificate, context)
  if (isRefusal(certificate)) return certificate
  const { key: certificateKey, ...stated } = certificate ?? {}
  const offered: OfferedKeys = {
    ...(certificateKey && { certificateKey }),
    ...(logKey && { logKey }),
    ...(cosignerKey && { cosignerKey }),
    ...(validatorKey && { validatorKey }),
  }
  const keysBound = bindKeys(read, memberId, offered, context)
  if (isRefusal(keysBound)) return keysBound

  const committee = committeeOf(read)
  const admins = adminDids ?? member.adminDids
  const seats = committee.seats.filter((seat) => seat.member !== memberId || admins.includes(seat.did))
  const losesSeats = seats.length < committee.seats.length
  if (losesSeats && seatsCountingWithout(read, memberId, admins) < committee.threshold)
    return refuse('would_break_quorum')

  const { activePeriods: _activePeriods, status: _status, ...facts } = member
  const rotated: GovernanceEvent = {
    type: 'memberRotated',
    ...facts,
    ...stated,
    adminDids: admins,
    memberId,
    ...(peerId !== undefined && { peerId }),
    ...(logKey && { logKey: logKey.key }),
    ...(cosignerKey && { cosignerKey: cosignerKey.key }),
    ...(validatorKey && { validatorKey: validatorKey.key }),
  }
  const { threshold, version } = committee
  const seatsLost: GovernanceEvent[] = losesSeats
    ? [{ type: 'committeeChanged', seats, threshold, version: version + 1 }]
    : []
  return [rotated, ...keysBound, ...seatsLost]
}
