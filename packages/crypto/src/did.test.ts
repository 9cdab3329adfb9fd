import { type Did, isDid, toHex, toUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { chainIdOf, deriveDid, didDocument, parseDidUrl } from './did.ts'
import { sha256 } from './hash.ts'
import type { PublicJwk } from './jwk.ts'

// RFC 8037 appendix A.2; its thumbprint begins with the bytes of kPrK_qmxVWaY…
const key: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const did = 'did:weid:city:0x90facafea9b1556698540f70c0117a22ea37bd5c' as Did

test('a DID is the beginning of its first key’s thumbprint, under the chain id', () => {
  expect(deriveDid(sha256, 'city', key)).toBe(did)
  const input = '{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'
  expect(did.slice(-40)).toBe(toHex(sha256(toUtf8(input))).slice(0, 40))
  expect(isDid(did)).toBe(true)
  expect(chainIdOf(did)).toBe('city')
  expect(deriveDid(sha256, 'town', key)).not.toBe(did)
})

test.each(['', 'City', 'city:a', 'a'.repeat(33), 'city\n'])('the chain id "%s" is a fault of the caller', (chainId) => {
  expect(() => deriveDid(sha256, chainId, key)).toThrow()
})

test('a DID URL names a key of a DID', () => {
  expect(parseDidUrl(`${did}#key-1`)).toEqual({ did, keyId: 'key-1' })
  expect(parseDidUrl(`${did}?versionId=1#key-1`)).toBeUndefined()
  expect(parseDidUrl(`${did}/path#key-1`)).toBeUndefined()
})

test('the document lists active keys under what they are for', () => {
  const controller = did.replace('city', 'bureau') as Did
  const document = didDocument({
    did,
    controllers: [controller],
    keys: [
      { keyId: 'key-1', jwk: key },
      { keyId: 'key-2', jwk: key, relationships: ['assertionMethod'] },
    ],
  })
  expect(document).toEqual({
    '@context': ['https://www.w3.org/ns/did/v1.1', 'https://w3id.org/security/jwk/v1'],
    id: did,
    controller: [controller],
    verificationMethod: [
      { id: `${did}#key-1`, type: 'JsonWebKey', controller: did, publicKeyJwk: key },
      { id: `${did}#key-2`, type: 'JsonWebKey', controller: did, publicKeyJwk: key },
    ],
    authentication: [`${did}#key-1`],
    assertionMethod: [`${did}#key-1`, `${did}#key-2`],
  })
  expect(Object.keys(didDocument({ did, keys: [] }))).toEqual(['@context', 'id'])
})
