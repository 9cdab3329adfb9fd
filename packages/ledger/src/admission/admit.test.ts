/** Admission as a table: each refusal with its code, in the order in which they are checked. */
import { jwsSigningInput, transactionHeaderText } from '@chengxin/crypto'
import { createVerifier } from '@chengxin/crypto/node'
import { canonicalize, isRefusal, limits, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { describe, expect, test } from 'vitest'
import {
  ann,
  bo,
  eve,
  makePerson,
  nextNonce,
  type Person,
  payIn,
  payloadOf,
  signActions,
  signText,
  startMs,
  stranger,
  tillGroup,
  tillIndex,
} from '../testing/till-group.ts'
import { type AdmissionView, admit } from './admit.ts'
import { keyNameOf, nonceKeyOf } from './admitted.ts'

const { verify } = createVerifier()
const keys = new Map([ann, bo].map(({ did, jwk }) => [did, jwk]))
const reused = { nonce: 'a-nonce-that-was-used', id: 'A'.repeat(43) }

const view: AdmissionView = {
  group: tillGroup,
  nowMs: startMs,
  rules: tillIndex,
  verify,
  activeKey: (did, keyId) => {
    if (did === eve.did) return refuse('identity_deactivated')
    const key = keys.get(did)
    if (key === undefined || keyId === 'key-9') return refuse('key_unknown')
    return keyId === 'key-1' ? { key } : refuse('key_retired')
  },
  usedBy: (nonceKey) => (nonceKey === nonceKeyOf(ann.did, reused.nonce) ? (reused.id as never) : undefined),
}

/** `ok`, or the code and, after a space, the place. */
function verdictOf(jws: string): string {
  const verdict = admit(jws, view)
  if (isRefusal(verdict)) return 'at' in verdict ? `${verdict.refused} ${verdict.at}` : verdict.refused
  return 'known' in verdict ? 'known' : 'ok'
}

const plain = () => canonicalize(payloadOf([payIn(1n)]))
const header = (change: Record<string, unknown> = {}) =>
  canonicalize({ alg: 'EdDSA', kid: `${ann.did}#key-1`, typ: 'chengxin-tx+jws', ...change })
const withPayload = (text: string) => signText(ann, text)
const withHeader = (change: Record<string, unknown>) => signText(ann, plain(), header(change))
const withMembers = (change: Record<string, unknown>) =>
  withPayload(canonicalize({ ...payloadOf([payIn(1n)]), ...change }))
const withActions = (...actions: unknown[]) => withMembers({ actions })
const parts = (jws: string) => jws.split('.') as [string, string, string]

const filled = (filling: number) =>
  withActions({ type: 'till.payIn', args: { amount: '1', filling: 'x'.repeat(filling) } })

/** How much filling the longest transaction has that still fits; base64url skips one length in four. */
const fitting = (() => {
  let filling = Math.floor((limits.transactionBytes * 3) / 4) - 600
  while (filled(filling + 1).length <= limits.transactionBytes) filling++
  return filling
})()

function highS(person: Person): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [head, body, signature] = parts(signActions(person, [payIn(1n)]))
  const bytes = Buffer.from(signature, 'base64url')
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex')
  return [head, body, bytes.toString('base64url')].join('.')
}

/** The same two numbers in the ASN.1 form that most libraries give. */
function der(person: Person): string {
  const [head, body, signature] = parts(signActions(person, [payIn(1n)]))
  const bytes = Buffer.from(signature, 'base64url')
  const integer = (value: Buffer) => {
    const padded = (value[0] as number) > 127 ? Buffer.concat([Buffer.of(0), value]) : value
    return Buffer.concat([Buffer.of(2, padded.length), padded])
  }
  const both = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))])
  return [head, body, Buffer.concat([Buffer.of(0x30, both.length), both]).toString('base64url')].join('.')
}

/** Signed by HMAC with the public key as the secret, as the classic confusion has it. */
function asHmac(): string {
  const input = jwsSigningInput(header({ alg: 'HS256' }), toUtf8(plain()))
  return `${input}.${toBase64url(new Uint8Array(32))}`
}

