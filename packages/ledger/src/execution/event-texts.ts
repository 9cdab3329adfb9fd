/** Events as they are stored: canonical JSON with the domain's name before the type. */
import type { Json } from '@chengxin/kernel'
import type { AnyEvent, DomainRules, Schema } from '@chengxin/module-kit'
import { ObjectSpelling } from './object-spelling.ts'
import type { RulesIndex } from './rules-index.ts'

export interface PreparedEvent {
  /** The decoded event, as replaying the stored one would give it. */
  readonly event: AnyEvent
  readonly text: string
}

/** Checks an event that a rule made against its definition. A rule that states something else is a bug: it throws. */
export function prepareEvent(rules: RulesIndex, { name, events }: DomainRules, stated: AnyEvent): PreparedEvent {
  const { type } = stated
  const definition = Object.hasOwn(events, type) ? events[type] : undefined
  if (definition === undefined) throw new Error(`The domain ${name} has no event ${type}.`)
  const decoded = definition.decode(membersOf(stated))
  if (rules.isFault(decoded)) {
    throw new Error(`The event ${name}.${type} does not fit its schema: ${decoded.expected} at "${decoded.at}".`)
  }
  const event = decoded as { type: string }
  const text = spellingOf(definition, `${name}.${type}`).textOf(event)
  // What was decoded is new and nobody else's, so it can bear its type.
  event.type = type
  return { event: Object.freeze(event), text }
}

/** How the events of a definition are spelled, each learnt once. */
const spellings = new WeakMap<Schema<unknown>, ObjectSpelling>()

function spellingOf(definition: Schema<unknown>, storedType: string): ObjectSpelling {
  let spelling = spellings.get(definition)
  if (spelling === undefined) {
    spelling = new ObjectSpelling(definition.json, { name: 'type', value: storedType })
    spellings.set(definition, spelling)
  }
  return spelling
}

function membersOf(stated: AnyEvent): Json {
  const members: Record<string, Json> = {}
  for (const name in stated) {
    if (name !== 'type') members[name] = (stated as unknown as Record<string, Json>)[name] as Json
  }
  return members
}
