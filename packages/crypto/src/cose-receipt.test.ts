import { concatBytes, expectOk, fromHex, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts'
import { parseCoseReceipt, signCoseReceipt, verifyCoseReceipt } from './cose-receipt.ts'
import type { Ed25519PublicJwk } from './jwk.ts'
import { createFrontier, createTreeHasher, type NodeReader } from './merkle.ts'
import { inclusionProof } from './merkle-proof.ts'
import { sha256 } from './node/hash.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { createNoteKey, type NoteSigner } from './note.ts'

const hasher = createTreeHasher(sha256)
const { verify } = createVerifier()
const origin = 'city.example/groups/certificates'
const signer = signerNamed(origin)

function signerNamed(name: string): NoteSigner {
  const { jwk, sign } = createSigner(generatePrivateJwk('EdDSA'))
  return { key: createNoteKey(sha256, name, 0x01, jwk as Ed25519PublicJwk), sign }
}

/** A tree of this many leaves, each the text of its index. */
function treeOf(size: number) {
  const frontier = createFrontier(hasher)
  const levels: Uint8Array[][] = []
  for (let index = 0; index < size; index++) {
    frontier.append(hasher.leaf(toUtf8(String(index))), (level, at, hash) => {
      const row = (levels[level] ??= [])
      row[at] = hash
    })
  }
  const read: NodeReader = (level, index) => levels[level]?.[index] as Uint8Array
  return { root: frontier.root(), read }
}

function receiptOf(index: number, size: number, by = signer): Uint8Array {
  const { root, read } = treeOf(size)
  return signCoseReceipt({ size, index, hashes: inclusionProof(hasher, read, index, size) }, root, by)
}

const check = { hasher, origin, keys: [signer.key], verify }
const judged = (receipt: Uint8Array, change: object = {}) =>
  verifyCoseReceipt(receipt, { ...check, leaf: toUtf8('3'), ...change })

test('every leaf of every small tree is proved, and no other leaf', () => {
  for (const size of [1, 2, 3, 7, 8, 20]) {
    const { root } = treeOf(size)
    for (let index = 0; index < size; index++) {
      const receipt = receiptOf(index, size)
      const leaf = toUtf8(String(index))
      expect(expectOk(judged(receipt, { leaf }))).toMatchObject({ size, index, root, origin })
      expect(judged(receipt, { leaf: toUtf8('x') })).toEqual({ refused: 'cose_receipt_signature_invalid' })
    }
  }
})

test('it is a tagged COSE_Sign1 with the labels of RFC 9942 and a payload that is left out', () => {
  const { tag, value } = decodeCbor(receiptOf(3, 7)) as { tag: number; value: readonly Cbor[] }
  const [protectedHeader, unprotected, payload] = value
  expect(tag).toBe(18)
  expect(payload).toBeNull()
  expect(decodeCbor(protectedHeader as Uint8Array)).toEqual(
    new Map<number, Cbor>([
      [1, -8],
      [4, fromHex(signer.key.id) as Uint8Array],
      [15, new Map([[1, origin]])],
      [395, 1],
    ]),
  )
  const proofs = (unprotected as ReadonlyMap<number, Cbor>).get(396) as ReadonlyMap<number, Cbor>
  const [proof] = proofs.get(-1) as readonly Uint8Array[]
  expect(decodeCbor(proof as Uint8Array)).toMatchObject([7, 3, { length: 3 }])
})

test('a receipt that carries its leaf and a checkpoint needs nothing else, and is held to the leaf that is asked about', () => {
  const { root, read } = treeOf(7)
  const proof = { size: 7, index: 3, hashes: inclusionProof(hasher, read, 3, 7) }
  const carried = { checkpoint: `${origin}\n7\n`, leaf: toUtf8('3') }
  const receipt = signCoseReceipt(proof, root, signer, carried)
  expect(expectOk(verifyCoseReceipt(receipt, check))).toMatchObject({ ...carried, index: 3, root })
  expect(judged(receipt, { leaf: toUtf8('4') })).toEqual({ refused: 'cose_receipt_signature_invalid' })
  const other = signCoseReceipt(proof, root, signer, { leaf: toUtf8('4') })
  expect(verifyCoseReceipt(other, check)).toEqual({ refused: 'cose_receipt_signature_invalid' })
  expect(verifyCoseReceipt(receiptOf(3, 7), check)).toEqual({ refused: 'proof_without_leaf' })
})

/** The same receipt with one part changed, signed as it was. */
function changed(change: (parts: Cbor[]) => void): Uint8Array {
  const { value } = decodeCbor(receiptOf(3, 7)) as { value: readonly Cbor[] }
  const parts = [...value]
  change(parts)
  return encodeCbor({ tag: 18, value: parts })
}

const withProof = (proof: Cbor) =>
  changed((parts) => {
    parts[1] = new Map([[396, new Map([[-1, [encodeCbor(proof)]]])]])
  })
const withHeader = (label: number, value: Cbor) =>
  changed((parts) => {
    parts[1] = new Map([...(parts[1] as ReadonlyMap<number, Cbor>), [label, value]])
  })
const hash = new Uint8Array(32)

test.each<[string, string, () => Uint8Array, object?]>([
  ['no bytes', 'cose_receipt_malformed', () => new Uint8Array()],
  ['a receipt with a byte behind it', 'cose_receipt_malformed', () => concatBytes(receiptOf(3, 7), Uint8Array.of(0))],
  ['a receipt without its tag', 'cose_receipt_malformed', () => receiptOf(3, 7).subarray(1)],
  ['a payload', 'cose_receipt_malformed', () => changed((parts) => parts.splice(2, 1, hash))],
  ['a signature that is too short', 'cose_receipt_malformed', () => changed((parts) => parts.splice(3, 1, hash))],
  ['no proof', 'cose_receipt_malformed', () => changed((parts) => parts.splice(1, 1, new Map()))],
  ['a hash that is too short', 'cose_receipt_malformed', () => withProof([7, 3, [hash.subarray(1)]])],
  ['a header that we do not know', 'cose_receipt_malformed', () => withHeader(-65_539, hash)],
  ['a checkpoint that is no text', 'cose_receipt_malformed', () => withHeader(-65_537, hash)],
  ['a leaf that is no bytes', 'cose_receipt_malformed', () => withHeader(-65_538, 'leaf')],
  ['an index beyond the tree', 'inclusion_not_proved', () => withProof([7, 7, [hash, hash, hash]])],
  ['a path that is too short', 'inclusion_not_proved', () => withProof([7, 3, [hash]])],
  ['a path that is too long', 'inclusion_not_proved', () => withProof([7, 3, [hash, hash, hash, hash]])],
  ['another path', 'cose_receipt_signature_invalid', () => withProof([7, 3, [hash, hash, hash]])],
  ['another log', 'cose_receipt_of_other_log', () => receiptOf(3, 7), { origin: 'other.example' }],
  ['a key that is not trusted', 'cose_receipt_key_unknown', () => receiptOf(3, 7), { keys: [signerNamed(origin).key] }],
  [
    'a protected header that was changed',
    'cose_receipt_malformed',
    () => changed((parts) => parts.splice(0, 1, encodeCbor(new Map([[1, -7]])))),
  ],
])('%s is refused with %s', (_case, code, make, change) => {
  expect(judged(make(), change)).toEqual({ refused: code })
})

test('a receipt with any byte changed is refused', () => {
  const receipt = receiptOf(3, 7)
  fc.assert(
    fc.property(fc.nat(receipt.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = receipt.slice()
      forged[at] = (forged[at] as number) ^ change
      expect(judged(forged)).toHaveProperty('refused')
    }),
  )
})

test('nothing that is read throws', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseCoseReceipt(bytes)))
})
