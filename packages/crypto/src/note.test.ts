import { expectOk, isRefusal, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'
import { sha256 } from './hash.ts'
import type { Ed25519PublicJwk } from './jwk.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import {
  createNoteKey,
  encodeVkey,
  formatNote,
  isNoteKeyName,
  type NoteSigner,
  noteSignatureTypes,
  parseNote,
  parseVkey,
  signNoteText,
  verifyNote,
} from './note.ts'

const { verify } = createVerifier()

function newSigner(name: string): NoteSigner {
  const signer = createSigner(generatePrivateJwk('EdDSA'))
  const key = createNoteKey(sha256, name, noteSignatureTypes.ed25519, signer.jwk as Ed25519PublicJwk)
  return { key, sign: signer.sign }
}

describe('notes that others signed', () => {
  test.each([
    [
      'the example of the specification',
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
      'This is an example message.\n',
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
    ],
    [
      'the example of Go’s package',
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
    ],
  ])('%s verifies, and reads and writes the same', (_case, vkey, text, line) => {
    const key = expectOk(parseVkey(sha256, vkey))
    expect(encodeVkey(key)).toBe(vkey)
    const note = expectOk(parseNote(`${text}\n${line}`))
    expect(note.text).toBe(text)
    expect(formatNote(note)).toBe(`${text}\n${line}`)
    expect(verifyNote(note, [key], verify)).toEqual([key])
    expect(verifyNote({ ...note, text: `${text} \n` }, [key], verify)).toEqual({ refused: 'note_signature_invalid' })
  })
})

const go = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const withMaterial = (bytes: Uint8Array) => `PeterNeumann+c74f20a3+${toBase64(bytes)}`

test.each<[string, string, string]>([
  ['no parts', 'PeterNeumann', 'vkey_malformed'],
  ['no name', go.slice('PeterNeumann'.length), 'vkey_malformed'],
  ['a blank in the name', go.replace('rN', 'r N'), 'vkey_malformed'],
  ['capitals in the id', go.replace('c74f20a3', 'C74F20A3'), 'vkey_malformed'],
  ['a short id', go.replace('c74f20a3', '74f20a3'), 'vkey_malformed'],
  ['base64url', go.replace('/', '_'), 'vkey_malformed'],
  ['another id', go.replace('c74f20a3', 'c74f20a4'), 'vkey_id_wrong'],
  ['another name', go.replace('Peter', 'Petra'), 'vkey_id_wrong'],
  ['no key', withMaterial(new Uint8Array(0)), 'vkey_type_unknown'],
  ['an ECDSA key', withMaterial(Uint8Array.of(2, ...new Uint8Array(91))), 'vkey_type_unknown'],
  ['a key too short', withMaterial(Uint8Array.of(1, ...new Uint8Array(31))), 'vkey_malformed'],
  ['a key of small order', withMaterial(Uint8Array.of(1, ...new Uint8Array(32))), 'key_point_of_small_order'],
])('a vkey with %s is refused', (_case, vkey, code) => {
  expect(parseVkey(sha256, vkey)).toEqual({ refused: code })
})

test('the type is part of a key’s id', () => {
  const { jwk } = newSigner('a').key
  const [log, cosigner] = [1, 4].map((type) => createNoteKey(sha256, 'a', type as 1 | 4, jwk))
  expect(log?.id).not.toBe(cosigner?.id)
})

describe('signing', () => {
  const [ann, bo, eve] = [newSigner('ann.example'), newSigner('bo.example/log'), newSigner('ann.example')]
  const text = 'first line\n\nafter an empty line: 城信\n'
  const sign = (...signers: NoteSigner[]) =>
    formatNote({ text, signatures: signers.map((signer) => signNoteText(text, signer)) })

  test('several keys sign one note, and each is found', () => {
    const note = expectOk(parseNote(sign(ann, bo)))
    expect(note.text).toBe(text)
    expect(verifyNote(note, [bo.key, ann.key], verify)).toEqual([bo.key, ann.key])
    expect(verifyNote(note, [bo.key], verify)).toEqual([bo.key])
  })

  test('a line of an unknown key is ignored, also one of a known name', () => {
    const note = expectOk(parseNote(sign(eve, ann)))
    expect(verifyNote(note, [ann.key, bo.key], verify)).toEqual([ann.key])
    expect(verifyNote(note, [bo.key], verify)).toEqual([])
  })

  test('one wrong line of a known key spoils the note, even after a right one', () => {
    const right = signNoteText(text, ann)
    const wrong = { ...right, signature: eve.sign(toUtf8(text)) }
    for (const signatures of [[wrong], [right, wrong], [wrong, right]]) {
      const note = expectOk(parseNote(formatNote({ text, signatures })))
      expect(verifyNote(note, [ann.key], verify)).toEqual({ refused: 'note_signature_invalid' })
    }
  })
})

const line = '— a AAAAAAA='

test.each<[string, string]>([
  ['nothing', ''],
  ['no signature', 'text\n'],
  ['an empty list of signatures', 'text\n\n'],
  ['no empty line', `text\n${line}\n`],
  ['no last newline', `text\n\n${line}`],
  ['a hyphen for the dash', `text\n\n- a AAAAAAA=\n`],
  ['two blanks', `text\n\n— a  AAAAAAA=\n`],
  ['a blank at the end', `text\n\n${line} \n`],
  ['a plus in a name', `text\n\n— a+b AAAAAAA=\n`],
  ['a space of another script in a name', `text\n\n— a\u3000b AAAAAAA=\n`],
  ['no signature after the id', `text\n\n— a AAAAAA==\n`],
  ['base64 with stray bits', `text\n\n— a AAAAAAB=\n`],
  ['a carriage return', `text\r\n\n${line}\n`],
  ['a tab', `te\txt\n\n${line}\n`],
  ['a NUL', `text\0\n\n${line}\n`],
  ['a lone surrogate', `text\ud800\n\n${line}\n`],
  ['257 signatures', `text\n\n${`${line}\n`.repeat(257)}`],
])('a note with %s is malformed', (_case, note) => {
  expect(parseNote(note)).toEqual({ refused: 'note_malformed' })
})

test('as many as 256 signatures are read, more than the 16 that the specification asks for', () => {
  expect(isRefusal(parseNote(`text\n\n${`${line}\n`.repeat(256)}`))).toBe(false)
})

test('one note has one spelling', () => {
  const note = `text\n\n${line}\n— b.example AAAAAAAA\n`
  const alphabet = 'aAB+/=— \n\té'
  fc.assert(
    fc.property(fc.nat(note.length), fc.nat(2), fc.constantFrom(...alphabet, ''), (at, removed, added) => {
      const changed = note.slice(0, at) + added + note.slice(at + removed)
      const parsed = parseNote(changed)
      if (!isRefusal(parsed)) expect(formatNote(parsed)).toBe(changed)
    }),
    { numRuns: 1000 },
  )
})

test('names of keys', () => {
  expect(['a', 'city.example/group', '城信'].every(isNoteKeyName)).toBe(true)
  expect(['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\nb', 'a\0b'].some(isNoteKeyName)).toBe(false)
  expect(() => newSigner('a b')).toThrow()
})

test('base 64 is read in one spelling only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
    }),
  )
  for (const text of [
    'A',
    'AA',
    'AAA',
    'AA=',
    'AB==',
    'AAB=',
    'AAAA=',
    'AAAA====',
    'A===',
    '====',
    'AA-_',
    'AA==AAAA',
  ]) {
    expect(fromBase64(text)).toBeUndefined()
  }
})
