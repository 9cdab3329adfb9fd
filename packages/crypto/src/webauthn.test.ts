import { readFileSync } from 'node:fs'
import {
  canonicalize,
  concatBytes,
  expectOk,
  fromBase64url,
  isRefusal,
  type Json,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import { p256 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { sha256 } from './hash.ts'
import { p256Jwk } from './jwk.ts'
import { createVerifier } from './node/verify.ts'
import { jwkFromSpki } from './spki.ts'
import { webauthnChallenge, webauthnSignaturePart, webauthnSignedBytes } from './webauthn.ts'

const { verify } = createVerifier()
const bytesOf = (text: string) => fromBase64url(text) as Uint8Array

describe('assertions that a browser made', () => {
  interface PasskeyVectors {
    spki: string
    rpId: string
    origin: string
    assertions: { signingInput: string; authenticatorData: string; clientDataJSON: string; signatureDer: string }[]
  }
  const path = new URL('../../../vectors/crypto/passkey-assertions.json', import.meta.url)
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as PasskeyVectors
  const jwk = expectOk(jwkFromSpki(bytesOf(vectors.spki)))
  const relyingParty = { rpId: vectors.rpId, origins: ['https://other.example', vectors.origin] }

  test.each(vectors.assertions)('over $signingInput verify', (assertion) => {
    const part = webauthnSignaturePart({
      authenticatorData: bytesOf(assertion.authenticatorData),
      clientDataJSON: bytesOf(assertion.clientDataJSON),
      signatureDer: bytesOf(assertion.signatureDer),
    })
    const check = {
      sha256,
      relyingParty,
      signingInput: toUtf8(assertion.signingInput),
      signaturePart: expectOk(part),
    }
    const { signedBytes, signature } = expectOk(webauthnSignedBytes(check))
    expect(verify(jwk, signedBytes, signature)).toBe(true)
    const elsewhere = { ...check, relyingParty: { ...relyingParty, rpId: 'id.city.example' } }
    expect(webauthnSignedBytes(elsewhere)).toEqual({ refused: 'webauthn_rp_wrong' })
    const otherBytes = { ...check, signingInput: toUtf8(`${assertion.signingInput}A`) }
    expect(webauthnSignedBytes(otherBytes)).toEqual({ refused: 'webauthn_challenge_wrong' })
  })
})

describe('an authenticator of our own making', () => {
  const secret = p256.utils.randomSecretKey()
  const jwk = expectOk(p256Jwk(p256.getPublicKey(secret, false)))
  const relyingParty = { rpId: 'id.city.example', origins: ['https://portal.city.example'] }
  const signingInput = toUtf8('header.payload')
  const challenge = toBase64url(webauthnChallenge(sha256, signingInput))
  const clientData = {
    type: 'webauthn.get',
    challenge,
    origin: 'https://portal.city.example',
    crossOrigin: false as Json,
  }
  const dataOf = (flagBits: number, rest: readonly number[] = [], rpId = relyingParty.rpId) =>
    concatBytes(sha256(toUtf8(rpId)), Uint8Array.of(flagBits, 0, 0, 0, 9, ...rest))
  const clientText = (change: object) => JSON.stringify({ ...clientData, ...change })

  function assert(text = clientText({}), data = dataOf(0x05)): Uint8Array {
    const clientDataJSON = toUtf8(text)
    const signatureDer = p256.sign(concatBytes(data, sha256(clientDataJSON)), secret, { format: 'der' })
    return expectOk(webauthnSignaturePart({ authenticatorData: data, clientDataJSON, signatureDer }))
  }

  const outcome = (signaturePart: Uint8Array) => {
    const signed = webauthnSignedBytes({ sha256, relyingParty, signingInput, signaturePart })
    return isRefusal(signed) ? signed.refused : verify(jwk, signed.signedBytes, signed.signature)
  }

  test.each<[string, Uint8Array]>([
    ['plainly', assert()],
    ['backed up, with a counter', assert(clientText({}), dataOf(0x1d))],
    ['with extension data', assert(clientText({}), dataOf(0x85, [0xa0]))],
    ['without the cross-origin member', assert(clientText({ crossOrigin: undefined }))],
    ['with members that browsers add', assert(clientText({ other_keys_can_be_added_here: 'x' }))],
    ['with white space', assert(JSON.stringify(clientData, undefined, 2))],
  ])('verifies %s', (_case, part) => {
    expect(outcome(part)).toBe(true)
  })

  const members = JSON.parse(new TextDecoder().decode(assert())) as Record<string, string>
  const part = (change: object) => toUtf8(canonicalize({ ...members, ...change }))

  test.each<[string, Uint8Array, string]>([
    ['no JSON', toUtf8('x'), 'webauthn_malformed'],
    ['64 bytes as other kinds have', new Uint8Array(64), 'webauthn_malformed'],
    ['a list', toUtf8('[]'), 'webauthn_malformed'],
    ['a refusal', toUtf8('{"refused":"x"}'), 'webauthn_malformed'],
    ['white space', toUtf8(JSON.stringify(members, undefined, 1)), 'webauthn_malformed'],
    ['a member too many', part({ userHandle: 'AAAA' }), 'webauthn_malformed'],
    ['a member missing', part({ signature: undefined }), 'webauthn_malformed'],
    ['padding', part({ signature: `${members.signature}==` }), 'webauthn_malformed'],
    ['a number for a member', part({ signature: 1 }), 'webauthn_malformed'],
    ['data cut short', part({ authenticatorData: toBase64url(dataOf(0x05).slice(0, 36)) }), 'webauthn_malformed'],
    ['data with an unannounced end', assert(clientText({}), dataOf(0x05, [0xa0])), 'webauthn_malformed'],
    ['announced extensions missing', assert(clientText({}), dataOf(0x85)), 'webauthn_malformed'],
    ['an attested key', assert(clientText({}), dataOf(0x45, [1, 2, 3])), 'webauthn_malformed'],
    ['client data of 5 KiB', assert(clientText({ pad: 'x'.repeat(5000) })), 'webauthn_malformed'],
    ['client data that are no JSON', assert('{'), 'webauthn_client_data_malformed'],
    ['client data with a byte order mark', assert(`\ufeff${clientText({})}`), 'webauthn_client_data_malformed'],
    ['a challenge twice', assert(clientText({}).replace('{', `{"challenge":"x",`)), 'webauthn_client_data_malformed'],
    ['a registration', assert(clientText({ type: 'webauthn.create' })), 'webauthn_type_not_allowed'],
    ['no type', assert(clientText({ type: undefined })), 'webauthn_type_not_allowed'],
    [
      'another challenge',
      assert(clientText({ challenge: toBase64url(new Uint8Array(32)) })),
      'webauthn_challenge_wrong',
    ],
    ['a padded challenge', assert(clientText({ challenge: `${challenge}=` })), 'webauthn_challenge_wrong'],
    [
      'another origin',
      assert(clientText({ origin: 'https://portal.city.example.evil' })),
      'webauthn_origin_not_allowed',
    ],
    ['the origin with a slash', assert(clientText({ origin: `${clientData.origin}/` })), 'webauthn_origin_not_allowed'],
    ['no origin', assert(clientText({ origin: undefined })), 'webauthn_origin_not_allowed'],
    ['a frame within another site', assert(clientText({ crossOrigin: true })), 'webauthn_cross_origin'],
    ['crossOrigin as a text', assert(clientText({ crossOrigin: 'false' })), 'webauthn_cross_origin'],
    ['a top origin', assert(clientText({ topOrigin: 'https://evil.example' })), 'webauthn_cross_origin'],
    ['another relying party', assert(clientText({}), dataOf(0x05, [], 'city.example')), 'webauthn_rp_wrong'],
    ['nobody present', assert(clientText({}), dataOf(0x04)), 'webauthn_user_not_present'],
    ['nobody verified', assert(clientText({}), dataOf(0x01)), 'webauthn_user_not_verified'],
  ])('with %s is refused', (_case, signaturePart, code) => {
    expect(outcome(signaturePart)).toBe(code)
  })

  test('a signature by another key, or over other data, does not verify', () => {
    const other = p256.sign(toUtf8('x'), p256.utils.randomSecretKey())
    expect(outcome(part({ signature: toBase64url(other) }))).toBe(false)
    expect(outcome(part({ authenticatorData: toBase64url(dataOf(0x1d)) }))).toBe(false)
    const high = bytesOf(members.signature as string)
    high.set(p256.Point.Fn.toBytes(p256.Point.Fn.neg(p256.Point.Fn.fromBytes(high.slice(32)))), 32)
    expect(outcome(part({ signature: toBase64url(high) }))).toBe(false)
  })

  test('a signature that is not DER cannot be made into a part', () => {
    const made = { authenticatorData: dataOf(0x05), clientDataJSON: toUtf8('{}'), signatureDer: new Uint8Array(64) }
    expect(webauthnSignaturePart(made)).toEqual({ refused: 'webauthn_malformed' })
  })
})
