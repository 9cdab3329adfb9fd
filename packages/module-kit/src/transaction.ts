/** What may be asked of a ledger: verbs with closed arguments. Safe in a browser: no rule is imported here. */
import type { RefusalKind } from '@chengxin/kernel'
import { type Fields, type InferFields, type Schema, s } from './schema.ts'

/** `<domain>.<verbNoun>`, as it stands in a transaction's action. */
export type TransactionType = `${string}.${string}`

export interface TransactionDefinition<Args = unknown> {
  readonly type: TransactionType
  readonly args: Schema<Args>
  /** `signed`: anyone may send it, the rule decides. `internal`: only other domains run it, with a capability. */
  readonly door: 'signed' | 'internal'
}

export type ArgsOf<T> = T extends TransactionDefinition<infer Args> ? Args : never

export function defineTransaction<const F extends Fields>(
  type: TransactionType,
  fields: F,
): TransactionDefinition<InferFields<F>> {
  return { type, args: s.object(fields), door: 'signed' }
}

/** A verb that only other domains can run (`context.run`), such as opening an account that a domain controls. */
export function defineInternalTransaction<const F extends Fields>(
  type: TransactionType,
  fields: F,
): TransactionDefinition<InferFields<F>> {
  return { type, args: s.object(fields), door: 'internal' }
}

/** Code → what kind of answer it is, and one English sentence. Listed in the order in which rules check them. */
export type Refusals = { readonly [code: string]: readonly [kind: RefusalKind, sentence: string] }

export function defineRefusals<const R extends Refusals>(refusals: R): R {
  return refusals
}
