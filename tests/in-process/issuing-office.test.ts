/**
 * An issuing office on a whole node: a wallet redeems an offer over the node's own addresses, what it gets is judged by the
 * same audit as anybody's, and status follows. Then the office is broken off at every write and opened again.
 */
import { auditFile } from '@chengxin/audit'
import {
  type Action,
  action,
  buildTransaction,
  credentials,
  expectCommitted,
  type GroupClient,
  identity,
  proveIdentityKey,
  type Signer,
  sampleActor,
} from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { expectOk, type GroupId, isRefusal } from '@chengxin/kernel'
import {
  createIssuingOffice,
  createMemoryVault,
  type IssuingOffice,
  type IssuingOfficeOptions,
  publishBundle,
} from '@chengxin/services'
import {
  type HolderKey,
  holderVoiceType,
  jsonRequest,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
  signToken,
  type Wallet,
} from '@chengxin/services/openid'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { officeCertificate } from '../../apps/node/src/sample-city/office-certificate.ts'
import { openidEndpoints } from '../../apps/node/src/serving/openid-endpoints.ts'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import {
  ensureAuthorised,
  ensureType,
  fillOffices,
  universityDomain,
} from '../../packages/services/src/demo/offices.ts'
import { breakingVault, failingOnce } from './breaking-vault.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const { typeId } = graduationType
const claims = { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science', gpa: '3.10' }
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }

const x509 = officeCertificate('university', names.en, universityDomain)

let sample: SampleNode
let group: GroupClient
let office: IssuingOffice

function officeOptions(change: Partial<IssuingOfficeOptions> = {}): IssuingOfficeOptions {
  const { did, privateJwk } = sampleActor('university')
  return {
    office: 'university',
    names,
    types: [graduationType],
    group,
    signer: { ...nativeSigner(privateJwk, { did }), x509 },
    vault: createMemoryVault(),
    publicUrl: url,
    poolMs: 5,
    failed: () => {},
    ...change,
  }
}

beforeAll(async () => {
  sample = await openSampleNode({
    desks: async (node, groupId) => {
      group = node.group(groupId)
      office = await createIssuingOffice(officeOptions())
      const endpoints = openidEndpoints(office.openid, { publicUrl: url, name: 'university' })
      return { endpoints, refusals: {}, close: () => office.close() }
    },
  })
  await fillOffices(group, 'office')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
}, 300_000)
afterAll(() => sample.close())

