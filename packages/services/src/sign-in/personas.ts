/**
 * Whom a visitor of a sample city can be with one touch. Their keys are public like everybody's there, so that nothing is
 * asked for; no other city has them.
 */
import { type SampleName, sampleActor } from '@chengxin/client'
import type { Did } from '@chengxin/kernel'
import type { OfficeRole, Person } from '../desk/person.ts'

export interface Persona {
  readonly name: string
  readonly kind: Person['kind']
  readonly office?: string
  readonly roles: readonly OfficeRole[]
  /** Of the resident and of the bureau's officers: brought in on the city's first day. */
  readonly did?: Did
  /** Whose public key this person's browser signs with. */
  readonly sampleName?: SampleName
}

export function samplePersonas(): readonly Persona[] {
  return [
    {
      name: 'resident',
      kind: 'resident',
      roles: [],
      did: sampleActor('resident-chan').did,
      sampleName: 'resident-chan',
    },
    officerOf('clerk', 'bureau-clerk', ['bureau_clerk']),
    officerOf('second-officer', 'bureau-second-officer', ['bureau_officer']),
    { name: 'university', kind: 'officer', office: 'university', roles: ['issuer_clerk', 'issuer_officer'] },
    { name: 'university-second', kind: 'officer', office: 'university', roles: ['issuer_officer'] },
    { name: 'department', kind: 'officer', office: 'transport', roles: ['department_officer'] },
    { name: 'verifier', kind: 'officer', office: 'verifier', roles: ['verifier_officer'] },
  ]
}

/** Officers of the bureau sign at its counter, each with a key of their own. */
function officerOf(name: string, sampleName: SampleName, roles: readonly OfficeRole[]): Persona {
  return { name, kind: 'officer', office: 'bureau', roles, sampleName, did: sampleActor(sampleName).did }
}

export function personaAccountId(name: string): string {
  return `account_persona-${name}`
}
