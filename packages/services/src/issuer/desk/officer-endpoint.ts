/** What every address for officers of an issuing office has in common. */
import { isRefusal, type Json, type Refusal } from '@chengxin/kernel'
import type { Evidence } from '../../desk/assertion.ts'
import type { DeskCall, DeskEndpoint } from '../../desk/endpoint.ts'
import { type OfficersWords, type WeightyEndpoint, withOfficersWord } from '../../desk/officers-word.ts'
import type { OfficeRole } from '../../desk/person.ts'
import type { IssuerDeskOffice } from './office.ts'
import { anyObject } from './shapes.ts'

const issuerOfficers: readonly OfficeRole[] = ['issuer_clerk', 'issuer_officer', 'department_officer']

export type OfficeOf = (call: DeskCall) => IssuerDeskOffice | Refusal

/** An act of two officers: each of them gives their word over exactly what is sent. */
export function weightyOfficerEndpoint(
  words: OfficersWords,
  officeOf: OfficeOf,
  definition: Omit<WeightyEndpoint, 'who' | 'answer' | 'handle' | 'light'> & {
    readonly handle: (office: IssuerDeskOffice, call: DeskCall, word: Evidence) => Promise<unknown>
    readonly light?: (office: IssuerDeskOffice, call: DeskCall) => Promise<unknown> | undefined
  },
): readonly DeskEndpoint[] {
  const { refusals, handle, light, ...rest } = definition
  return withOfficersWord(words, {
    ...rest,
    who: issuerOfficers,
    answer: anyObject,
    refusals: ['office_not_an_issuer', ...refusals],
    async handle(call, word) {
      const office = officeOf(call)
      return isRefusal(office) ? office : presentMembers(await handle(office, call, word))
    },
    light(call) {
      const office = officeOf(call)
      if (isRefusal(office)) return Promise.resolve(office)
      return light?.(office, call)?.then(presentMembers)
    },
  })
}

/** Members that are absent are left out. */
function presentMembers(answer: unknown): Json {
  return JSON.parse(JSON.stringify(answer)) as Json
}

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
      return isRefusal(office) ? office : presentMembers(await handle(office, call))
    },
  }
}
