/** A city with a programme of points: Anna owns 100 in it, Bo nothing; a second programme stands beside it. */
import { ruleset } from '@chengxin/domains/ruleset'
import { actor, type City, foundCity } from './rules-city.ts'

export const operator = actor('points operator')
export const rival = actor('rival operator')
export const [anna, bo, eve] = ['anna', 'bo', 'eve'].map(actor) as [
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
]

export function pointsScene(): City {
  const city = foundCity(ruleset)
  city.enrol(operator, rival, anna, bo, eve)
  city.grant('points_operator', operator.did, 'member_office')
  city.grant('points_operator', rival.did, 'member_university')
  for (const [owner, name] of [
    [operator, 'city'],
    [rival, 'campus'],
  ] as const) {
    const program = { programId: `program_${name}`, unit: 'POINT', issuingAccountId: `account_${name}-issuing` }
    city.must(owner.did, 'points.createProgram', program)
  }
  city.must(anna.did, 'points.openAccount', { accountId: 'account_anna', programId: 'program_city' })
  city.must(bo.did, 'points.openAccount', { accountId: 'account_bobo', programId: 'program_city' })
  city.must(anna.did, 'points.openAccount', { accountId: 'account_anna-campus', programId: 'program_campus' })
  city.must(operator.did, 'points.issue', { programId: 'program_city', to: 'account_anna', amount: '100' })
  return city
}
