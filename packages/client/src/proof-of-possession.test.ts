import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { verifySignature } from '@chengxin/crypto'
import { fromBase64url, fromUtf8, type GroupId, toUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { assertionBytes } from './passkey.ts'
import { identityStatement, memberKeyStatement, proveIdentityKey } from './proof-of-possession.ts'
import { sampleActor } from './sample-city.ts'
import type { Signer } from './signer.ts'
import { action } from './transaction-builder.ts'
import { identity, sentenceOf, signableVerbs } from './verbs.ts'

const group = `${'a'.repeat(42)}A` as GroupId

test.each(['registrar', 'university'] as const)('%s: the proof fits the verb and verifies', async (name) => {
  const { signer, did, jwk } = sampleActor(name)
  const proven = await proveIdentityKey(group, signer)
  const { args } = action(identity.create, { did, ...proven })
  expect(args).toEqual({ did, key: jwk, proof: proven.proof })
  const proof = fromBase64url(proven.proof) as Uint8Array
  expect(await verifySignature(jwk, toUtf8(`chengxin-identity-v1\n${group}\n${did}`), proof)).toBe(true)
  expect(await verifySignature(jwk, identityStatement(group, sampleActor('identity-bureau').did), proof)).toBe(false)
})

test("a passkey's proof is its assertion, taken apart", async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const { did } = sampleActor('resident-chan')
  const signer: Signer = {
    did,
    keyId: 'key-2',
    kid: `${did}#key-2`,
    alg: 'WebAuthn-ES256',
    jwk: { kty, crv, x, y } as Signer['jwk'],
    async sign(bytes) {
      const challenge = createHash('sha256').update(bytes).digest('base64url')
      const clientDataJSON = toUtf8(JSON.stringify({ type: 'webauthn.get', challenge, origin: 'https://city.example' }))
      const authenticatorData = new Uint8Array(37)
      const hash = createHash('sha256').update(clientDataJSON).digest()
      const signature = sign('sha256', Buffer.concat([authenticatorData, hash]), privateKey)
      const [data, client, signed] = [authenticatorData, clientDataJSON, signature].map((part) => Uint8Array.from(part))
      return assertionBytes({
        authenticatorData: data?.buffer as ArrayBuffer,
        clientDataJSON: client?.buffer as ArrayBuffer,
        signature: signed?.buffer as ArrayBuffer,
      })
    },
  }
  const proven = await proveIdentityKey(group, signer)
  action(identity.addKey, { keyId: 'key-2', ...proven })
  const { authenticatorData, clientDataJSON } = proven.webauthn as { authenticatorData: string; clientDataJSON: string }
  const client = fromBase64url(clientDataJSON) as Uint8Array
  const statement = createHash('sha256').update(identityStatement(group, did)).digest('base64url')
  expect(JSON.parse(fromUtf8(client) as string)).toMatchObject({ challenge: statement })
  const signedBytes = Buffer.concat([
    fromBase64url(authenticatorData) as Uint8Array,
    createHash('sha256').update(client).digest(),
  ])
  const key = createPublicKey({ key: { ...proven.key }, format: 'jwk' })
  const proof = fromBase64url(proven.proof) as Uint8Array
  expect(verify('sha256', signedBytes, { key, dsaEncoding: 'ieee-p1363' }, proof)).toBe(true)
})

test('a statement serves one purpose, group and subject', () => {
  const texts = [
    identityStatement(group, 'member_a'),
    memberKeyStatement(group, 'member_a', 'log'),
    memberKeyStatement(group, 'member_a', 'cosigner'),
    memberKeyStatement(group, 'member_b', 'log'),
  ].map(fromUtf8)
  expect(new Set(texts).size).toBe(texts.length)
})

test('every signable verb is known by its type; internal ones are not offered', () => {
  expect(signableVerbs.get('points.transfer')?.door).toBe('signed')
  expect(signableVerbs.has('accounts.transfer')).toBe(false)
  expect([...signableVerbs.keys()].every((type) => /^[a-z]+\.[a-zA-Z]+$/.test(type))).toBe(true)
  expect(sentenceOf('balance_too_low')).toBe('The account has less than this, holds included.')
  expect(sentenceOf('nonce_reused')).toContain('take a new one')
  expect(sentenceOf('toString')).toBeUndefined()
})
