/** Whatever people do with identities: a live DID has a key, and nobody acts for another beyond what was given. */
import { ruleset } from '@chengxin/domains/ruleset'
import { actor, bureau, type City, cityStartMs, dayMs, foundCity, provenKey } from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Identity } from './types.ts'

const names = ['anna', 'ben', 'carl', 'dora'] as const
const name = fc.constantFrom(...names)
const keyId = fc.constantFrom('key-1', 'key-2', 'key-3', 'key-4')
const delegationId = fc.nat(9).map((number) => `delegation_nr-${number}`)
const scope = fc.subarray(['points.transfer', 'points.*', 'accounts.*', 'credentials.anchorBatch'], { minLength: 1 })
const untilMs = fc.integer({ min: 1, max: 40 }).map((days) => cityStartMs + days * dayMs)
const keyName = fc.nat(5).map((number) => `spare ${number}`)

type Arguments = (signer: string) => object
const didOf = (person: string) => actor(person).did

const command: fc.Arbitrary<{ readonly verb: string; readonly args: Arguments }> = fc.oneof(
  fc.tuple(keyId, keyName).map(([id, key]) => ({
    verb: 'addKey',
    args: (signer: string) => ({ keyId: id, ...provenKey(actor(key), didOf(signer)) }),
  })),
  keyId.map((id) => ({ verb: 'retireKey', args: () => ({ keyId: id }) })),
  fc
    .record({ delegationId, to: name.map(didOf), scope, untilMs })
    .map((args) => ({ verb: 'delegate', args: () => args })),
  delegationId.map((id) => ({ verb: 'revokeDelegation', args: () => ({ delegationId: id }) })),
  fc
    .record({ guardians: fc.subarray([...names], { minLength: 1 }), threshold: fc.integer({ min: 1, max: 3 }) })
    .map(({ guardians, threshold }) => ({
      verb: 'setRecovery',
      args: () => ({ guardians: guardians.map(didOf), threshold, delayMs: dayMs }),
    })),
  fc.tuple(name, keyId, keyName).map(([did, id, key]) => ({
    verb: 'requestRecovery',
    args: () => ({ did: didOf(did), keyId: id, ...provenKey(actor(key), didOf(did)) }),
  })),
  fc
    .tuple(fc.constantFrom('approveRecovery', 'completeRecovery'), name)
    .map(([verb, did]) => ({ verb, args: () => ({ did: didOf(did) }) })),
  fc.tuple(name, keyId, keyName).map(([did, id, key]) => ({
    verb: 'requestAtCounter',
    args: () => ({ did: didOf(did), keyId: id, ...provenKey(actor(key), didOf(did)) }),
  })),
  name.map((did) => ({ verb: 'approveAtCounter', args: () => ({ did: didOf(did) }) })),
  fc.constantFrom('open', 'closed').map((standing) => ({
    verb: 'setCounter',
    args: () => ({ standing, delayMs: 3 * dayMs }),
  })),
  fc.constant({ verb: 'cancelRecovery', args: () => ({}) }),
)
/** Deactivation is rare, or little would be left to do. */
const rareCommand = fc.oneof(
  { arbitrary: command, weight: 40 },
  { arbitrary: fc.constant({ verb: 'deactivate', args: () => ({}) }), weight: 1 },
)
const step = fc.record({
  signer: name,
  actsFor: fc.option(name, { nil: undefined, freq: 6 }),
  command: rareCommand,
  days: fc.nat(3),
})

test('identity: a live DID has a key, delegations never widen, and replay', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const city = foundCity(ruleset)
      city.enrol(...names.map(actor))
      // Three sit at the counter of the bureau that has confirmed everybody but Dora.
      city.grant('identity_bureau', bureau.did)
      for (const officer of names.slice(1)) city.grant('counter_officer', didOf(officer))
      for (const confirmed of names.slice(0, 3)) {
        city.must(bureau.did, 'identity.confirm', { did: didOf(confirmed), commitment: 'A'.repeat(43) })
      }
      for (const { signer, actsFor, command, days } of steps) {
        const timeMs = city.timeMs + days * dayMs
        const options = { timeMs, ...(actsFor && { for: didOf(actsFor) }) }
        const outcome = city.act(didOf(signer), `identity.${command.verb}`, command.args(actsFor ?? signer), options)
        // Nothing of identity is ever done in another's name.
        if (actsFor !== undefined && actsFor !== signer) expect(typeof outcome).toBe('string')
        expectKeys(city)
        expectNoMoreThanGiven(city)
        expectOneRequest(city)
      }
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 50 },
  )
})

function expectKeys(city: City): void {
  for (const [key, text] of city.rows()) {
    if (!key.startsWith('identity/identities/')) continue
    const { status, keys } = JSON.parse(text) as Identity
    expect(keys.length > 0, text).toBe(status === 'active')
    expect(keys.length).toBeLessThanOrEqual(16)
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(keys.length)
  }
}

/** Guardians' request or the counter's, never both. */
function expectOneRequest(city: City): void {
  const asked = (table: string, did: string) =>
    city.rows().get(`identity/${table}/${did}`)?.includes('"request"') === true
  for (const did of names.map(didOf)) expect(asked('recoveries', did) && asked('counters', did), did).toBe(false)
}

const triedTypes = [
  'points.transfer',
  'points.hold',
  'accounts.hold',
  'credentials.anchorBatch',
  'identity.addKey',
  'governance.approveChange',
]

/** What the facts allow, read off the events alone. */
function expectNoMoreThanGiven(city: City): void {
  const given = new Map<string, { principal: string; to: string; scope: readonly string[]; untilMs: number }>()
  for (const { type, ...event } of city.events()) {
    const id = String(event['delegationId'])
    if (type === 'identity.delegated') given.set(id, event as never)
    if (type === 'identity.delegationRevoked') given.delete(id)
  }
  const answers = city.reads(ruleset.identity)
  for (const principal of names) {
    for (const agent of names) {
      for (const type of triedTypes) {
        if (answers.mayActFor(didOf(agent), didOf(principal), type, city.timeMs)) continue
        const covering = [...given.values()].filter(
          (delegation) =>
            delegation.principal === didOf(principal) &&
            delegation.to === didOf(agent) &&
            city.timeMs < delegation.untilMs &&
            (delegation.scope.includes(type) || delegation.scope.includes(`${type.split('.')[0]}.*`)),
        )
        expect(covering.length, `${agent} for ${principal}: ${type}`).toBeGreaterThan(0)
        expect(type.startsWith('identity.') || type.startsWith('governance.')).toBe(false)
      }
    }
  }
}
