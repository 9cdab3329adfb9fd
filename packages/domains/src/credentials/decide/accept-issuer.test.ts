import { fromBase64url, fromUtf8, toBase64url } from '@chengxin/kernel'
import { authority, credentialsScene, issuer } from '@chengxin/testkit/credentials-scene'
import {
  type ForeignRightWish,
  foreignGroupId,
  foreignPin,
  foreignRightProof,
  textBytes,
} from '@chengxin/testkit/foreign-group'
import { actor, type City, cityStartMs } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credentialsReads } from '../reads.ts'

const eve = actor('eve')
const typeId = 'type_licence'
const hour = 3_600_000
const now = cityStartMs + 10 * hour
const given = cityStartMs - hour
const wish = { issuer: issuer.did, typeId, givenAtMs: given, heldAtMs: now - 600_000 }

/** The city ten hours after its founding, its committee having pinned the other group. */
function pinningCity(pin: object | undefined = {}): City {
  const city = credentialsScene()
  city.enrol(eve)
  if (pin !== undefined) city.decide(foreignPin(pin))
  city.passTo(now)
  return city
}

const args = (change: Partial<ForeignRightWish> = {}, more: object = {}) => ({
  group: foreignGroupId,
  issuer: issuer.did,
  typeId,
  proof: foreignRightProof({ ...wish, ...change }),
  ...more,
})
const accept = (city: City, signer: typeof issuer, given_: object) =>
  outcomeOf(city.act(signer.did, 'credentials.acceptIssuer', given_))
const other = foreignRightProof({ ...wish, typeId: 'type_degree' })

test.each<[string, object | undefined, typeof issuer, object, string]>([
  ['somebody else', {}, eve, args(), 'not_the_issuer_nor_authority'],
  ['a type that nobody defined', {}, issuer, args({}, { typeId: 'type_none' }), 'type_not_found'],
  ['an issuer that is nobody here', {}, authority, args({}, { issuer: actor('nobody').did }), 'issuer_not_found'],
  ['another group', {}, issuer, args({}, { group: toBase64url(new Uint8Array(32)) }), 'issuer_group_not_pinned'],
  ['a type kept to ourselves', { typeIds: ['type_degree'] }, issuer, args(), 'type_not_entrusted'],
  ['a receipt that one cosigned', {}, issuer, args({ cosigners: 1 }), 'proof_receipt_invalid'],
  ['a receipt of another log', { origin: 'x.example' }, issuer, args(), 'proof_receipt_invalid'],
  [
    'a receipt that is none',
    {},
    issuer,
    args({}, { proof: { ...args().proof, receipt: '' } }),
    'proof_receipt_invalid',
  ],
  ['a refused transaction', {}, issuer, args({ code: 'type_not_found' }), 'proof_of_other_right'],
  ['a transaction of another group', {}, issuer, args({ group: 'g'.repeat(43) }), 'proof_of_other_right'],
  ['another act', {}, issuer, args({ actionType: 'credentials.withdrawIssuer' }), 'proof_of_other_right'],
  ['a right to another type', {}, issuer, args({ typeId: 'type_degree' }), 'proof_of_other_right'],
  ['a state that one signed', {}, issuer, args({ stateSigners: 1 }), 'proof_state_invalid'],
  [
    'a state of another root',
    {},
    issuer,
    args({}, { proof: { ...args().proof, state: other.state } }),
    'proof_row_invalid',
  ],
  ['a changed row', {}, issuer, args({}, { proof: { ...args().proof, row: textBytes('{}') } }), 'proof_row_invalid'],
  ['a row in a form not known here', {}, issuer, args({ periods: [{ since: 1 }] }), 'proof_row_invalid'],
  [
    'a right withdrawn since',
    {},
    issuer,
    args({ periods: [{ fromMs: given, end: 'withdrawn', endedAtMs: given + 1 }] }),
    'right_not_in_force',
  ],
  ['a right given anew since', {}, issuer, args({ periods: [{ fromMs: given + 1 }] }), 'right_not_in_force'],
  [
    'a right from a third group',
    {},
    issuer,
    args({ periods: [{ fromMs: given, group: foreignGroupId }] }),
    'right_not_in_force',
  ],
  [
    'a right that ended a minute ago',
    {},
    issuer,
    args({ periods: [{ fromMs: given, untilMs: now - 60_000 }] }),
    'right_not_in_force',
  ],
  ['a state an hour old', {}, issuer, args({ heldAtMs: now - hour }), 'proof_too_old'],
  ['a state not quite an hour old', {}, issuer, args({ heldAtMs: now - hour + 1 }), 'issuerAccepted'],
  ['proof brought by an authority', {}, authority, args(), 'issuerAccepted'],
  ['proof brought by the issuer', {}, issuer, args(), 'issuerAccepted'],
])('acceptIssuer: %s', (_case, pin, signer, given_, outcome) => {
  expect(accept(pinningCity(pin), signer, given_)).toBe(outcome)
})

