/** Rules from the shelf of bundles, evaluated in the realm of the calling thread. */
import { readBundle } from './bundle-shelf.ts'
import { evaluateRuleset } from './realm.ts'
import { indexRuleset, type RulesIndex } from './rules-index.ts'

/** Rules by their hash, each evaluated once. */
export function rulesFromShelf(directory: string): (hash: string) => RulesIndex {
  const evaluated = new Map<string, RulesIndex>()
  return (hash) => {
    const known = evaluated.get(hash)
    if (known !== undefined) return known
    const rules = indexRuleset(evaluateRuleset(readBundle(directory, hash)), hash)
    evaluated.set(hash, rules)
    return rules
  }
}
