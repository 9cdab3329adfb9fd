/** What an officer of each kind of office may be. */
import type { OfficeRole } from '@chengxin/services'
import type { CounterKind } from './offices-file.ts'

/** Those that the first officer gets where none are named. A second officer agrees to what must not be done alone. */
export const rolesOf: { readonly [kind in CounterKind]: readonly OfficeRole[] } = {
  bureau: ['bureau_clerk', 'bureau_officer'],
  issuer: ['issuer_clerk', 'issuer_officer'],
  department: ['department_officer', 'issuer_clerk', 'issuer_officer'],
  verifier: ['verifier_officer'],
}
