import { readFileSync } from 'node:fs'
import { auditFile, readCertificate } from '@chengxin/audit'
import { type Outcome, type Signer } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { expectOk, fromBase64url } from '@chengxin/kernel'
import { actor, createCertificateCity, startMs, vct } from '@chengxin/testkit/certificate-city'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { describe, expect, test } from 'vitest'
import { graduationClaims, graduationType } from '../demo/graduation-type.ts'
import { type BatchPlan, planBatch, treeOfPlan, type Wanted } from './batch-plan.ts'
import { displayDocument, schemaDocument } from './certificate-type.ts'
import { graduateColumns, readGraduates } from './graduates.ts'
import { type IssuedCertificate, signBatch } from './issue-batch.ts'
import { StatusRegister, signStatusToken } from './status-register.ts'

const uri = 'https://node.example/v1/groups/g/status-lists/list_one'
const { privateJwk, did } = actor('issuer', 'ES256')
const signer: Signer = nativeSigner(privateJwk, { did })
const nowMs = startMs + 100_000
const dayMs = 86_400_000

function wantedFor(count: number): Wanted[] {
  return Array.from({ length: count }, (_, index) => ({
    reference: `row ${index}`,
    holderKey: publicPart(generatePrivateJwk('ES256')),
    claims: { name: `姓名 ${index}`, gpa: '3.83' },
  }))
}

function planned(count: number): { plan: BatchPlan; register: StatusRegister; wanted: Wanted[] } {
  const register = StatusRegister.create('list_one', uri, 4096)
  const wanted = wantedFor(count)
  const options = { batchId: 'batch_one', typeId: 'type_degree', vct, issuer: did, register, nowMs } as const
  return { plan: planBatch(wanted, options), register, wanted }
}

/** The certificates of a plan, its root anchored in the city's log by the issuer. */
async function issue(plan: BatchPlan, city = createCertificateCity()): Promise<IssuedCertificate[]> {
  const tree = treeOfPlan(plan)
  const args = { batchId: plan.batchId, typeId: plan.typeId, root: tree.root, count: tree.size }
  const index = city.append(city.transaction(city.issuer, [{ type: 'credentials.anchorBatch', args }]))
  const outcome: Outcome = { status: 'committed' }
  const issued: IssuedCertificate[] = []
  for await (const each of signBatch({ plan, tree, outcome, receipt: city.log.receipt(index) }, signer))
    issued.push(each)
  return issued
}