test.each<[string, string, string]>([
  ['the shortest that is too long', filled(fitting + 1), 'envelope_too_large'],
  ['nothing', '', 'envelope_malformed'],
  ['two parts', 'e30.e30', 'envelope_malformed'],
  ['four parts', `${signActions(ann, [payIn(1n)])}.AA`, 'envelope_malformed'],
  ['padding', `${signActions(ann, [payIn(1n)])}==`, 'envelope_malformed'],
  ['a line break', `${signActions(ann, [payIn(1n)])}\n`, 'envelope_malformed'],
  ['a signature whose last character has stray bits', straySignature(), 'envelope_malformed'],
  ['a payload that is not UTF-8', notUtf8(), 'envelope_malformed'],
  ['JSON serialisation instead of compact', JSON.stringify({ payload: 'e30', signature: 'AA' }), 'envelope_malformed'],
  ['a header with white space', signText(ann, plain(), ` ${header()}`), 'header_malformed'],
  ['a header with a key in it', withHeader({ jwk: ann.jwk }), 'header_malformed'],
  ['a header that asks for criticality', withHeader({ crit: ['b64'], b64: false }), 'header_malformed'],
  [
    'a header without kid',
    signText(ann, plain(), canonicalize({ alg: 'EdDSA', typ: 'chengxin-tx+jws' })),
    'header_malformed',
  ],
  ['another typ', withHeader({ typ: 'JWT' }), 'type_not_allowed'],
  ['no algorithm', withHeader({ alg: 'none' }), 'algorithm_not_allowed'],
  ['HMAC with the public key', asHmac(), 'algorithm_not_allowed'],
  ['a kid that is no DID', withHeader({ kid: 'did:web:city.example#key-1' }), 'key_id_malformed'],
  ['a kid without a key', withHeader({ kid: ann.did }), 'key_id_malformed'],
  ['deep nesting', withPayload(`${'['.repeat(13)}${']'.repeat(13)}`), 'json_too_deep'],
  ['no JSON', withPayload('{"v":1'), 'json_malformed'],
  ['a float', withMembers({ notAfter: 1.5 }), 'json_number_not_allowed'],
  ['minus zero', withPayload(plain().replace('"v":1', '"v":-0')), 'json_number_not_allowed'],
  ['2^53', withPayload(plain().replace('"v":1', '"v":9007199254740992')), 'json_number_not_allowed'],
  ['white space', withPayload(` ${plain()}`), 'json_not_canonical'],
  ['other order', withPayload(plain().replace(/^\{("actions":\[.*\]),(.*)\}$/, '{$2,$1}')), 'json_not_canonical'],
  ['a duplicate name', withPayload(plain().replace('"v":1', '"v":1,"v":1')), 'json_not_canonical'],
  ['a lone surrogate', withPayload(plain().replace('"nonce":"', '"nonce":"\\ud800')), 'json_not_canonical'],
  ['another version', withMembers({ v: 2 }), 'payload_malformed /v'],
  ['a member too many', withMembers({ memo: 'hello' }), 'payload_malformed /memo'],
  ['no nonce', withPayload(canonicalize({ ...payloadOf([payIn(1n)]), nonce: undefined })), 'payload_malformed /nonce'],
  ['a short nonce', withMembers({ nonce: 'short' }), 'payload_malformed /nonce'],
  ['no actions', withActions(), 'payload_malformed /actions'],
  ['65 actions', withActions(...Array(65).fill(payIn(1n))), 'payload_malformed /actions'],
  ['an action with a member too many', withActions({ ...payIn(1n), memo: 'x' }), 'payload_malformed /actions/0/memo'],
  ['another group', withMembers({ group: 'A'.repeat(43) }), 'wrong_group'],
  ['at its end', withMembers({ notAfter: startMs }), 'expired'],
  ['past its end', withMembers({ notAfter: startMs - 1 }), 'expired'],
  ['far ahead', withMembers({ notAfter: startMs + limits.notAfterAheadMs + 1 }), 'not_after_too_far'],
  ['a stranger', signActions(stranger, [payIn(1n)]), 'key_unknown'],
  ['a key that the DID does not have', withHeader({ kid: `${ann.did}#key-9` }), 'key_unknown'],
  ['a retired key', withHeader({ kid: `${ann.did}#key-2` }), 'key_retired'],
  ['a deactivated identity', signActions(eve, [payIn(1n)]), 'identity_deactivated'],
  ['a key of somebody else', signText(makePerson('mallory'), plain(), header()), 'signature_invalid'],
  ['the algorithm of another kind of key', withHeader({ alg: 'ES256' }), 'signature_invalid'],
  ['a passkey header for a plain key', withHeader({ alg: 'WebAuthn-ES256' }), 'signature_invalid'],
  ['a signature over another payload', otherPayload(), 'signature_invalid'],
  [
    'no signature',
    `${parts(signActions(ann, [payIn(1n)]))
      .slice(0, 2)
      .join('.')}.`,
    'signature_invalid',
  ],
  ['a high s', highS(bo), 'signature_invalid'],
  ['a signature in DER', der(bo), 'signature_invalid'],
  ['a nonce used for something else', withMembers({ nonce: reused.nonce }), 'nonce_reused'],
  ['a verb of nobody', withActions({ type: 'till.rob', args: {} }), 'unknown_action /actions/0/type'],
  ['a verb behind the internal door', withActions(payIn(1n), internal()), 'unknown_action /actions/1/type'],
  ['a verb of an object’s prototype', withActions({ type: 'constructor', args: {} }), 'unknown_action /actions/0/type'],
  [
    'an argument too many',
    withActions({ type: 'till.empty', args: { now: true } }),
    'args_malformed /actions/0/args/now',
  ],
  [
    'an argument of another kind',
    withActions({ type: 'till.payIn', args: { amount: 1 } }),
    'args_malformed /actions/0/args/amount',
  ],
  ['an amount beyond 2^63−1', withActions(payIn(2n ** 63n)), 'args_malformed /actions/0/args/amount'],
  ['the longest that fits, with an argument too many', filled(fitting), 'args_malformed /actions/0/args/filling'],
  ['Ed25519', signActions(ann, [payIn(1n)]), 'ok'],
  ['ES256 with a low s', signActions(bo, [payIn(1n)]), 'ok'],
  ['at the far end of the window', withMembers({ notAfter: startMs + limits.notAfterAheadMs }), 'ok'],
  ['64 actions', withActions(...Array(64).fill(payIn(1n))), 'ok'],
])('%s: %#', (_name, jws, verdict) => expect(verdictOf(jws)).toBe(verdict))

