/** Whatever officers, holders and thieves do at the counter: a new key comes by two in office, after the wait, if nobody stops it. */
import { ruleset } from '@chengxin/domains/ruleset'
import { actor, bureau, type City, dayMs, foundCity, provenKey } from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const officers = ['lam', 'wong', 'ho'] as const
const people = ['anna', 'dora', ...officers] as const
const didOf = (name: string) => actor(name).did
const officer = fc.constantFrom(...officers)
/** Dora was never confirmed; Lam may need the counter as well. */
const subject = fc.constantFrom('anna', 'anna', 'anna', 'lam', 'dora')

type Step = (city: City) => unknown

const ask = fc.tuple(officer, subject, fc.nat(9)).map(
  ([by, did, number]): Step =>
    (city) => {
      const proven = provenKey(actor(`new key ${number}`), didOf(did))
      city.act(didOf(by), 'identity.requestAtCounter', { did: didOf(did), keyId: `key-n${number}`, ...proven })
    },
)
const approve = fc.tuple(officer, subject).map(
  ([by, did]): Step =>
    (city) =>
      city.act(didOf(by), 'identity.approveAtCounter', { did: didOf(did) }),
)
const complete = subject.map(
  (did): Step =>
    (city) =>
      city.act(didOf('dora'), 'identity.completeRecovery', { did: didOf(did) }),
)
const cancel = subject.map(
  (did): Step =>
    (city) =>
      city.act(didOf(did), 'identity.cancelRecovery', {}),
)
const withdraw = fc.tuple(officer, subject).map(
  ([by, did]): Step =>
    (city) =>
      city.act(didOf(by), 'identity.withdrawAtCounter', { did: didOf(did) }),
)
const choose = fc.tuple(subject, fc.constantFrom('open', 'open', 'closed'), fc.constantFrom(3, 30)).map(
  ([did, standing, days]): Step =>
    (city) =>
      city.act(didOf(did), 'identity.setCounter', { standing, delayMs: days * dayMs }),
)
/** The committee puts an officer out of office, or back in. */
const office = fc.tuple(officer, fc.constantFrom('revokeRole', 'grantRole')).map(([did, kind]): Step => {
  let number = 0
  return (city) => {
    const proposalId = `proposal_office-${city.leafIndex}-${++number}`
    const change = {
      kind,
      role: 'counter_officer',
      did: didOf(did),
      ...(kind === 'grantRole' && { member: 'member_bureau' }),
    }
    city.act(bureau.did, 'governance.proposeChange', { proposalId, change })
    city.act(actor('university admin').did, 'governance.approveChange', { proposalId })
  }
})
const wait = fc.integer({ min: 1, max: 12 }).map(
  (days): Step =>
    (city) =>
      city.passTo(city.timeMs + days * dayMs),
)

const step = fc.oneof(
  { arbitrary: ask, weight: 4 },
  { arbitrary: approve, weight: 6 },
  { arbitrary: complete, weight: 4 },
  { arbitrary: wait, weight: 4 },
  { arbitrary: cancel, weight: 1 },
  { arbitrary: withdraw, weight: 1 },
  { arbitrary: choose, weight: 1 },
  { arbitrary: office, weight: 1 },
)

test('the counter: two in office, the wait, the holder’s word, and replay', { timeout: 120_000 }, () => {
  let completed = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
      const city = foundCity(ruleset)
      city.enrol(...people.map(actor))
      city.grant('identity_bureau', bureau.did)
      for (const one of officers) city.grant('counter_officer', didOf(one))
      for (const did of ['anna', 'lam'].map(didOf)) {
        city.must(bureau.did, 'identity.confirm', { did, commitment: 'A'.repeat(43) })
      }
      for (const act of steps) act(city)
      completed += expectDueRecoveries(city)
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 60 },
  )
  // Histories in which nothing comes to an end would hold anything.
  expect(completed).toBeGreaterThan(0)
})

interface Running {
  readonly officers: Set<string>
  readonly waitMs: number
  twoSinceMs?: number
}

/** Reads off the events alone what each completed recovery was owed; how many there were. */
function expectDueRecoveries(city: City): number {
  const [running, waits, closed] = [new Map<string, Running>(), new Map<string, number>(), new Set<string>()]
  const inOffice = new Set<string>(officers.map(didOf))
  let completed = 0
  for (const { timeMs, events } of city.happened()) {
    for (const { type, ...event } of events) {
      const did = String(event['did'])
      const request = running.get(did)
      if (type === 'governance.roleGranted' && event['role'] === 'counter_officer') inOffice.add(did)
      if (type === 'governance.roleRevoked' && event['role'] === 'counter_officer') inOffice.delete(did)
      if (type === 'identity.counterSet') {
        closed[event['standing'] === 'closed' ? 'add' : 'delete'](did)
        waits.set(did, Number(event['delayMs']))
      }
      if (type === 'identity.recoveryRequested') {
        expect([closed.has(did), did === didOf('dora')], 'asked where no counter helps').toEqual([false, false])
        running.set(did, { officers: new Set(), waitMs: waits.get(did) ?? 7 * dayMs })
      }
      if (type === 'identity.recoveryApproved' && request) {
        expect([inOffice.has(String(event['by'])), event['by'] === did]).toEqual([true, false])
        request.officers.add(String(event['by']))
        if (request.officers.size === 2) request.twoSinceMs = timeMs
      }
      if (type === 'identity.recoveryCancelled') running.delete(did)
      if (type !== 'identity.recoveryCompleted') continue
      completed += 1
      expect([...(request?.officers ?? [])].filter((by) => inOffice.has(by)).length).toBeGreaterThanOrEqual(2)
      expect(timeMs - (request?.twoSinceMs ?? timeMs)).toBeGreaterThanOrEqual(request?.waitMs ?? Number.NaN)
      running.delete(did)
    }
  }
  return completed
}
