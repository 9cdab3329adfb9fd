/** Block zero: what the genesis document means to each domain, in the order of the ruleset. */
import { hash } from 'node:crypto'
import { canonicalize, type GroupId } from '@chengxin/kernel'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import { prepareEvent } from './event-texts.ts'
import type { RowView } from './rows.ts'
import type { RulesIndex } from './rules-index.ts'

/** The group's name: the hash of the document's canonical bytes. */
export function groupIdOf(genesis: GenesisDocument): GroupId {
  return hash('sha256', canonicalize(genesis), 'base64url') as GroupId
}

/** Applies the genesis events of all domains to the rows and returns their stored texts. */
export function runGenesis(rules: RulesIndex, rows: RowView, genesis: GenesisDocument, host: Host): readonly string[] {
  const texts: string[] = []
  for (const domain of rules.domains.values()) {
    const { write } = rows.of(domain.name)
    for (const stated of domain.genesis?.(genesis, host) ?? []) {
      const { event, text } = prepareEvent(rules, domain, stated)
      domain.apply(write, event)
      texts.push(text)
    }
  }
  return texts
}
