import { isRefusal, refuse } from '@chengxin/kernel'
import type { ChangeOf } from '../types.ts'
import { limits } from '../types.ts'
import { acceptCertificate } from './certificates.ts'
import type { Effect } from './effect.ts'
import { bindKeys } from './member-keys.ts'

export const admission: Effect<ChangeOf<'admitMember'>> = (read, change, context) => {
  const { memberId, adminDids, peerId, logKey, cosignerKey, validatorKey } = change
  if (read.members.has(memberId)) return refuse('member_already_exists')
  if ((read.group.get('group')?.memberIds.length ?? 0) >= limits.members) return refuse('member_list_full')
  if (new Set(adminDids).size < adminDids.length) return refuse('admin_listed_twice')
  const certificate = acceptCertificate(read, change.certificate, context)
  if (isRefusal(certificate)) return certificate
  const { key: certificateKey, ...stated } = certificate
  const offered = { certificateKey, logKey, cosignerKey, ...(validatorKey && { validatorKey }) }
  const keysBound = bindKeys(read, memberId, offered, context)
  if (isRefusal(keysBound)) return keysBound

  const admitted = {
    type: 'memberAdmitted',
    adminDids,
    atMs: context.timeMs,
    ...stated,
    cosignerKey: cosignerKey.key,
    logKey: logKey.key,
    memberId,
    ...(peerId !== undefined && { peerId }),
    ...(validatorKey && { validatorKey: validatorKey.key }),
  } as const
  return [admitted, ...keysBound]
}
