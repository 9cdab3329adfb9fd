/** A city with an issuer authority, two kinds of certificate, and a university that may issue one of them. */
import { ruleset } from '@chengxin/domains/ruleset'
import { actor, type City, foundCity, university } from './rules-city.ts'

export const authority = actor('issuer authority')
export const issuer = university
export const hash = (letter: string): string => letter.repeat(42) + 'A'

export function credentialsScene(): City {
  const city = foundCity(ruleset)
  city.enrol(authority)
  city.grant('issuer_authority', authority.did)
  for (const typeId of ['type_degree', 'type_licence']) {
    city.must(authority.did, 'credentials.defineType', { typeId, schemaHash: hash('s'), displayHash: hash('d') })
  }
  city.must(authority.did, 'credentials.authoriseIssuer', { issuer: issuer.did, typeId: 'type_degree' })
  return city
}
