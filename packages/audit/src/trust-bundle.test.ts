import { isRefusal } from '@chengxin/kernel'
import { type Actor, actor } from '@chengxin/testkit/certificate-city'
import { holder, type Payload, scene } from '@chengxin/testkit/certificate-scene'
import { expect, test } from 'vitest'
import { webPlatform } from './platform.ts'
import { isSignedBy, openReceipt } from './receipt.ts'
import { openBundle, pinsAfter, type TrustBundle } from './trust-bundle.ts'

const { city, bundle, pins } = scene()

test('a new committee needs the old one’s word, and then speaks for itself', async () => {
  const fresh = ['a', 'b', 'c'].map((name) => actor(`fresh ${name}`))
  const committee = { keys: fresh.map(({ kid, jwk }) => ({ kid, jwk })), threshold: 2 }
  const open = (signers: Actor[], before?: TrustBundle, sequence = 8) => {
    const text = city.signBundle({ ...city.bundlePayload(), sequence, committee }, signers)
    return openBundle(text, { pins: before && pinsAfter(before) })
  }
  const [old1, old2] = city.committee as [Actor, Actor]
  const [new1, new2] = fresh as [Actor, Actor]

  expect(await open([new1, new2])).toEqual({ refused: 'bundle_threshold_not_met' })
  expect(await open([old1, old2])).toEqual({ refused: 'bundle_threshold_not_met' })
  expect(await open([old1, new1, new2])).toEqual({ refused: 'bundle_threshold_not_met' })
  const handed = (await open([old1, old2, new1, new2])) as TrustBundle
  expect(handed.sequence).toBe(8)
  expect(await open([new1, new2], handed, 9)).toMatchObject({ sequence: 9, isPinned: true })
  expect(await open([old1, old2], handed, 9)).toEqual({ refused: 'bundle_threshold_not_met' })
})

test.each<[string, (payload: Payload) => object]>([
  ['a member too many', (payload) => ({ ...payload, more: 1 })],
  ['a member missing', ({ quorum: _, ...payload }) => payload],
  ['a member of another kind', (payload) => ({ ...payload, sequence: '7' })],
  ['nobody’s cosignature', (payload) => ({ ...payload, quorum: 0 })],
  ['another version', (payload) => ({ ...payload, v: 2 })],
  ['no threshold', (payload) => ({ ...payload, committee: { ...payload.committee, threshold: 0 } })],
  ['a key that is none', (payload) => ({ ...payload, committee: { keys: [{ kid: 'x', jwk: {} }], threshold: 1 } })],
  [
    'display texts that were swapped',
    (payload) => ({ ...payload, types: payload.types.map((type) => ({ ...type, display: {} })) }),
  ],
])('a bundle is refused for %s', async (_case, change) => {
  expect(await openBundle(city.signBundle(change(city.bundlePayload())))).toEqual({ refused: 'bundle_malformed' })
})

test('a bundle in another spelling of the same JSON is refused', async () => {
  expect(await openBundle(bundle.replace('{', '{ '))).toEqual({ refused: 'bundle_malformed' })
})

test('the same bundle again is no rollback', async () => {
  const first = (await openBundle(bundle, { pins })) as TrustBundle
  expect(await openBundle(bundle, { pins: pinsAfter(first) })).toMatchObject({ sequence: 7, isPinned: true })
})

test('a receipt stands alone: what was sent, when, and by whose key', async () => {
  const { policy } = (await openBundle(bundle)) as TrustBundle
  const receipt = openReceipt(webPlatform, city.log.receipt(5), policy)
  if (isRefusal(receipt)) throw new Error(receipt.refused)
  expect(receipt).toMatchObject({ index: 5, cosignatures: 3, leaf: { height: 6, code: 'ok' } })
  expect(receipt.transaction).toMatchObject({ signer: city.issuer.did, group: city.group })
  expect(await isSignedBy(webPlatform, receipt, city.issuer.jwk)).toBe(true)
  expect(await isSignedBy(webPlatform, receipt, holder.jwk)).toBe(false)
})
