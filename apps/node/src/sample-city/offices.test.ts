import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sampleOrganisations } from './genesis.ts'
import { sampleOffices, sampleOfficesOf } from './offices.ts'

const officesOf = (memberId: string) => {
  const { bureau, issuers, asking, sources, agent, keeper } = sampleOfficesOf(memberId)
  return {
    issuing: [...(bureau ? [bureau.office] : []), ...issuers.map(({ office }) => office)],
    asking: asking.map(({ office }) => office),
    sources: sources.map(({ office }) => office),
    hasAgent: agent !== undefined,
    hasKeeper: keeper !== undefined,
  }
}

test('bureau, university and departments are at three different members, and each office is at one', () => {
  const none = { issuing: [], asking: [], sources: [], hasAgent: false, hasKeeper: false }
  expect(officesOf('member_identity_bureau')).toEqual({ ...none, issuing: ['bureau'] })
  expect(officesOf('member_university')).toMatchObject({ issuing: ['university'], hasAgent: false })
  expect(officesOf('member_city_office')).toMatchObject({ sources: ['transport'], hasAgent: true, hasKeeper: true })
  expect(officesOf('member_housing_bureau')).toEqual(none)
  const all = sampleOffices()
  const listed = (kind: 'issuing' | 'asking' | 'sources') => sampleOrganisations.flatMap((id) => officesOf(id)[kind])
  expect(listed('issuing').sort()).toEqual(['bureau', ...all.issuers.map(({ office }) => office)].sort())
  expect(listed('asking').sort()).toEqual(all.asking.map(({ office }) => office).sort())
})

test('every member that a trial may have has a name in each language of the portal', () => {
  const locales = join(import.meta.dirname, '../../../portal/src/locales')
  const languages = readdirSync(locales, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(languages.length).toBeGreaterThan(3)
  for (const { name } of languages) {
    const { known } = JSON.parse(readFileSync(join(locales, name, 'names.json'), 'utf8')) as {
      readonly known: { readonly [id: string]: string }
    }
    for (const id of sampleOrganisations) expect(known, `${name}: ${id}`).toHaveProperty(id)
  }
})