function straySignature(): string {
  const jws = signActions(ann, [payIn(1n)])
  const last = jws.at(-1) as string
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return jws.slice(0, -1) + alphabet[alphabet.indexOf(last) ^ 1]
}

function notUtf8(): string {
  const input = `${toBase64url(toUtf8(header()))}.${toBase64url(Uint8Array.of(0x22, 0xff, 0x22))}`
  return `${input}.${toBase64url(ann.sign(toUtf8(input)))}`
}

function otherPayload(): string {
  const [head, , signature] = parts(signActions(ann, [payIn(1n)]))
  return [head, parts(signActions(ann, [payIn(2n)]))[1], signature].join('.')
}

function internal() {
  return { type: 'till.take', args: { from: bo.did, amount: '1' } }
}

describe('what is wrong in several ways gets the first code of the list', () => {
  const wrongs: [string, (payload: Record<string, unknown>) => Record<string, unknown>, string][] = [
    ['payload', (payload) => ({ ...payload, memo: 1 }), 'payload_malformed'],
    ['group', (payload) => ({ ...payload, group: 'A'.repeat(43) }), 'wrong_group'],
    ['time', (payload) => ({ ...payload, notAfter: startMs - 5 }), 'expired'],
    ['nonce', (payload) => ({ ...payload, nonce: reused.nonce }), 'nonce_reused'],
    ['action', (payload) => ({ ...payload, actions: [{ type: 'till.rob', args: {} }] }), 'unknown_action'],
  ]
  for (const [index, [first, , code]] of wrongs.entries()) {
    test(`${first} before all that follow`, () => {
      let payload: Record<string, unknown> = payloadOf([payIn(1n)])
      for (const [, change] of wrongs.slice(index)) payload = change(payload)
      expect(verdictOf(withPayload(canonicalize(payload))).split(' ')[0]).toBe(code)
      if (index > 2) return
      const forged = signText(makePerson('mallory'), canonicalize(payload), header())
      expect(verdictOf(forged).split(' ')[0]).toBe(code)
    })
  }
})

test('the limit of size is met within a character or two', () => {
  expect(limits.transactionBytes - filled(fitting).length).toBeLessThan(2)
  expect(filled(fitting + 1).length - limits.transactionBytes).toBeLessThan(3)
})

test('the same transaction again is known, however its signature is made', () => {
  const nonce = nextNonce()
  const jws = signActions(bo, [payIn(3n)], { nonce })
  const first = admit(jws, view)
  if (isRefusal(first) || 'known' in first) throw new Error('It should be admitted.')
  expect(first).toMatchObject({
    signer: bo.did,
    keyId: 'key-1',
    nonceKey: nonceKeyOf(bo.did, nonce),
    keyName: keyNameOf({ key: bo.jwk }),
  })
  const used: AdmissionView = { ...view, usedBy: () => first.id }
  const again = `${parts(jws).slice(0, 2).join('.')}.${toBase64url(bo.sign(toUtf8(parts(jws).slice(0, 2).join('.'))))}`
  expect(again).not.toBe(jws)
  expect(admit(again, used)).toEqual({ known: first.id })
})

test('a header that has been seen before is judged like a new one', () => {
  const text = transactionHeaderText('EdDSA', ann.did, 'key-1')
  expect(verdictOf(signText(ann, plain(), text))).toBe('ok')
  expect(verdictOf(signText(ann, `"${'é'.repeat(20)}"`, text))).toBe('payload_malformed ')
  expect(verdictOf(signText(ann, '"\u007f\ud83d\ude00"', text))).toBe('payload_malformed ')
  expect(verdictOf(signText(makePerson('mallory'), plain(), text))).toBe('signature_invalid')
})
