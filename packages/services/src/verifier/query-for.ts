/** A wish as a query (DCQL), so that nobody has to write one. */

import type { Wish } from '@chengxin/holder'
import type { JsonObject } from '@chengxin/kernel'
import { vctOf } from '../issuer/certificate-type.ts'

/** The id of the one certificate that is asked for. */
export const askedId = 'certificate'

/** The fields, and with them the proof of anchoring, without which no answer can be more than undecided. */
export function queryFor(group: string, { typeId, fields }: Wish): JsonObject {
  return {
    credentials: [
      {
        id: askedId,
        format: 'dc+sd-jwt',
        meta: { vct_values: [vctOf(group, typeId)] },
        claims: [...fields, 'anchor'].map((name) => ({ path: [name] })),
      },
    ],
  }
}
