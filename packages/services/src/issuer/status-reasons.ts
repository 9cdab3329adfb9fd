/**
 * Why a certificate is not good any more, as codes: holders, verifiers and officers read them in their own language. Which
 * status a reason can lead to, and how its holder may object, stand with it, so that nobody is left without a way.
 */
import type { StatusWord } from '@chengxin/audit'

interface Reason {
  readonly leadsTo: readonly StatusWord[]
  /** Names a text about where and until when to object. */
  readonly appeal: 'appeal_issuer' | 'appeal_court' | 'appeal_not_needed'
}

export const statusReasons = {
  issued_in_error: { leadsTo: ['revoked'], appeal: 'appeal_issuer' },
  facts_changed: { leadsTo: ['revoked', 'superseded'], appeal: 'appeal_issuer' },
  corrected: { leadsTo: ['superseded'], appeal: 'appeal_not_needed' },
  holder_asked: { leadsTo: ['revoked', 'suspended'], appeal: 'appeal_not_needed' },
  key_lost: { leadsTo: ['revoked', 'suspended', 'superseded'], appeal: 'appeal_not_needed' },
  under_review: { leadsTo: ['suspended'], appeal: 'appeal_issuer' },
  right_withdrawn: { leadsTo: ['revoked', 'suspended'], appeal: 'appeal_issuer' },
  decided_by_court: { leadsTo: ['revoked', 'suspended'], appeal: 'appeal_court' },
  holder_died: { leadsTo: ['revoked'], appeal: 'appeal_issuer' },
  review_ended: { leadsTo: ['valid'], appeal: 'appeal_not_needed' },
} as const satisfies { readonly [code: string]: Reason }

export type ReasonCode = keyof typeof statusReasons

export function isReason(code: string): code is ReasonCode {
  return Object.hasOwn(statusReasons, code)
}

/** Whether this reason can lead to this status. */
export function leadsTo(code: ReasonCode, word: StatusWord): boolean {
  return (statusReasons[code].leadsTo as readonly StatusWord[]).includes(word)
}
