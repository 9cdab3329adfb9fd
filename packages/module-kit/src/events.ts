/** Facts that a rule returns and that everything downstream follows. */
import type { Fields, InferFields, Schema } from './schema.ts'
import { s } from './schema.ts'

export type EventDefinitions = { readonly [type: string]: Schema<unknown> }

/** Event type → its members, without `type` itself. Types are past tense and unique in their domain. */
export function defineEvents<const E extends { readonly [type: string]: Fields }>(
  events: E,
): { readonly [T in keyof E]: Schema<InferFields<E[T]>> } {
  const definitions = Object.entries(events).map(([type, fields]) => [type, s.object(fields)] as const)
  return Object.fromEntries(definitions) as { readonly [T in keyof E]: Schema<InferFields<E[T]>> }
}

/** The union of a domain's events: `{ type: 'spendApproved', spendId, by } | …`. */
export type EventOf<D extends EventDefinitions> = {
  [T in keyof D & string]: { readonly type: T } & (D[T] extends Schema<infer F> ? F : never)
}[keyof D & string]

/** An event as rules write it: its type without the domain. */
export interface AnyEvent {
  readonly type: string
}

/** An event as it is stored and served: type `<domain>.<event>`, members beside it, amounts as decimal strings. */
export interface StoredEvent {
  readonly type: `${string}.${string}`
  readonly [member: string]: unknown
}