function wallet(): Wallet {
  return {
    async send({ method, url: address, headers, body }) {
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await sample.send(address, { method, headers: given, ...(method === 'POST' && { body }) })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
    newKey: async () => newHolderKey(),
    anchors: [],
    nowMs: Date.now,
  }
}

async function fetchWith(holder: Wallet, link: string, count = 1): Promise<Received> {
  const access = expectOk(await redeemPreAuthorized(holder, expectOk(await readOffer(holder, link))))
  let answer = expectOk(await requestCertificates(holder, access, typeId, count))
  for (let asked = 0; 'transactionId' in answer && asked < 5; asked++) {
    answer = expectOk(await requestDeferredCertificates(holder, access, answer))
  }
  if ('transactionId' in answer) throw new Error('The certificates never came.')
  return answer
}

async function audit(text: string) {
  await group.readModelReached(sample.ledger.head().height)
  const directory = sample.directory
  await publishBundle(group, { directory, publicGroupUrl: `${url}/v1/groups/${group.groupId}`, nowMs: Date.now() })
  const bundle = await group.getText('/trust-bundle')
  return auditFile(text, { bundle, pins: { group: group.groupId as GroupId }, nowMs: Date.now() })
}

describe('over the node', () => {
  test('a wallet finds the office by its identifier, and gets a batch that is valid', async () => {
    await office.keepClaims('chan', typeId, claims)
    const offer = expectOk(await office.offer('chan', typeId))
    expect(decodeURIComponent(offer.uri)).not.toMatch(/chan|3\.10|Tai/)
    const { certificates } = await fetchWith(wallet(), offer.uri, 3)
    expect(certificates).toHaveLength(3)
    for (const { text } of certificates) {
      const report = await audit(text)
      expect(report.checks.filter(({ result }) => result === 'fail')).toEqual([])
      expect(report.verdict).toBe('valid')
      // The certificate names the form that the ledger has for its type, and the check compares the two.
      const template = report.checks.find(({ name }) => name === 'template')
      expect(template?.result).toBe('pass')
      expect(template).not.toHaveProperty('code')
      expect(report.checks.find(({ name }) => name === 'chain')).toMatchObject({
        result: 'pass',
        facts: { subject: universityDomain },
      })
      expect(report.certificate?.claims).toEqual(claims)
    }
    // The offer is used up; who finds the link again gets nothing.
    expect(isRefusal(await readOffer(wallet(), offer.uri))).toBe(true)
  })

  test('suspended, resumed, revoked: every copy follows, and what is revoked stays so', async () => {
    await office.keepClaims('lei', typeId, claims)
    const { certificates } = await fetchWith(wallet(), expectOk(await office.offer('lei', typeId)).uri, 2)
    const [record] = await office.recordsOf('lei')
    const { reference = '' } = record ?? {}
    const statuses = () =>
      Promise.all(
        certificates.map(async ({ text }) => {
          const check = (await audit(text)).checks.find(({ name }) => name === 'status')
          return check?.code ?? check?.result
        }),
      )
    expect(await office.suspend(reference, 'holder_died')).toEqual({ refused: 'reason_not_fitting' })
    expect(await office.suspend(reference, 'under_review')).toMatchObject({ status: 'suspended' })
    expect(await statuses()).toEqual(['status_suspended', 'status_suspended'])
    expect(await office.resume(reference, 'review_ended')).toMatchObject({ status: 'valid' })
    expect(await statuses()).toEqual(['pass', 'pass'])
    expect(await office.revoke(reference, 'issued_in_error')).toMatchObject({ status: 'revoked' })
    expect(await statuses()).toEqual(['status_revoked', 'status_revoked'])
    expect(await office.resume(reference, 'review_ended')).toEqual({ refused: 'certificate_revoked' })
    expect(await office.revoke('cert_none', 'issued_in_error')).toEqual({ refused: 'issued_certificate_not_found' })
  })

  test('whoever holds a key is told how its copy stands, and can cancel it alone', async () => {
    await office.keepClaims('ho', typeId, claims)
    const holder = wallet()
    const { certificates } = await fetchWith(holder, expectOk(await office.offer('ho', typeId)).uri, 2)
    const say = async (index: number, wish: string) => {
      const { key } = certificates[index] as Received['certificates'][0]
      const payload = { aud: office.identifier, iat: Math.floor(Date.now() / 1000), wish }
      const jwt = await signToken(key, { typ: holderVoiceType, jwk: key.jwk }, payload)
      return JSON.parse((await holder.send(jsonRequest(`${office.identifier}/holder`, { jwt }))).body) as unknown
    }
    expect(await say(0, 'status')).toEqual({ status: 'valid' })
    const cancelled = { status: 'revoked', reasonCode: 'holder_asked', appeal: 'appeal_not_needed' }
    expect(await say(0, 'cancel')).toEqual(cancelled)
    expect(await say(1, 'status')).toEqual({ status: 'valid' })
    const [first, second] = await Promise.all(certificates.map(({ text }) => audit(text)))
    expect([first?.verdict, second?.verdict]).toEqual(['not_valid', 'valid'])
    // Suspended and resumed as a whole, the copy stays cancelled.
    const [{ reference } = { reference: '' }] = await office.recordsOf('ho')
    await office.suspend(reference, 'under_review')
    expect(await say(1, 'status')).toMatchObject({ status: 'suspended', appeal: 'appeal_issuer' })
    await office.resume(reference, 'review_ended')
    expect(await say(0, 'status')).toMatchObject(cancelled)
  })

  test('nothing is offered of whom nothing is known, nor of types that are not issued here', async () => {
    expect(await office.offer('nobody', typeId)).toEqual({ refused: 'nothing_to_issue' })
    expect(await office.offer('chan', 'type_other')).toEqual({ refused: 'type_not_issued' })
  })

  test('orders of several residents stand under one root', async () => {
    const people = ['ana', 'bo', 'carla', 'dinis']
    for (const person of people) await office.keepClaims(person, typeId, claims)
    const offers = await Promise.all(people.map(async (person) => expectOk(await office.offer(person, typeId)).uri))
    await Promise.all(offers.map((link) => fetchWith(wallet(), link)))
    const records = (await Promise.all(people.map((person) => office.recordsOf(person)))).flat()
    expect(records).toHaveLength(4)
    expect(Math.max(...records.map(({ residentsInRoot }) => residentsInRoot))).toBeGreaterThan(1)
  })
})

describe('a dissolved issuer', () => {
  test('passes its type to a successor: who proves the old key fetches anew there, and the old one is superseded', async () => {
    const transport = sampleActor('transport')
    const [asRegistrar, asAuthority] = [sampleActor('registrar').signer, sampleActor('issuer-authority').signer]
    if ((await group.find(`/dids/${encodeURIComponent(transport.did)}`)) === undefined) {
      const proven = await proveIdentityKey(group.groupId as GroupId, transport.signer)
      await send(asRegistrar, action(identity.create, { did: transport.did, ...proven }))
    }
    await send(asAuthority, action(credentials.authoriseIssuer, { issuer: transport.did, typeId }))
    const signer = nativeSigner(transport.privateJwk, { did: transport.did })
    const [old, heir] = await Promise.all([
      createIssuingOffice(officeOptions({ office: 'dissolved', vault: createMemoryVault() })),
      createIssuingOffice(officeOptions({ office: 'heir', vault: createMemoryVault(), signer })),
    ])
    const key = newHolderKey()
    const order = async (from: IssuingOffice, holder: HolderKey) => {
      const [stored] = await from.records.offers.find('subject', 'chan', { newestFirst: true })
      const wish = { orderId: `order ${from.office}`, subject: stored?.id ?? '', configurationId: typeId }
      return expectOk(await from.fillOrder({ ...wish, holderKeys: [holder.jwk] }))
    }
    await old.keepClaims('chan', typeId, claims)
    expectOk(await old.offer('chan', typeId))
    expect(await order(old, key)).toMatchObject({ status: 'ready' })

    expect(await old.passOn(typeId, heir)).toEqual({ passed: 1, superseded: [] })
    expect(await old.offer('chan', typeId)).toEqual({ refused: 'type_not_issued' })
    const payload = { aud: old.identifier, iat: Math.floor(Date.now() / 1000), wish: 'status' }
    const jwt = await signToken(key, { typ: holderVoiceType, jwk: key.jwk }, payload)
    const heard = expectOk(await old.heard(jwt))
    expect(heard).toMatchObject({ status: 'valid', replacement: expect.stringContaining('issuers%2Fheir') })
    const renewed = await order(heir, newHolderKey())
    expect(renewed).toMatchObject({ status: 'ready' })
    expect(await heir.claimsOf('chan', typeId)).toEqual(claims)

    expect(await old.passOn(typeId, heir)).toMatchObject({ passed: 0, superseded: [expect.stringMatching(/^cert_/)] })
    expect(await old.recordsOf('chan')).toMatchObject([{ status: 'superseded' }])
    expect(expectOk(await old.heard(jwt))).not.toHaveProperty('replacement')
    const [text = ''] = renewed.status === 'ready' ? renewed.certificates : []
    expect((await audit(text)).verdict).toBe('valid')
    await old.close()
    await heir.close()
  })
})

async function send(signer: Signer, wanted: Action): Promise<void> {
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome) expectCommitted(outcome)
}