test('a pin that is taken back ends it', () => {
  const city = pinningCity()
  city.decide({ kind: 'unpinGroup', group: foreignGroupId })
  expect(accept(city, issuer, args())).toBe('issuer_group_not_pinned')
})

test('the right lasts until the proof is too old, and a newer proof prolongs the same period', () => {
  const city = pinningCity()
  accept(city, issuer, args())
  const entitled = (ms: number) => city.reads(credentialsReads).wasEntitledAt(issuer.did, typeId, (now + ms) as never)
  const end = hour - 600_000
  expect([entitled(-1), entitled(0), entitled(end - 1), entitled(end)]).toEqual([false, true, true, false])

  expect(accept(city, issuer, args())).toBe('proof_not_newer')
  city.passTo(now + 60_000)
  expect(accept(city, issuer, args({ heldAtMs: now }))).toBe('issuerAccepted')
  expect([entitled(hour - 1), entitled(hour)]).toEqual([true, false])
  const row = city.rows().get(`credentials/authorisations/${issuer.did}/${typeId}`) ?? ''
  expect(JSON.parse(row)).toEqual({
    domain: 'licences.example',
    periods: [{ fromMs: now, group: foreignGroupId, untilMs: now + hour }],
  })

  // After a gap it is a new period: nothing is entitled in between.
  city.passTo(now + 3 * hour)
  expect(accept(city, issuer, args({ heldAtMs: now + 3 * hour }))).toBe('issuerAccepted')
  expect([entitled(2 * hour), entitled(3 * hour)]).toEqual([false, true])
})

test('an end that was planned there is kept here', () => {
  const city = pinningCity()
  accept(city, issuer, args({ periods: [{ fromMs: given, untilMs: now + 60_000 }] }))
  const { wasEntitledAt } = city.reads(credentialsReads)
  const moments = [now + 59_999, now + 60_000] as never[]
  expect(moments.map((ms) => wasEntitledAt(issuer.did, typeId, ms))).toEqual([true, false])
})

test.each(['freezeIssuer', 'withdrawIssuer'])('after %s here no proof from there brings the right back', (verb) => {
  const city = pinningCity()
  accept(city, issuer, args())
  city.must(authority.did, `credentials.${verb}`, { issuer: issuer.did, typeId })
  city.passTo(now + 60_000)
  expect(accept(city, issuer, args({ heldAtMs: now + 60_000 }))).toBe('right_ended_here')
})

test('a right given here is not replaced by one proved from elsewhere', () => {
  const city = pinningCity()
  city.must(authority.did, 'credentials.authoriseIssuer', { issuer: issuer.did, typeId })
  expect(accept(city, issuer, args())).toBe('issuer_already_authorised')
})

/** Every byte of a proof matters, but for what the formats leave open: signatures of those who are not needed. */
test('no proof with one byte changed is accepted', () => {
  const city = pinningCity()
  const sound = args().proof
  const parts = ['receipt', 'state', 'row'] as const
  const refusals = ['proof_receipt_invalid', 'proof_of_other_right', 'proof_state_invalid', 'proof_row_invalid']
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 1, max: 127 }), (part, at, change) => {
      const bytes = Uint8Array.from(fromBase64url(sound[part]) as Uint8Array)
      bytes[at % bytes.length] = ((bytes[at % bytes.length] as number) ^ change) & 0x7f
      if (fromUtf8(bytes) === fromUtf8(fromBase64url(sound[part]) as Uint8Array)) return
      const outcome = accept(city, issuer, args({}, { proof: { ...sound, [part]: toBase64url(bytes) } }))
      expect(refusals).toContain(outcome)
    }),
    { numRuns: 400 },
  )
})

test('no proof with one hash of its row’s proof changed, left out or doubled is accepted', () => {
  const city = pinningCity()
  const sound = args().proof
  const [row] = sound.rows as [(typeof sound.rows)[number]]
  const strange = toBase64url(new Uint8Array(32).fill(7))
  const changed = [
    ...sound.path.map((_hash, index) => ({ path: sound.path.with(index, strange) })),
    { path: sound.path.toReversed() },
    { rows: [{ ...row, keyHash: strange }] },
    { rows: [{ ...row, valueHash: strange }] },
    { rows: [row, row] },
  ]
  for (const change of changed) {
    expect(accept(city, issuer, args({}, { proof: { ...sound, ...change } }))).toBe('proof_row_invalid')
  }
})
