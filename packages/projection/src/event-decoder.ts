/** From the stored form of an event (`points.transferred`, amounts as text) back to what the rule returned. */
import type { Json } from '@chengxin/kernel'
import { type EventDefinitions, Fault, type Schema, type StoredEvent } from '@chengxin/module-kit'
import type { DecodedEvent } from './face.ts'

export interface EventVocabulary {
  readonly name: string
  readonly events: EventDefinitions
}

/**
 * A decoder over the events of these domains. It throws on an event that no domain knows or whose members depart from
 * its schema: what stands in the log was written by these rules, so that would be a bug of ours or the wrong ruleset.
 */
export function createEventDecoder(domains: readonly EventVocabulary[]): (stored: StoredEvent) => DecodedEvent {
  const known = new Map<string, { readonly domain: string; readonly type: string; readonly schema: Schema<unknown> }>()
  for (const { name, events } of domains) {
    for (const [type, schema] of Object.entries(events)) known.set(`${name}.${type}`, { domain: name, type, schema })
  }
  return (stored) => {
    const { type: storedType, ...members } = stored
    const definition = known.get(storedType)
    if (definition === undefined) throw new Error(`No domain knows the event ${storedType}.`)
    const decoded = definition.schema.decode(members as { readonly [name: string]: Json })
    if (decoded instanceof Fault) {
      throw new Error(`The stored event ${storedType} departs from its schema at "${decoded.at}".`)
    }
    return { domain: definition.domain, event: { type: definition.type, ...(decoded as object) } }
  }
}
