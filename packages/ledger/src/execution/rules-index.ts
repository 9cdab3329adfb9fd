/** A ruleset made ready for look-ups, and held to what the kit promises about it. */
import type { DomainRules, Fault, Ruleset, Verb } from '@chengxin/module-kit'

export interface IndexedVerb {
  readonly domain: string
  readonly rules: DomainRules
  readonly verb: Verb
}

export interface RulesIndex {
  /** SHA-256 of the built bundle, base64url: what members agree on as the name of these rules. */
  readonly hash: string
  readonly ruleset: Ruleset
  readonly domains: ReadonlyMap<string, DomainRules>
  /** By transaction type, those behind the internal door included. */
  readonly verbs: ReadonlyMap<string, IndexedVerb>
  /** Whether a decoder of these rules has answered with a fault. Each bundle carries a `Fault` class of its own. */
  isFault(value: unknown): value is Fault
}

/** Throws where the rules break a promise of the kit: two domains or verbs of one name, a verb outside its domain, a cycle. */
export function indexRuleset(ruleset: Ruleset, hash: string): RulesIndex {
  const domains = new Map<string, DomainRules>()
  const verbs = new Map<string, IndexedVerb>()
  for (const rules of ruleset.domains) {
    if (domains.has(rules.name)) throw new Error(`Two domains are named ${rules.name}.`)
    for (const used of rules.uses) {
      // Only what stands earlier in the list may be used: so calls form no cycle.
      if (!domains.has(used)) throw new Error(`${rules.name} uses ${used}, which is not listed before it.`)
    }
    domains.set(rules.name, rules)
    for (const verb of rules.verbs) {
      const { type } = verb.transaction
      if (!type.startsWith(`${rules.name}.`)) throw new Error(`${type} is listed by the domain ${rules.name}.`)
      if (verbs.has(type)) throw new Error(`Two verbs are named ${type}.`)
      verbs.set(type, { domain: rules.name, rules, verb })
    }
  }
  const faultPrototype = faultPrototypeOf(verbs)
  return {
    hash,
    ruleset,
    domains,
    verbs,
    isFault: (value): value is Fault =>
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === faultPrototype,
  }
}

/** Arguments are objects, so decoding nothing at all always is a fault; any will do to learn the class. */
function faultPrototypeOf(verbs: ReadonlyMap<string, IndexedVerb>): unknown {
  for (const { verb } of verbs.values()) return Object.getPrototypeOf(verb.transaction.args.decode(undefined))
  throw new Error('A ruleset without verbs governs nothing.')
}
