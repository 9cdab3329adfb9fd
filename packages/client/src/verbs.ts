/**
 * Every verb that may be signed, by domain, and the words of every refusal: the same definitions that the rules use, so
 * that a client can check arguments and explain answers before and after it asks.
 */
import { accountsRefusals } from '@chengxin/domains/accounts/schema'
import * as credentials from '@chengxin/domains/credentials/schema'
import * as governance from '@chengxin/domains/governance/schema'
import * as identity from '@chengxin/domains/identity/schema'
import * as points from '@chengxin/domains/points/schema'
import { admissionRefusals, nodeRefusals, type Refusals, type TransactionDefinition } from '@chengxin/module-kit'

export { credentials, governance, identity, points }

const definitions = [
  ...governance.governanceTransactions,
  ...identity.identityTransactions,
  ...credentials.credentialsTransactions,
  ...points.pointsTransactions,
] as readonly TransactionDefinition[]

/** Transaction type → its definition, in the order of the domains. */
export const signableVerbs: ReadonlyMap<string, TransactionDefinition> = new Map(
  definitions.filter(({ door }) => door === 'signed').map((definition) => [definition.type, definition]),
)

const refusals: Refusals = {
  ...admissionRefusals,
  ...nodeRefusals,
  ...accountsRefusals,
  ...governance.governanceRefusals,
  ...identity.identityRefusals,
  ...credentials.credentialsRefusals,
  ...points.pointsRefusals,
}

/** What a refusal of a ledger, a node or a domain says in English; undefined for a code that this client does not know. */
export function sentenceOf(code: string): string | undefined {
  return Object.hasOwn(refusals, code) ? refusals[code]?.[1] : undefined
}
