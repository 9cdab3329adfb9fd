import { ruleset } from '@chengxin/domains/ruleset'
import { actor, type City, cityStartMs, dayMs, foundCity } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const [anna, agent, eve] = ['anna', 'agent', 'eve'].map(actor) as [
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
]
const untilMs = cityStartMs + dayMs
const args = { delegationId: 'delegation_0001', to: agent.did, scope: ['points.transfer'], untilMs }

function cityWithAgent(): City {
  const city = foundCity(ruleset)
  city.enrol(anna, agent)
  return city
}

test.each<[string, object, string]>([
  ['to nobody', { to: eve.did }, 'identity_not_found'],
  ['to oneself', { to: anna.did }, 'delegate_is_principal'],
  ['of keys', { scope: ['identity.addKey'] }, 'scope_not_delegable'],
  ['of everything about identity', { scope: ['points.*', 'identity.*'] }, 'scope_not_delegable'],
  ['of a committee seat', { scope: ['governance.approveChange'] }, 'scope_not_delegable'],
  ['that has ended', { untilMs: cityStartMs }, 'delegation_ends_in_past'],
  ['until tomorrow', {}, 'delegated'],
])('delegate: %s', (_case, change, outcome) => {
  expect(outcomeOf(cityWithAgent().act(anna.did, 'identity.delegate', { ...args, ...change }))).toBe(outcome)
})

test('delegate: an id names one delegation for good', () => {
  const city = cityWithAgent()
  city.must(anna.did, 'identity.delegate', args)
  expect(city.act(anna.did, 'identity.delegate', args)).toBe('delegation_already_exists')
  city.must(anna.did, 'identity.revokeDelegation', { delegationId: args.delegationId })
  expect(city.act(anna.did, 'identity.delegate', args)).toBe('delegation_already_exists')
})

test('delegate: sixty-four live ones, ended ones not counted', () => {
  const city = cityWithAgent()
  const give = (number: number, endMs: number) =>
    city.act(anna.did, 'identity.delegate', { ...args, delegationId: `delegation_nr-${number}`, untilMs: endMs })
  for (let number = 1; number <= 64; number++) expect(outcomeOf(give(number, untilMs))).toBe('delegated')
  expect(give(65, untilMs + 1)).toBe('too_many_delegations')
  city.passTo(untilMs)
  expect(outcomeOf(give(65, untilMs + 1))).toBe('delegated')
})

test.each<[string, typeof anna, string, number, string]>([
  ['of somebody else', agent, args.delegationId, cityStartMs, 'delegation_not_found'],
  ['that was never given', anna, 'delegation_none', cityStartMs, 'delegation_not_found'],
  ['that has ended', anna, args.delegationId, untilMs, 'delegation_not_found'],
  ['that lasts', anna, args.delegationId, cityStartMs, 'delegationRevoked'],
])('revokeDelegation: one %s', (_case, signer, delegationId, timeMs, outcome) => {
  const city = cityWithAgent()
  city.must(anna.did, 'identity.delegate', args)
  city.passTo(timeMs)
  expect(outcomeOf(city.act(signer.did, 'identity.revokeDelegation', { delegationId }))).toBe(outcome)
})

test.each<[string, typeof anna, string, number, string | undefined]>([
  ['a stranger', eve, 'points.transfer', cityStartMs, 'delegation_missing'],
  ['the agent, when it has ended', agent, 'points.transfer', untilMs, 'delegation_expired'],
  ['the agent, for what it does not cover', agent, 'points.hold', cityStartMs, 'delegation_out_of_scope'],
  ['the agent, for keys', agent, 'identity.addKey', cityStartMs, 'delegation_out_of_scope'],
  ['the agent, for what it covers', agent, 'points.transfer', untilMs - 1, undefined],
])('whether %s may act', (_case, signer, type, timeMs, code) => {
  const city = cityWithAgent()
  city.must(anna.did, 'identity.delegate', args)
  const refusal = city.reads(ruleset.identity).mayActFor(signer.did, anna.did, type, timeMs as City['timeMs'])
  expect(refusal?.refused).toBe(code)
})

test('a whole domain can be delegated, and ends with the principal', () => {
  const city = cityWithAgent()
  city.must(anna.did, 'identity.delegate', { ...args, scope: ['points.*'] })
  const mayHold = () => city.reads(ruleset.identity).mayActFor(agent.did, anna.did, 'points.hold', city.timeMs)?.refused
  expect(mayHold()).toBeUndefined()
  expect(city.reads(ruleset.identity).mayActFor(agent.did, anna.did, 'pointsx.hold', city.timeMs)?.refused).toBe(
    'delegation_out_of_scope',
  )
  city.must(anna.did, 'identity.deactivate', {})
  expect(mayHold()).toBe('identity_deactivated')
})
