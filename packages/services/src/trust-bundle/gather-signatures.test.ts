import { openBundle, readUnjudged } from '@chengxin/audit'
import { type Signer, signerFromPrivateJwk } from '@chengxin/client'
import { canonicalize, expectOk, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type Actor, actor, createCertificateCity } from '@chengxin/testkit/certificate-city'
import { expect, test } from 'vitest'
import {
  addBundleSignature,
  committeesFor,
  countSignatures,
  draftBundle,
  isSignedEnough,
  mergeBundles,
} from './gather-signatures.ts'
import { encodeBundlePayload, joinBundle } from './sign-bundle.ts'

const city = createCertificateCity()
const [bureau, university, office] = city.committee.map(signerOf) as [Signer, Signer, Signer]
const payload = payloadOf(city.bundlePayload())
const draft = draftBundle(payload)
const committees = committeesFor(payload)

function signerOf({ did, privateJwk }: Actor): Signer {
  return signerFromPrivateJwk(privateJwk, { did })
}

function payloadOf(value: object) {
  const encoded = toBase64url(toUtf8(canonicalize(value)))
  const read = readUnjudged(joinBundle(encoded, []))
  if (!read) throw new Error('The city’s payload is none.')
  return read.payload
}

async function signedBy(...signers: readonly Signer[]): Promise<string> {
  let text = draft
  for (const signer of signers) text = expectOk(await addBundleSignature(text, signer, committees))
  return text
}

test('a bundle is refused by everyone until the last signature that it needs', async () => {
  expect(await openBundle(draft)).toEqual({ refused: 'bundle_threshold_not_met' })
  const one = await signedBy(university)
  expect(await openBundle(one)).toEqual({ refused: 'bundle_threshold_not_met' })
  expect(await countSignatures(one, committees)).toEqual([
    { signed: [university.did], open: [bureau.did, office.did], needed: 2 },
  ])
  const two = await signedBy(university, bureau)
  expect(await openBundle(two)).toMatchObject({ sequence: 7, signedBy: [university.did, bureau.did] })
  expect(isSignedEnough(expectOk(await countSignatures(two, committees)))).toBe(true)
})

test('a member that signed in the name of another key, or of no seat, adds nothing', async () => {
  const stranger = signerOf(actor('stranger'))
  const thief = signerFromPrivateJwk(actor('thief').privateJwk, { did: bureau.did })
  const later = signerFromPrivateJwk(actor('bureau').privateJwk, { did: bureau.did, keyId: 'key-2' })
  expect(await addBundleSignature(draft, stranger, committees)).toEqual({ refused: 'bundle_key_not_seated' })
  expect(await addBundleSignature(draft, later, committees)).toEqual({ refused: 'bundle_key_not_seated' })
  expect(await addBundleSignature(draft, thief, committees)).toEqual({ refused: 'bundle_signature_invalid' })
})

test('the same member twice is one member', async () => {
  const one = await signedBy(bureau)
  expect(await addBundleSignature(one, bureau, committees)).toEqual({ refused: 'bundle_signed_before' })
  const twice = expectOk(await mergeBundles(one, one, committees))
  expect(await countSignatures(twice, committees)).toMatchObject([{ signed: [bureau.did] }])
})

test('copies signed apart come together, of one payload only', async () => {
  const merged = expectOk(await mergeBundles(await signedBy(bureau), await signedBy(office), committees))
  expect(await openBundle(merged)).toMatchObject({ signedBy: [bureau.did, office.did] })
  const next = draftBundle({ ...payload, sequence: 8 })
  const other = expectOk(await addBundleSignature(next, office, committees))
  expect(await mergeBundles(merged, other, committees)).toEqual({ refused: 'bundle_payload_differs' })
  // A signature of the other payload, put beside ours by hand.
  const { envelope } = readUnjudged(other) as NonNullable<ReturnType<typeof readUnjudged>>
  const forged = joinBundle(encodeBundlePayload(payload), envelope.signatures)
  expect(await mergeBundles(await signedBy(bureau), forged, committees)).toEqual({
    refused: 'bundle_signature_invalid',
  })
  expect(await countSignatures(forged, committees)).toEqual({ refused: 'bundle_signature_invalid' })
})

test('a new committee waits for the one that was trusted before it', async () => {
  const fresh = ['a', 'b'].map((name) => actor(`fresh ${name}`))
  const committee = { keys: fresh.map(({ kid, jwk }) => ({ kid, jwk })), threshold: 2 }
  const handed = { ...payload, sequence: 8, committee }
  const both = committeesFor(handed)
  let text = draftBundle(handed)
  for (const signer of [...fresh.map(signerOf), bureau]) text = expectOk(await addBundleSignature(text, signer, both))
  const counts = expectOk(await countSignatures(text, both))
  expect(counts.map(({ signed, needed }) => `${signed.length}/${needed}`)).toEqual(['2/2', '1/2'])
  expect(isSignedEnough(counts)).toBe(false)
  expect(isRefusal(await openBundle(text))).toBe(true)
  text = expectOk(await addBundleSignature(text, office, both))
  expect(await openBundle(text)).toMatchObject({ sequence: 8 })
  // Once it is trusted itself, nobody else is waited for.
  expect(committeesFor(handed, committee)).toEqual([committee])
})

test('a member whose key is new signs with both where the committee before knows the older only', async () => {
  const younger = actor('bureau, younger')
  const newer = signerFromPrivateJwk(younger.privateJwk, { did: bureau.did, keyId: 'key-2' })
  const keys = [...payload.committee.keys, { kid: newer.kid, jwk: younger.jwk }]
  const rotated = { ...payload, sequence: 8, committee: { ...payload.committee, keys } }
  const both = committeesFor(rotated)
  let text = draftBundle(rotated)
  for (const signer of [newer, university, bureau]) text = expectOk(await addBundleSignature(text, signer, both))
  expect(await openBundle(text)).toMatchObject({ sequence: 8, signedBy: [university.did, bureau.did] })
  expect(await addBundleSignature(text, newer, both)).toEqual({ refused: 'bundle_signed_before' })
})

test.each([
  ['no JSON', 'nothing'],
  ['a group that is not its genesis', draftBundle({ ...payload, genesis: { ...payload.genesis, more: 1 } })],
])('nothing is added to %s', async (_case, text) => {
  expect(await addBundleSignature(text, bureau, committees)).toEqual({ refused: 'bundle_malformed' })
})
