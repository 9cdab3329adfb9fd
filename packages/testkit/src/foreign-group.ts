/** Another group whose members sign what a test wants: a log with one authorisation in it, and a state with its row. */
import {
  addSignatures,
  cosign,
  createTreeHasher,
  encodeTlogProof,
  joinJws,
  jwsSigningInput,
  noteSignatureTypes,
  sha256,
  signCheckpoint,
  signNoteText,
  signStateCheckpoint,
  stateBucketHash,
  stateBucketOf,
  stateCheckpointBody,
  stateKey,
  stateNodeHash,
  transactionHeaderText,
} from '@chengxin/crypto'
import { canonicalize, concatBytes, type Did, expectOk, toBase64url, toUtf8 } from '@chengxin/kernel'
import { noteSigner } from './test-log.ts'

const hasher = createTreeHasher(sha256)
export const foreignOrigin = 'other.example/groups/licences'
export const foreignGroupId = toBase64url(sha256(toUtf8('another group')))
const memberIds = ['member_xian', 'member_yuan', 'member_zhen'] as const

const signers = memberIds.map((memberId) => ({
  memberId,
  log: noteSigner(foreignOrigin, noteSignatureTypes.ed25519, `${memberId} log`),
  cosigner: noteSigner(`${foreignOrigin}/${memberId}`, noteSignatureTypes.cosignature, `${memberId} cosigner`),
}))

/** The pin that its three members ask for: two of them, and states of an hour at most. */
export function foreignPin(change: object = {}) {
  return {
    kind: 'pinGroup',
    group: foreignGroupId,
    origin: foreignOrigin,
    members: signers.map(({ memberId, log, cosigner }) => ({
      memberId,
      logKey: log.key.jwk,
      cosignerKey: cosigner.key.jwk,
    })),
    quorum: 2,
    maxAgeMs: 3_600_000,
    typeIds: ['type_licence'],
    ...change,
  }
}

export interface ForeignRightWish {
  readonly issuer: Did
  readonly typeId: string
  /** When the right was given there, and when the state was signed. */
  readonly givenAtMs: number
  readonly heldAtMs: number
  readonly code?: string
  readonly group?: string
  readonly actionType?: string
  /** Cosigners of the receipt, signers of the state; two each if absent. */
  readonly cosigners?: number
  readonly stateSigners?: number
  /** The row's periods, instead of the one that the receipt gave. */
  readonly periods?: readonly object[]
}

/** What that group's nodes would serve about an issuer's right, in the form of a transaction's argument. */
export function foreignRightProof(wish: ForeignRightWish) {
  const { issuer, typeId, givenAtMs, heldAtMs, cosigners = 2, stateSigners = 2 } = wish
  const row = canonicalize({ domain: 'licences.example', periods: wish.periods ?? [{ fromMs: givenAtMs }] })
  const proof = stateProofOf(`credentials/authorisations/${issuer}/${typeId}`, row)
  return {
    receipt: textBytes(receiptOf(wish, cosigners)),
    state: textBytes(stateNote(proof.root, heldAtMs, stateSigners)),
    row: textBytes(row),
    rows: [{ keyHash: toBase64url(proof.keyHash), valueHash: toBase64url(proof.valueHash) }],
    path: proof.path.map(toBase64url),
  }
}

export function textBytes(text: string): string {
  return toBase64url(toUtf8(text))
}

function receiptOf({ issuer, typeId, givenAtMs, code = 'ok', group, actionType }: ForeignRightWish, cosigners: number) {
  const payload = {
    v: 1,
    group: group ?? foreignGroupId,
    actions: [{ type: actionType ?? 'credentials.authoriseIssuer', args: { issuer, typeId } }],
    notAfter: givenAtMs + 1,
    nonce: 'nonce-000001',
  }
  // Members judged this signature when the transaction came; who reads a receipt takes their word.
  const input = jwsSigningInput(transactionHeaderText('EdDSA', issuer, 'key-1'), toUtf8(canonicalize(payload)))
  const jws = joinJws(input, new Uint8Array(64))
  const hash = toBase64url(sha256(new Uint8Array()))
  const leaf = { v: 1, height: 7, timeMs: givenAtMs, position: 0, jws, code, eventsHash: hash, writesHash: hash }
  const entry = toUtf8(canonicalize(leaf))
  const sibling = hasher.leaf(toUtf8('the leaf before'))
  const root = hasher.node(sibling, hasher.leaf(entry))
  const note = signCheckpoint(
    { origin: foreignOrigin, size: 2, root, extensions: [] },
    signers.slice(0, 1).map(({ log }) => log),
  )
  const body = note.slice(0, note.indexOf('\n\n') + 1)
  const cosigned = signers.slice(0, cosigners).map(({ cosigner }) => cosign(body, cosigner, 1_800_000_000))
  return encodeTlogProof({
    index: 1,
    hashes: [sibling],
    checkpoint: expectOk(addSignatures(note, cosigned)),
    extra: entry,
  })
}

function stateNote(root: Uint8Array, timeMs: number, count: number): string {
  const head = { size: 16, root, timeMs }
  const [first, ...others] = signers.slice(0, count).map(({ log }) => ({
    key: stateKey(sha256, foreignOrigin, log.key.jwk),
    sign: log.sign,
  }))
  if (first === undefined) throw new Error('Somebody signs a state.')
  const text = stateCheckpointBody(foreignOrigin, head)
  const note = signStateCheckpoint(foreignOrigin, head, first)
  return expectOk(
    addSignatures(
      note,
      others.map((signer) => signNoteText(text, signer)),
    ),
  )
}

/** The proof of the only row in a state. */
function stateProofOf(key: string, value: string) {
  const [keyHash, valueHash] = [sha256(toUtf8(key)), sha256(toUtf8(value))]
  const path: Uint8Array[] = []
  let hash = stateBucketHash(sha256, concatBytes(keyHash, valueHash))
  let index = stateBucketOf(keyHash)
  for (let level = 0; level < 16; level++) {
    const sibling = sha256(toUtf8(`sibling ${level}`))
    path.push(sibling)
    hash = index % 2 === 0 ? stateNodeHash(sha256, hash, sibling) : stateNodeHash(sha256, sibling, hash)
    index >>= 1
  }
  return { root: hash, keyHash, valueHash, path }
}
