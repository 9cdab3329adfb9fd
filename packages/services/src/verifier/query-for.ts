/** A wish as a query (DCQL), so that nobody has to write one. */

import type { Wish } from '@chengxin/holder'
import type { JsonObject } from '@chengxin/kernel'
import { vctOf } from '../issuer/certificate-type.ts'

/** The id of the one certificate that is asked for. */
export const askedId = 'certificate'

/** Each doubles the sets of claims that a request spells out. */
export const mostOptional = 5

export interface AskedFields extends Wish {
  /** Those of the fields that the holder may leave out; none if absent. */
  readonly optional?: readonly string[]
}

/** The fields, and with them the proof of anchoring, without which no answer can be more than undecided. */
export function queryFor(group: string, { typeId, fields, optional = [] }: AskedFields): JsonObject {
  const names = [...fields, 'anchor']
  const sets = setsOf(names, optional)
  return {
    credentials: [
      {
        id: askedId,
        format: 'dc+sd-jwt',
        meta: { vct_values: [vctOf(group, typeId)] },
        claims: names.map((name) => (sets.length === 1 ? { path: [name] } : { id: name, path: [name] })),
        ...(sets.length > 1 && { claim_sets: sets }),
      },
    ],
  }
}

/** Every choice that a holder has, the fullest first: a wallet answers with the first set that its holder allows. */
function setsOf(names: readonly string[], optional: readonly string[]): readonly (readonly string[])[] {
  const free = names.filter((name) => optional.includes(name))
  const left = Array.from({ length: 2 ** free.length }, (_, bits) => free.filter((_name, at) => (bits >> at) & 1))
  return left
    .toSorted((one, other) => one.length - other.length)
    .map((without) => names.filter((name) => !without.includes(name)))
}
