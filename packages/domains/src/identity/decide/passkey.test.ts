import { createHash } from 'node:crypto'
import { createSigner } from '@chengxin/crypto/node'
import { ruleset } from '@chengxin/domains/ruleset'
import { concatBytes, toBase64url, toUtf8 } from '@chengxin/kernel'
import { actor, foundCity, registrar } from '@chengxin/testkit/rules-city'
import { outcomeOf } from '@chengxin/testkit/rules-runner'
import { expect, test } from 'vitest'

const passkey = actor('p256:passkey')
const city = foundCity(ruleset)
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const statement = toUtf8(`chengxin-identity-v1\n${city.group}\n${passkey.did}`)

interface Wish {
  readonly rpId?: string
  readonly flags?: number
  readonly client?: object
  readonly clientText?: string
  readonly signer?: typeof passkey
}

/** What a browser's passkey would answer, unless it is wished otherwise. */
function assertion({ rpId = 'city.test', flags = 0b101, client = {}, clientText, signer = passkey }: Wish = {}) {
  const challenge = toBase64url(sha256(statement))
  const claims = { type: 'webauthn.get', challenge, origin: 'https://city.test', crossOrigin: false, ...client }
  const clientData = toUtf8(clientText ?? JSON.stringify(claims))
  const data = concatBytes(sha256(toUtf8(rpId)), Uint8Array.of(flags, 0, 0, 0, 0))
  const signature = createSigner(signer.privateJwk).sign(concatBytes(data, sha256(clientData)))
  return {
    proof: toBase64url(signature),
    webauthn: { authenticatorData: toBase64url(data), clientDataJSON: toBase64url(clientData) },
  }
}

test.each<[string, Wish, string]>([
  ['for another relying party', { rpId: 'evil.test' }, 'passkey_proof_invalid'],
  ['without the user’s verification', { flags: 0b001 }, 'passkey_proof_invalid'],
  ['without the user’s presence', { flags: 0b100 }, 'passkey_proof_invalid'],
  ['made at registration', { client: { type: 'webauthn.create' } }, 'passkey_proof_invalid'],
  ['over something else', { client: { challenge: toBase64url(sha256(toUtf8('x'))) } }, 'passkey_proof_invalid'],
  ['at another origin', { client: { origin: 'https://evil.test' } }, 'passkey_proof_invalid'],
  ['inside a foreign frame', { client: { crossOrigin: true } }, 'passkey_proof_invalid'],
  ['whose client data are no object', { clientText: '[]' }, 'passkey_proof_invalid'],
  ['whose client data are no JSON', { clientText: '{' }, 'passkey_proof_invalid'],
  ['by another key', { signer: actor('p256:eve') }, 'passkey_proof_invalid'],
  ['as a browser makes it', {}, 'created'],
])('a passkey’s proof %s', (_case, wish, outcome) => {
  const args = { did: passkey.did, key: passkey.key, ...assertion(wish) }
  expect(outcomeOf(foundCity(ruleset).act(registrar.did, 'identity.create', args))).toBe(outcome)
})

test('a passkey’s proof must be a signature of 64 bytes', () => {
  const args = { did: passkey.did, key: passkey.key, ...assertion(), proof: 'AAAA' }
  expect(city.act(registrar.did, 'identity.create', args)).toBe('passkey_proof_invalid')
})

test('a passkey that was accepted signs for its relying party alone', () => {
  city.must(registrar.did, 'identity.create', { did: passkey.did, key: passkey.key, ...assertion() })
  expect(city.reads(ruleset.identity).activeKey(passkey.did, 'key-1', city.timeMs)).toEqual({
    key: passkey.key,
    webauthn: { rpId: 'city.test', origins: ['https://city.test'] },
  })
})
