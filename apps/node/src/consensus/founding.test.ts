import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCertificate, publicPart } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import type { Hash } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseGenesis } from '../genesis-file.ts'
import { type FoundingFacts, FoundingFault, foundGroup, orderingOf } from './founding.ts'
import { encodeOffer, type MemberOffer, makeOffer, OfferFault, parseOffer } from './member-offer.ts'

const directory = mkdtempSync(join(tmpdir(), 'chengxin-founding-'))
afterAll(() => rmSync(directory, { recursive: true }))

const createdAtMs = Date.UTC(2026, 10, 1)
const names = ['bank', 'bureau', 'court', 'university']
const authority = createSigner(generatePrivateJwk('ES256'))
const issuer = { subject: { commonName: 'City CA', organizationName: 'City' }, ...authority }

function certify(commonName: string, organizationName: string, isCa = false): Uint8Array {
  const jwk = isCa ? authority.jwk : publicPart(generatePrivateJwk('ES256'))
  const subject = isCa ? issuer.subject : { commonName, organizationName }
  const serial = crypto.getRandomValues(new Uint8Array(16)).fill(1, 0, 1)
  const dates = { notBeforeMs: createdAtMs - 86_400_000, notAfterMs: createdAtMs + 86_400_000 }
  return issueCertificate({ subject, jwk, serial, ...dates, isCa }, issuer)
}

let facts: FoundingFacts

beforeAll(async () => {
  const offers: MemberOffer[] = []
  for (const [index, name] of names.entries()) {
    const stated = {
      chainId: 'macau',
      memberId: `member_${name}`,
      organisation: `The ${name} 城`,
      url: `https://${name}.example`,
      engine: { host: `${name}.example`, port: 26_656 + index },
    }
    offers.push((await makeOffer(stated, join(directory, name), undefined)).offer)
  }
  facts = {
    name: 'Certificates 證書',
    origin: 'city.example/groups/certificates',
    createdAtMs,
    readPolicy: 'members',
    threshold: 3,
    ruleset: { version: '1.0.0', hash: `${'a'.repeat(42)}A` as Hash },
    ca: certify('', '', true),
    certificates: new Map(offers.map(({ memberId, organisation }) => [memberId, certify(memberId, organisation)])),
    offers,
  }
}, 60_000)

test('every founder comes to the same bytes, in whatever order it was given the offers', () => {
  const text = foundGroup(facts)
  expect(foundGroup({ ...facts, offers: [...facts.offers].reverse() })).toBe(text)
  const { document } = parseGenesis(text, 'genesis.json')
  expect(document.members.map(({ memberId }) => memberId)).toEqual(names.map((name) => `member_${name}`))
  for (const { validatorKey, peerId, adminDids } of document.members) {
    expect(validatorKey?.crv).toBe('Ed25519')
    expect(Buffer.from(peerId ?? '', 'base64url')).toHaveLength(20)
    expect(document.committee.dids).toContain(adminDids[0])
  }
  expect(document.committee.threshold).toBe(3)
  expect(document.webauthn[0]).toEqual({ rpId: 'bank.example', origins: ['https://bank.example'] })
  expect(text).not.toContain('"d":')
})

test('an offer is made again from the same keys, and says nothing of their private halves', async () => {
  const [first] = facts.offers as [MemberOffer]
  const { chainId, memberId, organisation, url, engine } = first
  const stated = { chainId, memberId, organisation, url, engine }
  const { offer, certificateRequest } = await makeOffer(stated, join(directory, 'bank'), undefined)
  expect(offer).toEqual(first)
  expect(encodeOffer(offer)).not.toContain('"d":')
  expect(certificateRequest).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/)
  expect(parseOffer(encodeOffer(offer), 'bank.offer.json')).toEqual(offer)
})

test('each member connects to the engines of the others', () => {
  expect(orderingOf('member_court', facts.offers)).toMatchObject({
    driver: 'cometbft',
    listen: { host: '0.0.0.0', port: 26_658 },
    peers: [{ host: 'bank.example' }, { host: 'bureau.example' }, { host: 'university.example', port: 26_659 }],
  })
  expect(orderingOf('member_court', facts.offers)).not.toHaveProperty('isOneHost')
  const engine = { host: '127.0.0.1', port: 1 }
  const onOneHost = facts.offers.map((offer) => ({ ...offer, engine }))
  expect(orderingOf('member_court', onOneHost)).toMatchObject({ isOneHost: true })
  expect(() => orderingOf('member_none', facts.offers)).toThrow(FoundingFault)
})

test.each<[string, (offer: MemberOffer, others: readonly MemberOffer[]) => object, RegExp]>([
  ['another organisation behind the same proofs', () => ({ memberId: 'member_bank' }), /admin key is not proven/],
  ['another key', (_offer, [other]) => ({ logKey: other?.logKey }), /log key is not proven/],
  ['a proof of another duty', ({ proofs }) => ({ proofs: { ...proofs, log: proofs.cosigner } }), /log key is not/],
  ['no proof', () => ({ proofs: {} }), /proofs\.admin is missing or wrong/],
  ['an engine nowhere', () => ({ engine: { host: 'a b', port: 1 } }), /engine is missing or wrong/],
  ['a chain that no DID could name', () => ({ chainId: 'Macau' }), /chainId is missing or wrong/],
])('an offer with %s is none', (_case, change, sentence) => {
  const [first, ...others] = facts.offers as [MemberOffer, ...MemberOffer[]]
  const text = encodeOffer({
    ...first,
    ...change(first, others),
    ...(_case.startsWith('another org') && { memberId: 'member_x' }),
  })
  expect(() => parseOffer(text, 'x.offer.json')).toThrow(OfferFault)
  expect(() => parseOffer(text, 'x.offer.json')).toThrow(sentence)
})

test.each<[string, (given: FoundingFacts) => Partial<FoundingFacts>, RegExp]>([
  ['nobody', () => ({ offers: [] }), /A group has members/],
  ['somebody twice', ({ offers }) => ({ offers: [...offers, offers[0] as MemberOffer] }), /is named twice/],
  ['a threshold of half', () => ({ threshold: 2 }), /more than half of the 4 members/],
  ['a member without a certificate', () => ({ certificates: new Map() }), /member_bank has no certificate/],
  [
    'a certificate of somebody else',
    ({ certificates, offers }) => ({
      certificates: new Map(offers.map(({ memberId }) => [memberId, certificates.get('member_bank') as Uint8Array])),
    }),
    /certificate of member_bureau names The bank/,
  ],
  [
    'an authority that is none',
    ({ certificates }) => ({ ca: certificates.get('member_bank') as Uint8Array }),
    /is refused/,
  ],
  ['state roots without an entry between them', () => ({ stateRootEvery: 0 }), /every 16 to 1048576 entries/],
  ['certificates that are over', () => ({ createdAtMs: createdAtMs + 2 * 86_400_000 }), /certificate_expired/],
  [
    'two deployments',
    ({ offers: [first, ...others] }) => ({ offers: [{ ...(first as MemberOffer), chainId: 'lisboa' }, ...others] }),
    /of the deployment lisboa/,
  ],
])('%s founds nothing', (_case, change, sentence) => {
  expect(() => foundGroup({ ...facts, ...change(facts) })).toThrow(FoundingFault)
  expect(() => foundGroup({ ...facts, ...change(facts) })).toThrow(sentence)
})
