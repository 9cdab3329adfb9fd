/**
 * Two verifiers put together everything they saw of certificates of an unlinkable type, and try to tell which two came from
 * one resident. What they hold in common says no more of a resident than of the k under the same root; what differs is random.
 */
import { readCertificate } from '@chengxin/audit'
import { nativeSigner } from '@chengxin/client/node'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { type Did, expectOk, fromBase64url, fromUtf8, type Json } from '@chengxin/kernel'
import { describe, expect, test } from 'vitest'
import { type BatchPlan, planBatch, treeOfPlan, type Wanted } from './batch-plan.ts'
import { signBatch } from './issue-batch.ts'
import { StatusRegister } from './status-register.ts'

const k = 5
const copies = 2
const claims = { over_18: 'yes', city: 'Macau' }
const did = `did:weid:test:0x${'1'.repeat(40)}` as Did

const keys = Array.from({ length: k * copies }, () => publicPart(generatePrivateJwk('ES256')))

function plan(): BatchPlan {
  const wanted: Wanted[] = []
  for (let resident = 0; resident < k; resident++) {
    for (let copy = 0; copy < copies; copy++) {
      const holderKey = keys[resident * copies + copy] as (typeof keys)[0]
      wanted.push({ reference: `${resident} ${copy}`, holderKey, claims })
    }
  }
  const register = StatusRegister.create('list_one', 'https://city.example/list', 4096)
  const nowMs = Date.UTC(2026, 5, 1, 13, 14, 15)
  return planBatch(wanted, { batchId: 'batch_one', typeId: 'type_age', vct: 'urn:age', issuer: did, register, nowMs })
}

/** Every text and number anywhere in a certificate, the signed part and the disclosures alike, but what goes by its place. */
function traces(text: string): ReadonlySet<string> {
  const certificate = expectOk(readCertificate(sha256, text))
  const parts = text.split('~').filter((part) => part !== '')
  const found = new Set<string>(parts)
  const walk = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const member of value) walk(member)
    else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) walk(member)
    else if (value !== undefined) found.add(String(value))
  }
  const { issuerJwt, disclosures } = certificate.sdJwt
  walk(issuerJwt.header)
  walk(issuerJwt.payload)
  for (const part of parts.slice(1)) {
    const disclosure = JSON.parse(fromUtf8(fromBase64url(part) as Uint8Array) as string) as readonly Json[]
    const [salt, name, value] = disclosure
    // Index and path follow from the place in the tree, and the number in the list is its own: see the test below.
    const {
      path: _path,
      index: _index,
      ...rest
    } = (name === 'anchor' ? value : { value }) as { path?: Json; index?: Json }
    walk(salt)
    walk(rest)
  }
  found.delete(String(certificate.status?.index))
  expect(disclosures.length).toBe(3)
  return found
}

describe(`k = ${k} residents under one root`, () => {
  test('what two shows of one resident have in common, those of two residents have in common too', async () => {
    const batch = plan()
    const signer = nativeSigner(generatePrivateJwk('ES256'), { did })
    const anchored = {
      plan: batch,
      tree: treeOfPlan(batch),
      outcome: { status: 'committed' },
      receipt: 'receipt',
    } as const
    const seen = new Map<string, ReadonlySet<string>>()
    for await (const { reference, text } of signBatch(anchored, signer)) seen.set(reference, traces(text))
    const common = (one: string, other: string) =>
      [...(seen.get(one) ?? [])].filter((trace) => seen.get(other)?.has(trace)).sort()
    const first = common('0 0', '0 1')
    expect(first).toContain('urn:age')
    for (let resident = 0; resident < k; resident++) {
      for (let other = 0; other < k; other++) {
        expect(common(`${resident} 0`, `${other} 1`), `${resident} and ${other}`).toEqual(first)
      }
    }
  })

  test('no time is finer than a day', () => {
    expect(plan().issuedAtMs % 86_400_000).toBe(0)
  })

  test('places in the tree and in the status list pair up one resident’s copies no oftener than chance', () => {
    const rounds = 1500
    let siblings = 0
    let neighbours = 0
    for (let round = 0; round < rounds; round++) {
      const { certificates } = plan()
      const residentOf = (at: number) => certificates[at]?.reference.split(' ')[0]
      // The best guess by the tree: the leaf beside it.
      if (residentOf(0) === residentOf(1)) siblings++
      // The best guess by the list: the nearest number.
      const byIndex = [...certificates].sort((one, other) => one.statusIndex - other.statusIndex)
      if (byIndex[0]?.reference.split(' ')[0] === byIndex[1]?.reference.split(' ')[0]) neighbours++
    }
    const chance = 1 / (k * copies - 1)
    const sigma = Math.sqrt(rounds * chance * (1 - chance))
    for (const hits of [siblings, neighbours]) expect(Math.abs(hits - rounds * chance)).toBeLessThan(6 * sigma)
  })
})
