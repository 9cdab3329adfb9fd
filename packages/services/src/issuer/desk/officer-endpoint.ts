/** What every address for officers of an issuing office has in common. */
import { isRefusal, type Json, type Refusal } from '@chengxin/kernel'
import type { DeskCall, DeskEndpoint } from '../../desk/endpoint.ts'
import type { OfficeRole } from '../../desk/person.ts'
import type { IssuerDeskOffice } from './office.ts'
import { anyObject } from './shapes.ts'

const issuerOfficers: readonly OfficeRole[] = ['issuer_clerk', 'issuer_officer', 'department_officer']

export type OfficeOf = (call: DeskCall) => IssuerDeskOffice | Refusal

/** An endpoint for officers of an office that issues. */
export function officerEndpoint(
  officeOf: OfficeOf,
  definition: Omit<DeskEndpoint, 'who' | 'answer' | 'handle' | 'refusals'> & {
    readonly refusals?: readonly string[]
    readonly handle: (office: IssuerDeskOffice, call: DeskCall) => Promise<unknown>
  },
): DeskEndpoint {
  const { refusals = [], handle, ...rest } = definition
  return {
    ...rest,
    who: issuerOfficers,
    answer: anyObject,
    refusals: ['office_not_an_issuer', ...refusals],
    async handle(call) {
      const office = officeOf(call)
      if (isRefusal(office)) return office
      // Members that are absent are left out.
      return JSON.parse(JSON.stringify(await handle(office, call))) as Json
    },
  }
}