describe('a batch', () => {
  test('is audited as valid, each certificate by the bundle alone', async () => {
    const city = createCertificateCity()
    const { plan, register, wanted } = planned(37)
    const issued = await issue(plan, city)
    register.set(issued[1]?.statusIndex as number, 'revoked')
    const token = await signStatusToken(register, signer, { nowMs, validForMs: 86_400_000, ttlMs: 3_600_000 })
    const payload = city.bundlePayload()
    const statusLists = payload.statusLists.map((list) => ({ ...list, token }))
    const bundle = city.signBundle({ ...payload, statusLists, issuedAtMs: nowMs })
    expect(issued).toHaveLength(37)
    expect(issued.map(({ reference }) => reference).sort()).toEqual(wanted.map(({ reference }) => reference).sort())
    for (const [index, { text, reference }] of issued.entries()) {
      const { verdict, certificate, checks } = await auditFile(text, { bundle, nowMs: nowMs + 1000 })
      expect(verdict, JSON.stringify(checks)).toBe(index === 1 ? 'not_valid' : 'valid')
      expect(certificate?.claims).toEqual(wanted.find((each) => each.reference === reference)?.claims)
    }
  })

  test('of a type with a period has expired when it is over, and not a second before', async () => {
    const city = createCertificateCity()
    const register = StatusRegister.create('list_one', uri, 4096)
    const options = { batchId: 'batch_one', typeId: 'type_degree', vct, issuer: did, register, nowMs } as const
    const issued = await issue(planBatch(wantedFor(2), { ...options, validForDays: 30 }), city)
    const token = await signStatusToken(register, signer, { nowMs, validForMs: 90 * dayMs, ttlMs: 3_600_000 })
    const payload = city.bundlePayload()
    const statusLists = payload.statusLists.map((list) => ({ ...list, token }))
    const bundle = city.signBundle({ ...payload, statusLists, issuedAtMs: nowMs, expiresAtMs: nowMs + 90 * dayMs })
    // From the start of the day of issue: no certificate says at which second it was made.
    const endMs = nowMs - (nowMs % dayMs) + 30 * dayMs
    for (const { text } of issued) {
      const before = await auditFile(text, { bundle, nowMs: endMs - 1 })
      expect(before.verdict, JSON.stringify(before.checks)).toBe('valid')
      const after = await auditFile(text, { bundle, nowMs: endMs })
      expect(after).toMatchObject({ verdict: 'not_valid', nextStep: 'ask_for_current' })
      expect(after.checks.find(({ name }) => name === 'freshness')).toMatchObject({ code: 'freshness_expired' })
    }
  })

  test('shares nothing between certificates that would tell two verifiers they belong together', async () => {
    const issued = await issue(planned(20).plan)
    const certificates = issued.map(({ text }) => expectOk(readCertificate(sha256, text)))
    const salts = certificates.flatMap(({ sdJwt }) => sdJwt.disclosures.map(({ salt }) => salt))
    expect(new Set(salts).size).toBe(salts.length)
    for (const salt of salts) expect(fromBase64url(salt)).toHaveLength(16)
    expect(new Set(certificates.map(({ status }) => status?.index)).size).toBe(20)
    expect(new Set(certificates.map(({ sdJwt }) => JSON.stringify(sdJwt.claims['cnf']))).size).toBe(20)
    expect(new Set(certificates.map(({ issuedAtMs }) => issuedAtMs))).toEqual(new Set([nowMs - (nowMs % 86_400_000)]))
    for (const { sdJwt } of certificates) {
      const digests = sdJwt.issuerJwt.payload['_sd'] as string[]
      expect(digests).toEqual([...digests].sort())
    }
  })

  test('stands in an order that nobody chose', () => {
    const orders = Array.from({ length: 5 }, () =>
      planned(30)
        .plan.certificates.map(({ reference }) => reference)
        .join(),
    )
    expect(new Set(orders).size).toBe(5)
  })

  test('is read by @sd-jwt with all its fields', async () => {
    const [first] = (await issue(planned(3).plan)) as [IssuedCertificate]
    const theirs = new SDJwtVcInstance({
      verifier: async () => true,
      hasher: (data: string | ArrayBuffer) =>
        sha256(typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)),
      hashAlg: 'sha-256',
    })
    const claims = (await theirs.getClaims(first.text)) as { name: string; gpa: string; vct: string }
    expect(claims).toMatchObject({ gpa: '3.83', vct })
    expect(claims.name).toMatch(/^姓名 /)
  })

  test('refuses a field under a name that readers understand otherwise', () => {
    const register = StatusRegister.create('list_one', uri, 4096)
    const options = { batchId: 'batch_one', typeId: 't', vct, issuer: did, register, nowMs } as const
    for (const name of ['iss', 'exp', 'anchor', '_sd', '...']) {
      const [wanted] = wantedFor(1) as [Wanted]
      expect(() => planBatch([{ ...wanted, claims: { [name]: 'x' } }], options)).toThrow(name)
    }
  })
})

describe('certificates of graduation', () => {
  const csv = readFileSync(new URL('../../../../samples/graduates.csv', import.meta.url), 'utf8')

  test('disclose what the register says and leave out what it leaves empty', () => {
    const rows = readGraduates(csv)
    if ('faults' in rows) throw new Error('The sample register has faults.')
    const claims = graduationClaims(rows[0] as never, 'did:weid:sample:0x0')
    expect(claims).toMatchObject({ student_no: 'DC2200000', gpa: '3.34', weid: 'did:weid:sample:0x0' })
    expect(claims).not.toHaveProperty('honours')
  })

  test('have a label for every field in every language, and documents whose hashes never change unnoticed', () => {
    for (const { name, claims } of Object.values(graduationType.display)) {
      expect(name).not.toBe('')
      expect(Object.keys(claims)).toEqual([...graduateColumns, 'weid'])
      expect(Object.values(claims).every((label) => typeof label === 'string' && label !== '')).toBe(true)
    }
    expect([schemaDocument(graduationType).hash, displayDocument(graduationType).hash]).toMatchInlineSnapshot(`
      [
        "JenVbkDukCq01xgJHpRmIvO3jTQFA1iEHJBeesb12zA",
        "v13aspzuTtiM6vKelatpL63LIipMjnV0QSOnIVOAvmY",
      ]
    `)
  })
})
