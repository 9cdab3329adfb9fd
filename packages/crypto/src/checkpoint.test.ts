import { readFileSync } from 'node:fs'
import { expectOk, isRefusal, toUtf8 } from '@chengxin/kernel'
import { describe, expect, test } from 'vitest'
import {
  addSignatures,
  type CheckpointPolicy,
  checkpointBody,
  openCheckpoint,
  parseCheckpointBody,
  signCheckpoint,
} from './checkpoint.ts'
import { cosign, verifyCosignatures } from './cosignature.ts'
import { sha256 } from './hash.ts'
import type { Ed25519PublicJwk } from './jwk.ts'
import { createFrontier, createTreeHasher, readFrontier } from './merkle.ts'
import { inclusionProof } from './merkle-proof.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { createNoteKey, formatNote, type NoteSignatureType, type NoteSigner, parseNote, parseVkey } from './note.ts'
import { encodeTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts'

const { verify } = createVerifier()
const hasher = createTreeHasher(sha256)

interface PublicLogs {
  cosigned: { vkeys: { log: string; witness: string }; checkpoint: string }
  proof: { vkey: string; leaf: string; text: string }
}
const path = new URL('../../../vectors/crypto/public-logs.json', import.meta.url)
const publicLogs = JSON.parse(readFileSync(path, 'utf8')) as PublicLogs

function newSigner(name: string, type: NoteSignatureType): NoteSigner {
  const signer = createSigner(generatePrivateJwk('EdDSA'))
  return { key: createNoteKey(sha256, name, type, signer.jwk as Ed25519PublicJwk), sign: signer.sign }
}

describe('a checkpoint of a public log, cosigned by public witnesses', () => {
  const { vkeys, checkpoint } = publicLogs.cosigned
  const [logKey, witnessKey] = [vkeys.log, vkeys.witness].map((vkey) => expectOk(parseVkey(sha256, vkey)))
  if (!logKey || !witnessKey) throw new Error('two keys')
  const policy: CheckpointPolicy = {
    origin: logKey.name,
    logKeys: [logKey],
    logThreshold: 1,
    cosignerKeys: [witnessKey],
    cosignerThreshold: 1,
  }

  test('opens under their keys', () => {
    const opened = expectOk(openCheckpoint(checkpoint, policy, verify))
    expect(opened.checkpoint.size).toBe(1_432_088_532)
    expect(opened.logKeys).toEqual([logKey])
    expect(opened.cosignatures).toEqual([{ key: witnessKey, timeSeconds: 1_779_573_024 }])
  })

  test('does not open with another size, a changed time, or one cosigner more asked for', () => {
    const resized = checkpoint.replace('1432088532', '1432088533')
    expect(openCheckpoint(resized, policy, verify)).toEqual({ refused: 'note_signature_invalid' })
    const later = checkpoint.replace('2net5wAAAABqEiEg', '2net5wAAAABqEiEh')
    expect(openCheckpoint(later, policy, verify)).toEqual({ refused: 'note_signature_invalid' })
    const wanting = { ...policy, cosignerThreshold: 2 }
    expect(openCheckpoint(checkpoint, wanting, verify)).toEqual({ refused: 'cosignatures_too_few' })
  })
})

describe('a proof from the Go checksum database', () => {
  const { vkey, leaf, text } = publicLogs.proof
  const policy: CheckpointPolicy = {
    origin: 'go.sum database tree',
    logKeys: [expectOk(parseVkey(sha256, vkey))],
    logThreshold: 1,
    cosignerKeys: [],
    cosignerThreshold: 0,
  }

  test('proves its leaf, and reads and writes the same', () => {
    const proved = expectOk(verifyTlogProof(text, { hasher, policy, verify, leaf: toUtf8(leaf) }))
    expect([proved.index, proved.checkpoint.size]).toEqual([43_930_254, 58_253_265])
    expect(encodeTlogProof(expectOk(parseTlogProof(text)))).toBe(text)
  })

  test('proves no other leaf, and none if it is not told which', () => {
    const other = toUtf8(leaf.replace('v1.0.0', 'v1.0.1'))
    expect(verifyTlogProof(text, { hasher, policy, verify, leaf: other })).toEqual({ refused: 'inclusion_not_proved' })
    expect(verifyTlogProof(text, { hasher, policy, verify })).toEqual({ refused: 'proof_without_leaf' })
  })
})

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='

test('the body of the specification’s example reads and writes the same', () => {
  const body = `example.com/behind-the-sofa\n20852163\n${root}\n`
  const checkpoint = expectOk(parseCheckpointBody(body))
  expect([checkpoint.origin, checkpoint.size]).toEqual(['example.com/behind-the-sofa', 20_852_163])
  expect(checkpointBody(checkpoint)).toBe(body)
  const extended = `${body}a line of theirs\nanother\n`
  expect(checkpointBody(expectOk(parseCheckpointBody(extended)))).toBe(extended)
})

test.each<[string, string]>([
  ['nothing', ''],
  ['two lines', 'origin\n1\n'],
  ['no last newline', `origin\n1\n${root}`],
  ['an empty origin', `\n1\n${root}\n`],
  ['a leading zero', `origin\n01\n${root}\n`],
  ['a sign', `origin\n+1\n${root}\n`],
  ['a fraction', `origin\n1.0\n${root}\n`],
  ['no number', `origin\nten\n${root}\n`],
  ['a size beyond 2^53', `origin\n9007199254740992\n${root}\n`],
  ['a root of 31 bytes', `origin\n1\n${'A'.repeat(42)}==\n`],
  ['a root in base64url', `origin\n1\n${root.replace('/', '_')}\n`],
  ['an empty extension line', `origin\n1\n${root}\n\nextension\n`],
])('a body with %s is malformed', (_case, body) => {
  expect(parseCheckpointBody(body)).toEqual({ refused: 'checkpoint_malformed' })
})

describe('a group of three members', () => {
  const origin = 'city.example/groups/x'
  const logs = [1, 2, 3].map(() => newSigner(origin, 1))
  const cosigners = [1, 2, 3].map((member) => newSigner(`member${member}.example`, 4))
  const [log1, log2, log3] = logs as [NoteSigner, NoteSigner, NoteSigner]
  const [cosigner1, cosigner2] = cosigners as [NoteSigner, NoteSigner, NoteSigner]
  const policy: CheckpointPolicy = {
    origin,
    logKeys: logs.map(({ key }) => key),
    logThreshold: 2,
    cosignerKeys: cosigners.map(({ key }) => key),
    cosignerThreshold: 1,
  }

  const leaves = Array.from({ length: 11 }, (_, index) => toUtf8(`{"height":${index}}`))
  const nodes: Uint8Array[][] = []
  const frontier = createFrontier(hasher)
  for (const leaf of leaves) {
    frontier.append(hasher.leaf(leaf), (level, _index, hash) => {
      nodes[level] ??= []
      nodes[level].push(hash)
    })
  }
  const read = (level: number, index: number) => nodes[level]?.[index] as Uint8Array
  const checkpoint = { origin, size: 11, root: frontier.root(), extensions: [] }
  const body = checkpointBody(checkpoint)
  const signed = signCheckpoint(checkpoint, [log1, log2])
  const cosigned = expectOk(addSignatures(signed, [cosign(body, cosigner1, 1_700_000_000)]))

  test('opens what enough of them signed and cosigned', () => {
    const opened = expectOk(openCheckpoint(cosigned, policy, verify))
    expect(opened.checkpoint).toEqual(checkpoint)
    expect(opened.logKeys).toEqual([log1.key, log2.key])
    expect(opened.cosignatures).toEqual([{ key: cosigner1.key, timeSeconds: 1_700_000_000 }])
    expect(readFrontier(read, 11).size).toBe(opened.checkpoint.size)
  })

  test.each<[string, string, string]>([
    ['no note', body, 'note_malformed'],
    ['another text', formatNote({ text: 'hello\n', signatures: lines(signed) }), 'checkpoint_malformed'],
    ['another origin', signCheckpoint({ ...checkpoint, origin: 'other' }, [log1, log2]), 'checkpoint_of_other_log'],
    ['one log key', signCheckpoint(checkpoint, [log1]), 'log_signatures_too_few'],
    ['one log key twice', signCheckpoint(checkpoint, [log1, log1]), 'log_signatures_too_few'],
    ['no cosigner', signed, 'cosignatures_too_few'],
    ['a log key that signed another size', mixed(), 'note_signature_invalid'],
  ])('does not open %s', (_case, note, code) => {
    expect(openCheckpoint(note, policy, verify)).toEqual({ refused: code })
  })

  function lines(note: string) {
    return expectOk(parseNote(note)).signatures
  }

  function mixed(): string {
    const other = signCheckpoint({ ...checkpoint, size: 12 }, [log3])
    return formatNote({ text: body, signatures: [...lines(cosigned), ...lines(other)] })
  }

  test('counts one public key once, under whatever names the policy has it', () => {
    const alias = createNoteKey(sha256, `${origin}/alias`, 1, log1.key.jwk)
    const both = signCheckpoint(checkpoint, [log1, { key: alias, sign: log1.sign }])
    const twice = { ...policy, logKeys: [log1.key, alias], cosignerThreshold: 0 }
    expect(openCheckpoint(both, twice, verify)).toEqual({ refused: 'log_signatures_too_few' })
  })

  test('a policy that asks for no log key is a fault of the caller', () => {
    expect(() => openCheckpoint(cosigned, { ...policy, logThreshold: 0 }, verify)).toThrow()
  })

  test('signatures are added once, and foreign ones kept', () => {
    const twice = expectOk(addSignatures(cosigned, [cosign(body, cosigner1, 1_700_000_000)]))
    expect(twice).toBe(cosigned)
    const more = expectOk(addSignatures(cosigned, [cosign(body, cosigner2, 1_700_000_001)]))
    expect(lines(more).length).toBe(4)
    expect(more.startsWith(cosigned)).toBe(true)
  })

  test('the latest of a cosigner’s times counts', () => {
    const again = expectOk(addSignatures(cosigned, [cosign(body, cosigner1, 1_700_000_009)]))
    const note = expectOk(parseNote(again))
    expect(verifyCosignatures(note, policy.cosignerKeys, verify)).toEqual([
      { key: cosigner1.key, timeSeconds: 1_700_000_009 },
    ])
  })

  test('a cosignature without its time, or with a time beyond counting, spoils the note', () => {
    const [line] = [cosign(body, cosigner2, 1)]
    const withoutTime = { ...line, signature: line.signature.slice(8) }
    const beyond = { ...line, signature: Uint8Array.of(0x7f, ...line.signature.slice(1)) }
    for (const signature of [withoutTime, beyond]) {
      const note = expectOk(addSignatures(cosigned, [signature]))
      expect(openCheckpoint(note, policy, verify)).toEqual({ refused: 'note_signature_invalid' })
    }
  })

  test('a log key cannot cosign, nor can anybody at no time', () => {
    expect(() => cosign(body, log1, 1)).toThrow()
    expect(() => cosign(body, cosigner1, -1)).toThrow()
    expect(() => cosign(body, cosigner1, 0.5)).toThrow()
  })

  describe('receipts', () => {
    const receipt = (index: number, extra = leaves[index] as Uint8Array) =>
      encodeTlogProof({ index, hashes: inclusionProof(hasher, read, index, 11), checkpoint: cosigned, extra })
    const check = { hasher, policy, verify }

    test('every leaf has one that carries it and verifies', () => {
      for (const [index, leaf] of leaves.entries()) {
        const proved = expectOk(verifyTlogProof(receipt(index), check))
        expect([proved.index, proved.leaf, proved.checkpoint.size]).toEqual([index, leaf, 11])
      }
    })

    test('another leaf or index in it is not proved', () => {
      expect(verifyTlogProof(receipt(3, leaves[4]), check)).toEqual({ refused: 'inclusion_not_proved' })
      const moved = receipt(3).replace('index 3', 'index 2')
      expect(verifyTlogProof(moved, check)).toEqual({ refused: 'inclusion_not_proved' })
      const outside = receipt(3).replace('index 3', 'index 11')
      expect(verifyTlogProof(outside, check)).toEqual({ refused: 'inclusion_not_proved' })
    })

    test('a receipt of a checkpoint that too few signed is not believed', () => {
      const text = receipt(3).replace(cosigned, signCheckpoint(checkpoint, [log1]))
      expect(verifyTlogProof(text, check)).toEqual({ refused: 'log_signatures_too_few' })
    })

    test('whatever character of it is changed, it proves the same leaf or nothing', () => {
      const text = receipt(5)
      for (let at = 0; at < text.length; at++) {
        for (const changed of [text.slice(0, at) + text.slice(at + 1), `${text.slice(0, at)}A${text.slice(at + 1)}`]) {
          const proved = verifyTlogProof(changed, check)
          if (!isRefusal(proved)) expect([proved.leaf, proved.index]).toEqual([leaves[5], 5])
        }
      }
    })

    test.each<[string, (text: string) => string]>([
      ['another header', (text) => text.replace('@v1', '@v2')],
      ['no index', (text) => text.replace(/index 5\n/, '')],
      ['an index with a zero before', (text) => text.replace('index 5', 'index 05')],
      ['a negative index', (text) => text.replace('index 5', 'index -5')],
      ['an index beyond 2^53', (text) => text.replace('index 5', 'index 9007199254740993')],
      ['extra data after the index', (text) => text.replace(/(extra .*\n)(index 5\n)/, '$2$1')],
      ['extra data that are not base64', (text) => text.replace('extra ', 'extra !')],
      ['a hash of 33 bytes', (text) => text.replace('index 5\n', `index 5\n${'A'.repeat(44)}\n`)],
      ['64 hashes', (text) => text.replace('index 5\n', `index 5\n${`${root}\n`.repeat(60)}`)],
      ['no empty line', (text) => text.replaceAll('\n\n', '\n')],
      ['256 KiB and more', (text) => text + 'A'.repeat(256 * 1024)],
      ['carriage returns', (text) => text.replaceAll('\n', '\r\n')],
    ])('with %s it is malformed', (_case, change) => {
      expect(verifyTlogProof(change(receipt(5)), check)).toEqual({ refused: 'proof_malformed' })
    })
  })
})
