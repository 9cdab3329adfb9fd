import { X509Certificate } from 'node:crypto'
import { sampleActor } from '@chengxin/client'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { fromBase64url, type Hash } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { GenesisFault, parseGenesis } from '../genesis-file.ts'
import { sampleGenesis } from './genesis.ts'

const memberKeys = { log: generatePrivateJwk('EdDSA'), cosigner: generatePrivateJwk('EdDSA') }
const atMs = Date.UTC(2026, 0, 1)
const hash = `${'a'.repeat(42)}A` as Hash

function genesis(publicUrl: string) {
  const text = sampleGenesis({ publicUrl, atMs, ruleset: { version: '1.0.0', hash }, memberKeys })
  return parseGenesis(text, 'genesis.json')
}

test('every key has one owner and one duty, and certificates are of the city', () => {
  const { document } = genesis('http://localhost:8080')
  const keys = document.members.flatMap(({ logKey, cosignerKey }) => [logKey.x, cosignerKey.x])
  keys.push(...document.identities.map(({ key }) => key.x))
  expect(new Set(keys).size).toBe(keys.length)
  expect(document.members.at(-1)).toMatchObject({
    memberId: 'member_city_office',
    logKey: publicPart(memberKeys.log),
    cosignerKey: publicPart(memberKeys.cosigner),
  })
  const certificate = (text: string) => new X509Certificate(fromBase64url(text) as Uint8Array)
  const ca = certificate(document.ca)
  for (const member of document.members) expect(certificate(member.certificate).verify(ca.publicKey)).toBe(true)
  expect(document.committee.threshold).toBe(2)
  expect(document.identities.map(({ did }) => did)).toContain(sampleActor('registrar').did)
})

test.each([
  ['http://localhost:8080', 'localhost/groups/sample-city', 'localhost'],
  ['https://city.example', 'city.example/groups/sample-city', 'city.example'],
  ['https://city.example:8443', 'city.example:8443/groups/sample-city', 'city.example'],
])('%s is the origin %s', (publicUrl, origin, rpId) => {
  const { document } = genesis(publicUrl)
  expect(document.origin).toBe(origin)
  expect(document.webauthn).toEqual([{ rpId, origins: [publicUrl] }])
})

test('public keys found no other city', () => {
  const { text } = genesis('http://localhost:8080')
  expect(() => parseGenesis(text.replace('"chainId":"sample"', '"chainId":"macau"'), 'f')).toThrow(GenesisFault)
  expect(() => parseGenesis(text.replace('"v":1', '"v":2'), 'f')).toThrow('/v')
  expect(() => parseGenesis(`${text}\n`, 'f')).toThrow('json_not_canonical')
})
