/** Who is signed in at this node's portal. */
import type { Did } from '@chengxin/kernel'

/** What an officer may do at the desks of an office. `two` marks roles whose holders approve each other's acts. */
export const officeRoles = [
  'bureau_clerk',
  'bureau_officer',
  'issuer_clerk',
  'issuer_officer',
  'department_officer',
  'verifier_officer',
] as const
export type OfficeRole = (typeof officeRoles)[number]

export interface Person {
  /** Random; says nothing about anybody. */
  readonly accountId: string
  readonly kind: 'resident' | 'officer'
  /** Of an officer: the office (`bureau`, `university`, `transport`, …) and what the officer may do there. */
  readonly office?: string
  readonly roles: readonly OfficeRole[]
  /** Of a resident whose DID stands on the ledger. */
  readonly did?: Did
  /** Set in the sample city where somebody tries a role with keys that everybody knows. */
  readonly persona?: string
  /** Account of the guardian who acts here for a ward: whoever it is changes no keys of the ward's. */
  readonly guardian?: string
  /** When the passkey, or the persona's key, was last asked: acts that weigh more want a fresh one. */
  readonly signedInAtMs: number
}
