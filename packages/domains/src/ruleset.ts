/**
 * The rules that members agree on, as one list. A new domain adds its folder and its line here, after the domains it
 * uses. What outsiders see (`presentations`) stands beside the rules and is not part of the agreement.
 */
import type { Domain, Presentation, Ruleset } from '@chengxin/module-kit'
import { accounts } from './accounts/index.ts'
import { credentials } from './credentials/index.ts'
import { governance } from './governance/index.ts'
import { groupMembership, rulesetActivation } from './governance/reads.ts'
import { identity } from './identity/index.ts'
import { identityAnswers } from './identity/reads.ts'
import { points } from './points/index.ts'

const domains: readonly Domain[] = [governance, identity, credentials, accounts, points]

export { logWitnesses } from './governance/reads.ts'

export const ruleset: Ruleset = {
  version: '0.1.0',
  domains: domains.map(({ rules }) => rules),
  identity: identityAnswers,
  activation: rulesetActivation,
  membership: groupMembership,
}

export const presentations: readonly Presentation[] = domains.map(({ rules, views, routes }) => ({
  domain: rules.name,
  views,
  routes,
}))
