/**
 * Digital Bazaar's libraries read the W3C credentials that we export: a holder derives from them, a verifier judges what was
 * derived, and rdf-canonize names blank nodes as we do. They fetch nothing.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { signPortably } from '@chengxin/crypto'
import { expectOk, type JsonObject } from '@chengxin/kernel'
import { credentialOf, mandatoryPointers, signCredential } from '@chengxin/services/vcdm'
import { actor, startMs, statusUri } from '@chengxin/testkit/certificate-city'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalLabels, lineOf } from '../../../packages/services/src/export/vcdm/canonical-labels.ts'
import type { Quad } from '../../../packages/services/src/export/vcdm/quads.ts'
import { type PeerProgram, startPeer } from '../peer-program.ts'
import { requirePeer } from '../require-peer.ts'

const isThere = requirePeer(
  'Digital Bazaar’s reader of W3C credentials',
  () => existsSync(join(import.meta.dirname, 'node_modules/@digitalbazaar/vc')),
  'npm ci --prefix tests/peers/vcdm',
)

const issuer = actor('issuer', 'ES256')
const holder = actor('holder', 'ES256')
const claims = {
  name: '陳大文',
  degree: 'Bachelor of “Science” \\ "Honours"',
  year: 2026,
  honours: true,
  languages: ['zh', 'pt', 'en'],
  address: { city: 'Macau', street: 'Rua do Campo\n5', flat: { floor: 3, door: 'B' } },
}

/** Documents that a verifier would fetch: the issuer's DID document and its key. */
function documentsOf() {
  const compressed = [2 + ((Buffer.from((issuer.jwk as { y: string }).y, 'base64url').at(-1) as number) & 1)]
  const point = Buffer.from([0x80, 0x24, ...compressed, ...Buffer.from(issuer.jwk.x, 'base64url')])
  const context = 'https://w3id.org/security/multikey/v1'
  const key = { '@context': context, id: issuer.kid, type: 'Multikey', controller: issuer.did }
  const multikey = { ...key, publicKeyMultibase: `z${base58(point)}` }
  const contexts = ['https://www.w3.org/ns/did/v1', context]
  const document = {
    '@context': contexts,
    id: issuer.did,
    verificationMethod: [multikey],
    assertionMethod: [issuer.kid],
  }
  return { [issuer.kid]: multikey, [issuer.did]: document }
}

function base58(bytes: Uint8Array): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text
  return text
}

describe.skipIf(!isThere)('Digital Bazaar', () => {
  let reader: PeerProgram
  const documents = documentsOf()
  beforeAll(() => {
    reader = startPeer(join(import.meta.dirname, 'reader.mjs'))
  })
  afterAll(() => reader?.stop())

  async function exported(change: JsonObject = {}): Promise<JsonObject> {
    const certificate = {
      vct: 'urn:chengxin:type:group:type_degree',
      claims: { ...claims, ...change },
      holderKey: holder.jwk,
      status: { uri: statusUri, index: 7 },
      issuedAtMs: startMs,
      expiresAtMs: startMs + 86_400_000,
    }
    const credential = credentialOf({ certificate, issuer: issuer.did, issuerName: 'Example University' })
    const signer = {
      verificationMethod: issuer.kid,
      sign: async (bytes: Uint8Array) => signPortably(issuer.privateJwk, bytes),
    }
    const options = { nowMs: startMs, mandatory: mandatoryPointers(credential) }
    return expectOk<JsonObject>(await signCredential(credential, signer, options))
  }

  const derive = async (credential: JsonObject, pointers: readonly string[]) =>
    (await reader.ask('derive', { credential, pointers, documents }))['credential'] as JsonObject
  const verify = (credential: JsonObject) => reader.ask('verify', { credential, documents, now: startMs + 1000 })

  test('everything can be shown, or one field with what is mandatory, and verifies', async () => {
    const credential = await exported()
    const all = await derive(credential, ['/credentialSubject'])
    expect(all['credentialSubject']).toMatchObject(claims)
    expect(await verify(all)).toEqual({ verified: true, errors: [] })

    const one = await derive(credential, ['/credentialSubject/address/flat/floor'])
    expect(await verify(one)).toEqual({ verified: true, errors: [] })
    const { id, ...shown } = one['credentialSubject'] as JsonObject
    expect(id).toMatch(/^did:jwk:/)
    expect(shown).toEqual({ address: { flat: { floor: 3 } } })
    expect(JSON.stringify(one)).not.toContain('陳大文')
    expect(one).toMatchObject({ issuer: { id: issuer.did, name: 'Example University' } })
    expect(one).toMatchObject({ credentialStatus: { statusListIndex: 7, statusListUri: statusUri } })
  })

  test.each<[string, (shown: JsonObject) => JsonObject]>([
    [
      'a field',
      (shown) => ({ ...shown, credentialSubject: { ...(shown['credentialSubject'] as object), year: 2027 } }),
    ],
    [
      'another field',
      (shown) => ({ ...shown, credentialSubject: { ...(shown['credentialSubject'] as object), gpa: 4 } }),
    ],
    [
      'the holder',
      (shown) => ({ ...shown, credentialSubject: { ...(shown['credentialSubject'] as object), id: 'did:x:y' } }),
    ],
    ['the end', (shown) => ({ ...shown, validUntil: '2099-01-01T00:00:00Z' })],
    ['the status', ({ credentialStatus: _, ...shown }) => shown],
  ])('a changed presentation does not verify: %s', async (_case, change) => {
    const shown = await derive(await exported(), ['/credentialSubject/year'])
    expect(await verify(shown)).toMatchObject({ verified: true })
    expect(await verify(change(shown))).toMatchObject({ verified: false })
  })

  test('parts that look alike are told apart', async () => {
    const marks = [{ subject: { code: 'A' } }, { subject: { code: 'B' } }, { subject: { code: 'C', of: { x: 1 } } }]
    const credential = await exported({ marks })
    const shown = await derive(credential, ['/credentialSubject/marks'])
    expect(await verify(shown)).toEqual({ verified: true, errors: [] })
  })

  test('rdf-canonize gives the same names to blank nodes of any small graph', async () => {
    const node = fc.integer({ min: 0, max: 4 }).map((index) => `_:n${index}`)
    const object = fc.oneof(node, fc.constantFrom('"x"', '"y"'))
    const quad = fc.record({
      subject: node,
      predicate: fc.constantFrom('<urn:p>', '<urn:q>'),
      object,
      pointer: fc.constant(''),
    })
    const graph = fc.uniqueArray(quad, { minLength: 1, maxLength: 8, selector: lineOf })
    await fc.assert(
      fc.asyncProperty(graph, async (quads: readonly Quad[]) => {
        const labels = canonicalLabels(quads)
        if (!labels) return
        const named = (term: string) => labels.get(term) ?? term
        const lines = quads.map((each) => lineOf({ ...each, subject: named(each.subject), object: named(each.object) }))
        const theirs = await reader.ask('canonize', { nquads: quads.map(lineOf).join('') })
        expect([...new Set(lines)].sort().join('')).toBe(theirs['nquads'])
      }),
      { numRuns: 400 },
    )
  })
})
