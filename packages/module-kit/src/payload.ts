/** The payload of a transaction, the same for who signs it and who checks it. */
import type { Did, GroupId, Json } from '@chengxin/kernel'
import { limits } from '@chengxin/kernel'
import { Fault, type Infer, nonceSchema, type Schema, s } from './schema.ts'

const anyArgs: Schema<{ readonly [name: string]: Json }> = {
  json: { type: 'object' },
  decode: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [name: string]: Json })
      : new Fault('', 'object'),
}

const typeName: Schema<string> = {
  json: { type: 'string', maxLength: 100 },
  decode: (value) => (typeof value === 'string' && value.length <= 100 ? value : new Fault('', 'transaction type')),
}

export const actionSchema = s.object({
  /** `<domain>.<verbNoun>`. */
  type: typeName,
  args: anyArgs,
  /** The principal of a delegation, when the signer acts for somebody else. */
  for: s.optional(s.did()),
})

export const payloadSchema = s.object({
  v: s.integer(1, 1),
  group: s.hash() as Schema<string> as Schema<GroupId>,
  actions: s.list(actionSchema, limits.actions, 1),
  notAfter: s.timeMs(),
  nonce: nonceSchema,
})

export type Payload = Infer<typeof payloadSchema>
export interface Action {
  readonly type: string
  readonly args: { readonly [name: string]: Json }
  readonly for?: Did
}
