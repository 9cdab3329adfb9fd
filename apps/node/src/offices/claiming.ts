/** Whoever issues by entitlement asks who somebody is, and nothing else: the purpose that such an office registers. */
import { claimPurpose, identityFields, identityTypeId } from '@chengxin/services/issuer'
import type { Purpose } from '@chengxin/services/verifier'

export const claimingPurpose: Purpose = {
  purposeId: claimPurpose,
  texts: {
    en: 'Finding the certificates that are waiting for you',
    'zh-Hans': '查找等待您领取的证书',
    'zh-Hant': '查找等待您領取的證書',
    pt: 'Encontrar os certificados que esperam por si',
  },
  ground: { kind: 'consent' },
  keepDays: 1,
  types: [{ typeId: identityTypeId, fields: identityFields }],
}
