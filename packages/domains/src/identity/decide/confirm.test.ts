import { ruleset } from '@chengxin/domains/ruleset'
import { actor, bureau, type City, foundCity } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const anna = actor('anna')
const commitment = 'A'.repeat(43)

function cityWithBureau(): City {
  const city = foundCity(ruleset)
  city.enrol(anna)
  city.grant('identity_bureau', bureau.did)
  return city
}

test.each<[string, typeof anna, object, string]>([
  ['by a resident', anna, {}, 'not_an_identity_bureau'],
  ['of nobody', bureau, { did: actor('eve').did }, 'identity_not_found'],
  ['by the bureau', bureau, {}, 'confirmed'],
])('confirm: %s', (_case, signer, change, outcome) => {
  expect(
    outcomeOf(cityWithBureau().act(signer.did, 'identity.confirm', { did: anna.did, commitment, ...change })),
  ).toBe(outcome)
})

test('confirm: a later one replaces it, and they are counted', () => {
  const city = cityWithBureau()
  city.must(bureau.did, 'identity.confirm', { did: anna.did, commitment })
  const again = { did: anna.did, commitment: `${'B'.repeat(42)}A` }
  expect(city.act(bureau.did, 'identity.confirm', again)).toMatchObject([{ count: 2, commitment: again.commitment }])
})