describe('killed and opened again', () => {
  const keys = ['one', 'two', 'three'].map(() => publicPart(generatePrivateJwk('ES256')))

  /** Three residents ordered; the office is killed at a write, and opened again on the same vault. */
  async function killedAt(at: number, when: 'before' | 'after') {
    const vault = createMemoryVault()
    const before = await createIssuingOffice(officeOptions({ vault, patienceMs: 0, poolMs: 3_600_000 }))
    const orders = []
    for (const [index, key] of keys.entries()) {
      const subject = `resident ${index}`
      await before.keepClaims(subject, typeId, claims)
      expectOk(await before.offer(subject, typeId))
      const [stored] = await before.records.offers.find('subject', subject)
      const order = {
        orderId: `order ${index}`,
        subject: stored?.id ?? '',
        configurationId: typeId,
        holderKeys: [key],
      }
      orders.push(order)
      expect(await before.fillOrder(order)).toMatchObject({ status: 'waiting' })
    }
    await before.close()
    const breaking = breakingVault(vault, at, when)
    const killed = await createIssuingOffice(officeOptions({ vault: breaking, patienceMs: 0, poolMs: 3_600_000 }))
    const outcome = await killed.issueAll().then(
      () => 'done',
      () => 'killed',
    )
    await killed.close()
    const after = await createIssuingOffice(officeOptions({ vault, patienceMs: 0, poolMs: 3_600_000 }))
    await after.issueAll()
    const texts: string[] = []
    for (const order of orders) {
      const filled = expectOk(await after.fillOrder(order))
      texts.push(...(filled.status === 'ready' ? filled.certificates : []))
    }
    await after.close()
    return { outcome, texts, after, writes: breaking.writes() }
  }

  test('at any write: every order is filled once, nothing is anchored twice, no place is given twice', async () => {
    const { writes } = await killedAt(Number.POSITIVE_INFINITY, 'before')
    expect(writes).toBeGreaterThan(10)
    for (let at = 0; at < writes; at++) {
      for (const when of ['before', 'after'] as const) {
        const { size } = sample.ledger.head()
        const { outcome, texts, after } = await killedAt(at, when)
        expect([at, when, outcome]).toEqual([at, when, 'killed'])
        expect(new Set(texts).size).toBe(3)
        const records = (await Promise.all(keys.map((_, index) => after.recordsOf(`resident ${index}`)))).flat()
        expect(records).toHaveLength(3)
        expect(new Set(records.map(({ batchId }) => batchId)).size).toBe(1)
        expect(
          new Set(records.flatMap(({ places }) => places.map(({ listId, index }) => `${listId} ${index}`))).size,
        ).toBe(3)
        for (const key of keys) expect(records).toContainEqual(await after.recordOfKey(key))
        // One root, and one version of the list, or two where the first list was founded and then forgotten.
        expect(sample.ledger.head().size - size).toBeLessThanOrEqual(3)
      }
    }
  }, 120_000)

  test('a write that fails once: who waits gets what is written down, and the next round anchors nothing again', async () => {
    for (let at = 0; ; at++) {
      const vault = createMemoryVault()
      let left = Number.POSITIVE_INFINITY
      const once = failingOnce(vault, () => left-- === 0)
      const office = await createIssuingOffice(officeOptions({ vault: once, patienceMs: 60_000, poolMs: 3_600_000 }))
      const filling = await Promise.all(
        keys.map(async (key, index) => {
          await office.keepClaims(`resident ${index}`, typeId, claims)
          const { offerId } = expectOk(await office.offer(`resident ${index}`, typeId))
          const order = { orderId: `order ${index}`, subject: offerId, configurationId: typeId, holderKeys: [key] }
          return { order, answer: office.fillOrder(order) }
        }),
      )
      await vi.waitFor(() => expect(office.waiting(typeId)).toBe(keys.length), { timeout: 60_000 })
      const { size } = sample.ledger.head()
      left = at
      const outcome = await office.issueAll().then(
        () => 'done',
        () => 'failed',
      )
      left = Number.POSITIVE_INFINITY
      await office.issueAll()
      for (const { order, answer } of filling) {
        const certificates = (await office.records.orders.get(order.orderId))?.value.certificates
        expect(certificates).toHaveLength(1)
        expect(await answer).toEqual({ status: 'ready', certificates })
        expect(await office.fillOrder(order)).toEqual({ status: 'ready', certificates })
      }
      const records = (await Promise.all(keys.map((_, index) => office.recordsOf(`resident ${index}`)))).flat()
      expect(records).toHaveLength(3)
      expect(new Set(records.map(({ batchId }) => batchId)).size).toBe(1)
      expect(sample.ledger.head().size - size).toBeLessThanOrEqual(3)
      await office.close()
      if (outcome === 'done') {
        // Every write of the round has had its turn.
        expect(at).toBeGreaterThan(10)
        return
      }
    }
  }, 120_000)
})
