import { anna, eve, pointsScene } from '@chengxin/testkit/points-scene'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

test.each<[string, string, string, string]>([
  ['in no programme', 'account_evey', 'program_none', 'program_not_found'],
  ['of a taken name', 'account_anna', 'program_city', 'account_already_exists'],
  ['in a programme', 'account_evey', 'program_city', 'accountOpened'],
])('openAccount: %s', (_case, accountId, programId, outcome) => {
  expect(outcomeOf(pointsScene().act(eve.did, 'points.openAccount', { accountId, programId }))).toBe(outcome)
})

test('openAccount: belongs to the principal, also when an agent sends it', () => {
  const city = pointsScene()
  const untilMs = city.timeMs + 1000
  const delegation = { delegationId: 'delegation_0001', to: eve.did, scope: ['points.openAccount'], untilMs }
  city.must(anna.did, 'identity.delegate', delegation)
  const args = { accountId: 'account_agent', programId: 'program_city' }
  expect(city.act(eve.did, 'points.openAccount', args, { for: anna.did })).toMatchObject([{ owner: anna.did }])
})
