/** A dissolved issuer: its certificates stay good, and its successor's word on their status counts as its own did. */
import { actor, createCertificateCity, startMs, vct } from '@chengxin/testkit/certificate-city'
import { claims, holder, nowMs, sceneOf } from '@chengxin/testkit/certificate-scene'
import { describe, expect, test } from 'vitest'
import { auditFile } from './audit-file.ts'
import type { TrustedIssuer } from './bundle-payload.ts'
import { isIssuerOrSuccessor, keeperOf } from './succession.ts'

const academy = actor('academy', 'ES256')
const college = actor('college', 'ES256')
const at = (ms: number) => startMs + ms
const right = { typeId: 'type_degree', vct, fromMs: startMs }

interface Told {
  /** Who signed the newest version of the dissolved issuer's list. */
  readonly listBy?: typeof academy
  readonly statuses?: readonly (readonly [number, number])[]
  readonly periods?: readonly object[]
  readonly ofAcademy?: object
}

/** A certificate anchored at `at(6)` by an issuer whose right ended, with these words of the committee about it. */
async function audited({ listBy = academy, statuses = [], periods, ofAcademy = {} }: Told) {
  const city = createCertificateCity()
  const texts = city.issue([{ claims, holder, statusIndex: 0 }])
  const payload = city.bundlePayload()
  const [old] = payload.issuers
  const types = periods ?? [{ ...right, untilMs: at(100), successor: academy.did }]
  const others = [academy, college].map(({ did, kid, jwk }) => ({
    did,
    name: did === academy.did ? 'Academy' : 'College',
    keys: [{ kid, jwk, fromMs: startMs }],
    types: [{ ...right, fromMs: at(50), ...(did === academy.did && ofAcademy) }],
  }))
  const statusLists = payload.statusLists.map((list) => ({ ...list, token: city.statusToken(statuses, {}, listBy) }))
  const changed = { ...payload, issuers: [{ ...old, types }, ...others], statusLists }
  const { text, bundle, pins } = sceneOf(city, texts, city.signBundle(changed))
  const report = await auditFile(text, { bundle, pins, nowMs })
  const check = (name: string) => report.checks.find((each) => each.name === name)
  return { verdict: report.verdict, issuer: check('issuer'), status: check('status') }
}

describe('a certificate of a dissolved issuer', () => {
  test('is good, and says who keeps its type since when and whose word on its status it rests on', async () => {
    const { verdict, issuer, status } = await audited({})
    expect(verdict).toBe('valid')
    expect(issuer).toMatchObject({ result: 'pass', code: 'issuer_succeeded' })
    expect(issuer?.facts).toMatchObject({
      ...{ name: 'Example University', successor: academy.did, successorName: 'Academy', keptSinceMs: at(100) },
    })
    expect(status).toMatchObject({ result: 'pass', facts: { publishedBy: academy.did } })
  })

  test('is revoked by the successor', async () => {
    const { verdict, status } = await audited({ statuses: [[0, 1]] })
    expect([verdict, status?.code]).toEqual(['not_valid', 'status_revoked'])
  })

  test('rests on the old issuer’s own list where the successor has published none yet', async () => {
    const { verdict, status } = await audited({ listBy: actor('issuer', 'ES256') })
    expect(verdict).toBe('valid')
    expect(status?.facts).not.toHaveProperty('publishedBy')
  })

  test('takes no list of an issuer that is no successor', async () => {
    const { verdict, status } = await audited({ listBy: college })
    expect([verdict, status?.code]).toEqual(['undecided', 'status_list_key_unknown'])
  })

  test('takes no list from a successor whose keys were in other hands', async () => {
    const { verdict, status } = await audited({ ofAcademy: { compromisedSinceMs: at(60), frozenSinceMs: at(60_001) } })
    expect([verdict, status?.code]).toEqual(['undecided', 'status_list_compromised'])
  })

  test('anchored after the end is not good, whoever succeeded', async () => {
    const { verdict, issuer } = await audited({ periods: [{ ...right, untilMs: at(6), successor: academy.did }] })
    expect([verdict, issuer?.code]).toEqual(['not_valid', 'issuer_entitlement_ended'])
  })

  test('of an issuer that has the right again is kept by that issuer', async () => {
    const periods = [
      { ...right, untilMs: at(100), successor: academy.did },
      { ...right, fromMs: at(200) },
    ]
    const { issuer, status } = await audited({ periods })
    expect(issuer).toMatchObject({ result: 'pass' })
    expect(issuer).not.toHaveProperty('code')
    expect(status?.code).toBe('status_list_key_unknown')
  })

  test('follows a successor that was dissolved in its turn', async () => {
    const { verdict, issuer } = await audited({
      ...{ listBy: college, ofAcademy: { untilMs: at(300), successor: college.did } },
    })
    expect(verdict).toBe('valid')
    expect(issuer?.facts).toMatchObject({ successorName: 'College', keptSinceMs: at(300) })
  })
})

test('successors that name each other in a ring end the search', () => {
  const issuer = (did: string, successor: string) =>
    ({ did, name: did, keys: [], types: [{ ...right, untilMs: at(1), successor }] }) as unknown as TrustedIssuer
  const ring = [issuer('a', 'b'), issuer('b', 'a')]
  expect(keeperOf(ring, 'a', vct)).toMatchObject({ sinceMs: at(1) })
  expect(isIssuerOrSuccessor(ring, 'a', 'b')).toBe(true)
  expect(isIssuerOrSuccessor(ring, 'a', 'c')).toBe(false)
})
