/** Whatever authorities and issuers do: nothing is anchored without entitlement, and versions leave no gap. */
import { ruleset } from '@chengxin/domains/ruleset'
import type { TimeMs } from '@chengxin/kernel'
import { authority, credentialsScene, hash, issuer } from '@chengxin/testkit/credentials-scene'
import { bureau, type City, cityStartMs } from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credentialsReads } from './reads.ts'

const issuerDid = fc.constantFrom(issuer.did, bureau.did)
const typeId = fc.constantFrom('type_degree', 'type_licence')
const momentMs = fc.integer({ min: -5, max: 60 }).map((ms) => cityStartMs + ms)
const subject = { issuer: issuerDid, typeId }

const act = fc.oneof(
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constant('authoriseIssuer'),
    args: fc.record({ ...subject, untilMs: momentMs }),
  }),
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constantFrom('authoriseIssuer', 'freezeIssuer', 'withdrawIssuer'),
    args: fc.record(subject),
  }),
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constant('withdrawIssuer'),
    args: fc.record({ ...subject, successor: issuerDid }),
  }),
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constant('freezeIssuer'),
    args: fc.record({ ...subject, compromisedSinceMs: momentMs }),
  }),
  fc.record({
    by: fc.constant('issuer'),
    verb: fc.constant('anchorBatch'),
    args: fc.record({
      batchId: fc.nat(40).map((number) => `batch_nr-${number}`),
      typeId,
      root: fc.constantFrom(...'abcdefghijklmnop').map(hash),
      count: fc.constant(1),
    }),
  }),
  fc.record({
    by: fc.constant('issuer'),
    verb: fc.constant('anchorStatusList'),
    args: fc.record({
      listId: fc.constantFrom('list_first', 'list_second'),
      version: fc.integer({ min: 1, max: 4 }),
      hash: fc.constantFrom('1', '2').map(hash),
    }),
  }),
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constant('registerVerifier'),
    args: fc.record(
      {
        verifier: issuerDid,
        domain: fc.constantFrom('one.test', 'two.test'),
        registrationHash: fc.constantFrom('1', '2').map(hash),
        untilMs: momentMs,
      },
      { requiredKeys: ['verifier', 'domain', 'registrationHash'] },
    ),
  }),
  fc.record({
    by: fc.constant('authority'),
    verb: fc.constant('withdrawVerifier'),
    args: fc.record({ verifier: issuerDid }),
  }),
  fc.record({
    by: fc.constant('issuer'),
    verb: fc.constant('anchorStatements'),
    args: fc.record({ root: fc.constantFrom(...'abcdefghijklmnop').map(hash) }),
  }),
)
type Told = ReturnType<City['events']>[number]
const step = fc.record({ act, issuer: issuerDid, passMs: fc.nat(3) })

test('credentials: anchors need entitlement, versions follow each other, and replay', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const city = credentialsScene()
      for (const { act, issuer: who, passMs } of steps) {
        const signer = act.by === 'authority' ? authority.did : who
        const timeMs = city.timeMs + passMs
        const { wasEntitledAt, isRegistered } = city.reads(credentialsReads)
        const mayKeep =
          isRegistered(who, timeMs as TimeMs) ||
          ['type_degree', 'type_licence'].some((type) => wasEntitledAt(who, type, timeMs as TimeMs))
        const entitled = 'batchId' in act.args && wasEntitledAt(who, act.args.typeId, timeMs as TimeMs)
        const outcome = city.act(signer, `credentials.${act.verb}`, act.args, { timeMs })
        if (act.verb === 'anchorStatements' && typeof outcome !== 'string') expect(mayKeep).toBe(true)
        if (act.verb === 'anchorBatch' && typeof outcome !== 'string') expect(entitled).toBe(true)
      }
      expectVersionsWithoutGap(city)
      expectRegistrationsWithoutGap(city)
      expectFrozenToBeRemembered(city)
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 60 },
  )
})

function expectVersionsWithoutGap(city: City): void {
  const newest = new Map<unknown, number>()
  const owners = new Map<unknown, unknown>()
  const roots = new Set<unknown>()
  const rights = new Map<string, Told>()
  for (const event of city.events()) {
    if (/Authorised|Withdrawn|Frozen/.test(event.type))
      rights.set(`${String(event['issuer'])} ${String(event['typeId'])}`, event)
    if (event.type === 'credentials.statusListAnchored') {
      expect(event['version']).toBe((newest.get(event['listId']) ?? 0) + 1)
      newest.set(event['listId'], Number(event['version']))
      const owner = owners.get(event['listId']) ?? event['issuer']
      if (owner !== event['issuer']) expectSucceeded(rights, owner, event)
      owners.set(event['listId'], event['issuer'])
    }
    if (event.type !== 'credentials.batchAnchored') continue
    expect(roots.has(event['root'])).toBe(false)
    roots.add(event['root'])
  }
}

/** A list changes hands only where the newest of every right of its owner is its end, and one names who publishes now. */
function expectSucceeded(rights: ReadonlyMap<string, Told>, owner: unknown, published: Told): void {
  const newest = [...rights].filter(([key]) => key.startsWith(`${String(owner)} `)).map(([, event]) => event)
  const running = newest.filter(
    ({ type, untilMs }) =>
      type === 'credentials.issuerAuthorised' && Number(untilMs ?? Infinity) > Number(published['atMs']),
  )
  expect(running).toEqual([])
  expect(newest.map(({ successor }) => successor)).toContain(published['issuer'])
}

/** Versions of a registration count up by one, and an end is of one that stood. */
function expectRegistrationsWithoutGap(city: City): void {
  const versions = new Map<unknown, number>()
  const standing = new Set<unknown>()
  const roots = new Set<unknown>()
  for (const event of city.events()) {
    const { type, verifier } = event
    if (type === 'credentials.verifierRegistered') {
      expect(event['version']).toBe((versions.get(verifier) ?? 0) + 1)
      versions.set(verifier, Number(event['version']))
      standing.add(verifier)
    }
    if (type === 'credentials.verifierWithdrawn') expect(standing.delete(verifier)).toBe(true)
    if (type !== 'credentials.statementsAnchored') continue
    expect(roots.has(event['root'])).toBe(false)
    roots.add(event['root'])
  }
}

/** The short list of frozen types says the same as the periods it is taken from. */
function expectFrozenToBeRemembered(city: City): void {
  for (const did of [issuer.did, bureau.did]) {
    const issuerRow = JSON.parse(city.rows().get(`credentials/issuers/${did}`) ?? '{"frozenTypeIds":[],"typeIds":[]}')
    for (const type of ['type_degree', 'type_licence']) {
      const text = city.rows().get(`credentials/authorisations/${did}/${type}`)
      const last = text === undefined ? undefined : JSON.parse(text).periods.at(-1)
      expect(issuerRow.typeIds.includes(type)).toBe(last !== undefined)
      expect(issuerRow.frozenTypeIds.includes(type)).toBe(last?.end === 'frozen')
    }
  }
}
