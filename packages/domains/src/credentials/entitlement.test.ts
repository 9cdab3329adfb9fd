import type { TimeMs } from '@chengxin/kernel'
import { authority, credentialsScene, issuer } from '@chengxin/testkit/credentials-scene'
import { cityStartMs } from '@chengxin/testkit/rules-city'
import { expect, test } from 'vitest'
import { isEntitledAt } from './entitlement.ts'
import { credentialsReads } from './reads.ts'
import type { AuthorisationPeriod } from './types.ts'

const period = (times: object) => times as AuthorisationPeriod

test.each<[string, readonly AuthorisationPeriod[], readonly number[]]>([
  ['nothing', [], []],
  ['one without end', [period({ fromMs: 3 })], [3, 4, 5, 6, 7, 8, 9]],
  ['one with a planned end', [period({ fromMs: 3, untilMs: 6 })], [3, 4, 5]],
  ['one that ended early', [period({ fromMs: 3, untilMs: 6, endedAtMs: 5 })], [3, 4]],
  ['one that ended after its plan', [period({ fromMs: 3, untilMs: 5, endedAtMs: 6 })], [3, 4]],
  ['one frozen for a compromise', [period({ fromMs: 3, endedAtMs: 7, compromisedSinceMs: 5 })], [3, 4]],
  [
    'one after a compromise',
    [period({ fromMs: 1, endedAtMs: 5, compromisedSinceMs: 3 }), period({ fromMs: 6 })],
    [1, 2, 6, 7, 8, 9],
  ],
  [
    'a compromise that reaches back into an earlier one',
    [period({ fromMs: 1, endedAtMs: 4 }), period({ fromMs: 5, endedAtMs: 8, compromisedSinceMs: 2 })],
    [1],
  ],
])('entitled by %s', (_case, periods, expected) => {
  const moments = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  expect(moments.filter((moment) => isEntitledAt(periods, moment as TimeMs))).toEqual(expected)
})

test('what was anchored before a compromise stays good, what came after does not', () => {
  const city = credentialsScene()
  city.passTo(cityStartMs + 100)
  const freeze = { issuer: issuer.did, typeId: 'type_degree', compromisedSinceMs: cityStartMs + 50 }
  city.must(authority.did, 'credentials.freezeIssuer', freeze)
  const { wasEntitledAt } = city.reads(credentialsReads)
  const at = (afterMs: number) => wasEntitledAt(issuer.did, 'type_degree', (cityStartMs + afterMs) as TimeMs)
  expect([at(0), at(49), at(50), at(99), at(100)]).toEqual([true, true, false, false, false])
})
