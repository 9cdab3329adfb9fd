/** Events as they are stored: canonical JSON with the domain's name before the type. */
import { canonicalize, type Json } from '@chengxin/kernel'
import type { AnyEvent } from '@chengxin/module-kit'
import type { RulesIndex } from './rules-index.ts'

export interface PreparedEvent {
  /** The decoded event, as replaying the stored one would give it. */
  readonly event: AnyEvent
  readonly text: string
}

/** Checks an event that a rule made against its definition. A rule that states something else is a bug: it throws. */
export function prepareEvent(rules: RulesIndex, domain: string, stated: AnyEvent): PreparedEvent {
  const { type, ...members } = stated
  const definition = rules.domains.get(domain)?.events[type]
  if (definition === undefined) throw new Error(`The domain ${domain} has no event ${type}.`)
  const decoded = definition.decode(members as Json)
  if (rules.isFault(decoded)) {
    throw new Error(`The event ${domain}.${type} does not fit its schema: ${decoded.expected} at "${decoded.at}".`)
  }
  return {
    event: Object.freeze({ type, ...(decoded as object) }),
    text: canonicalize({ ...(decoded as object), type: `${domain}.${type}` }),
  }
}
