/**
 * Two verifiers who pool all they were shown cannot tell whether they met one resident or two of the k under one root, where no
 * field that identifies is shown: copies share nothing that strangers' copies do not share as well. k is 4 here.
 */
import { readSdJwt } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import {
  type AskedPresentation,
  type Deferred,
  type HeldCertificate,
  optionsFor,
  parseDcql,
  presentationsOf,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
} from '@chengxin/holder'
import { expectOk, isRefusal, type Json } from '@chengxin/kernel'
import { planBatch, StatusRegister } from '@chengxin/services'
import { vct } from '@chengxin/testkit/certificate-city'
import { createOpenidScene, newHolderKey } from '@chengxin/testkit/openid-scene'
import { expect, test } from 'vitest'
import { createPreAuthorizedOffer, offerLink } from '../openid/vci/offer.ts'

const residents = ['one', 'two', 'three', 'four']
const copies = 2
const claims = [{ path: ['degree'] }, { path: ['anchor'] }]
const query = { credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [vct] }, claims }] }

/** Two copies for each resident, all under one root. */
async function heldByResidents() {
  const scene = createOpenidScene({ closeAt: residents.length + 1 })
  const { issuer, wallet, desk } = scene
  const orders = []
  for (const subject of residents) {
    const offer = await createPreAuthorizedOffer(issuer, { subject, configurationIds: ['degree'] })
    const read = expectOk(await readOffer(wallet, offerLink(offer)))
    const access = expectOk(await redeemPreAuthorized(wallet, read, offer.txCode))
    orders.push({ access, order: expectOk(await requestCertificates(wallet, access, 'degree', copies)) as Deferred })
  }
  await desk.close()
  const held: (readonly HeldCertificate[])[] = []
  for (const { access, order } of orders) {
    held.push((expectOk(await requestDeferredCertificates(wallet, access, order)) as Received).certificates)
  }
  return { scene, held }
}

async function shownTo(
  verifier: string,
  nonce: string,
  certificate: HeldCertificate | undefined,
  scene: ReturnType<typeof createOpenidScene>,
) {
  const asked: AskedPresentation = { audience: verifier, dnsNames: [], nonce, query: expectOk(parseDcql(query)) }
  const options = expectOk(optionsFor(asked, certificate ? [certificate] : []))
  const [text = ''] = (await presentationsOf(scene.wallet, asked, options))['degree'] ?? []
  return text
}

/** Everything that a verifier reads in a presentation, each value with its place. */
function seenIn(presentation: string): ReadonlySet<string> {
  const sdJwt = readSdJwt(sha256, presentation)
  if (isRefusal(sdJwt)) throw new Error(sdJwt.refused)
  const seen = new Set<string>()
  const take = (place: string, value: Json | undefined) => {
    if (Array.isArray(value)) for (const member of value) take(`${place}[]`, member)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) take(`${place}.${name}`, member)
    } else seen.add(`${place} ${String(value)}`)
  }
  take('header', sdJwt.issuerJwt.header)
  take('payload', sdJwt.issuerJwt.payload)
  take('proof', sdJwt.keyBinding?.payload)
  for (const { text, name, value } of sdJwt.disclosures) {
    seen.add(`disclosure ${text}`)
    take(`claim.${name}`, value)
  }
  return seen
}

/** Where a copy stands in its tree is a matter of chance, and is tested as one below. */
const isOfPlace = (mark: string) => /^claim\.anchor\.(index|path)/.test(mark)
const shared = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...one].filter((mark) => other.has(mark) && !isOfPlace(mark)).sort()

test('what one resident’s copies share, the copies of others under the root share too', async () => {
  const { scene, held } = await heldByResidents()
  const atBank = await Promise.all(held.map(([copy]) => shownTo('bank', 'nonce-of-the-bank-1', copy, scene)))
  const atClinic = await Promise.all(held.map(([, copy]) => shownTo('clinic', 'nonce-of-the-clinic', copy, scene)))
  const bank = atBank.map(seenIn)
  const clinic = atClinic.map(seenIn)
  const pairs = bank.flatMap((one, index) =>
    clinic.map((other, at) => ({ same: index === at, shared: shared(one, other) })),
  )
  expect(pairs.filter(({ same }) => same)).toHaveLength(residents.length)
  const [first] = pairs
  // There is something to compare: the issuer, the type, the root's receipt, the field that was shown.
  expect(first?.shared.length).toBeGreaterThan(5)
  for (const pair of pairs) expect(pair.shared).toEqual(first?.shared)
})

test('the same copy shown twice would be told: the comparison sees what links', async () => {
  const { scene, held } = await heldByResidents()
  const [copy] = held[0] ?? []
  const [once, again] = [
    await shownTo('bank', 'nonce-of-the-bank-1', copy, scene),
    await shownTo('clinic', 'nonce-of-the-clinic', copy, scene),
  ]
  const other = await shownTo('clinic', 'nonce-of-the-clinic', held[1]?.[0], scene)
  expect(shared(seenIn(once), seenIn(again)).length).toBeGreaterThan(shared(seenIn(once), seenIn(other)).length)
})

test('neighbours in the tree or in the status list are no more often of one resident than chance has it', () => {
  const people = 4
  const runs = 800
  const key = newHolderKey().jwk
  let siblings = 0
  let neighbours = 0
  for (let run = 0; run < runs; run++) {
    const register = StatusRegister.create('list_one', 'https://node.example/list', 4096)
    const wanted = Array.from({ length: people * copies }, (_, index) => ({
      reference: `${Math.floor(index / copies)} ${index % copies}`,
      holderKey: key,
      claims: { degree: 'BSC' },
    }))
    const options = {
      batchId: 'batch_one',
      typeId: 'type_degree',
      vct,
      issuer: 'did:weid:test:0x0' as never,
      register,
      nowMs: 1,
    }
    const { certificates } = planBatch(wanted, options as never)
    const places = certificates.flatMap(({ reference }, place) => (reference.startsWith('0 ') ? [place] : []))
    const indexes = certificates.flatMap(({ reference, statusIndex }) =>
      reference.startsWith('0 ') ? [statusIndex] : [],
    )
    const [one = 0, other = 0] = places
    if ((one ^ 1) === other) siblings++
    if (Math.abs((indexes[0] ?? 0) - (indexes[1] ?? 0)) <= 1) neighbours++
  }
  // One of the seven others is the sibling: 114 of 800 are expected, with a deviation of 10; beyond six of them is no chance.
  expect(siblings).toBeGreaterThan(54)
  expect(siblings).toBeLessThan(174)
  expect(neighbours).toBeLessThan(12)
})
