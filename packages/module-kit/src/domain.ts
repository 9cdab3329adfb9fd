/** One object per domain: its face towards the ruleset, the projection and the API. */
import type { AnyEvent, EventDefinitions, EventOf } from './events.ts'
import type { GenesisDocument } from './genesis.ts'
import type { Route, Views } from './presentation.ts'
import type { DomainRules, Host, Verb } from './rules.ts'
import type { Tables, Write } from './tables.ts'
import type { Refusals } from './transaction.ts'

export interface Domain {
  readonly rules: DomainRules
  readonly views: Views
  readonly routes: readonly Route[]
}

export interface DomainParts<T extends Tables, E extends EventDefinitions> {
  readonly name: string
  readonly tables: T
  readonly events: E
  readonly refusals: Refusals
  readonly verbs: readonly Verb[]
  readonly uses?: readonly string[]
  readonly apply: (write: Write<T>, event: EventOf<E>) => void
  readonly genesis?: (document: GenesisDocument, host: Host) => readonly EventOf<E>[]
  readonly views: Views
  readonly routes: readonly Route[]
}

export function defineDomain<T extends Tables, E extends EventDefinitions>(parts: DomainParts<T, E>): Domain {
  const { name, tables, events, refusals, verbs, uses = [], genesis, views, routes } = parts
  const apply = parts.apply as unknown as (write: Write<Tables>, event: AnyEvent) => void
  return {
    rules: { name, tables, events, refusals, verbs, uses, apply, ...(genesis === undefined ? {} : { genesis }) },
    views,
    routes,
  }
}
