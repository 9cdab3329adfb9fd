/**
 * What CometBFT asks: the requests of ABCI 2.0 as `tendermint.abci.Request` has them on the wire of 0.38 (and of 0.39
 * and 0.40, which add two calls that an engine makes only with a mempool kept by the application). Fields that no answer
 * depends on are passed over.
 */
import { WireFault, WireReader } from './wire.ts'

/** 0.38 writes a time as seconds and nanoseconds; blocks here know milliseconds, rounded down. */
export type TimeMs = number

export interface Vote {
  /** Hex: the first 20 bytes of SHA-256 of the validator's key. */
  readonly address: string
  readonly power: number
  readonly flag: 'unknown' | 'absent' | 'commit' | 'nil'
}

export interface LastCommit {
  readonly round: number
  readonly votes: readonly Vote[]
}

/** A validator that was caught, as the engine has proved it. */
export interface Misbehaviour {
  readonly type: 'unknown' | 'duplicate_vote' | 'light_client_attack'
  readonly address: string
  readonly power: number
  readonly height: number
  readonly timeMs: TimeMs
  readonly totalPower: number
}

export interface Validator {
  /** The Ed25519 key, 32 bytes, as base64url. Empty where the key is of another kind. */
  readonly key: string
  /** Zero removes it. */
  readonly power: number
}

export interface WireSnapshot {
  readonly height: number
  readonly format: number
  readonly chunks: number
  readonly hash: Uint8Array
  readonly metadata: Uint8Array
}

export interface ProposedBlock {
  readonly height: number
  readonly timeMs: TimeMs
  /** One character a byte. */
  readonly transactions: readonly string[]
  /** Hex address of who proposes. */
  readonly proposer: string
  /** Hash of the block; empty in `prepareProposal`, where there is none yet. */
  readonly hash: Uint8Array
  readonly lastCommit: LastCommit
  readonly misbehaviour: readonly Misbehaviour[]
}

/** Calls that say nothing that an answer depends on. The last two exist only where the application keeps the mempool. */
type BareCall = 'flush' | 'commit' | 'listSnapshots' | 'extendVote' | 'verifyVoteExtension' | 'insertTx' | 'reapTxs'
type Bare<Call> = Call extends BareCall ? { readonly call: Call } : never

export type AbciRequest =
  | Bare<BareCall>
  | { readonly call: 'echo'; readonly message: string }
  | { readonly call: 'info'; readonly version: string; readonly abciVersion: string }
  | {
      readonly call: 'initChain'
      readonly timeMs: TimeMs
      readonly chainId: string
      readonly validators: readonly Validator[]
      readonly initialHeight: number
    }
  | { readonly call: 'query'; readonly path: string }
  | { readonly call: 'checkTx'; readonly transaction: string; readonly kind: 'new' | 'recheck' }
  | { readonly call: 'offerSnapshot'; readonly snapshot: WireSnapshot; readonly appHash: Uint8Array }
  | { readonly call: 'loadSnapshotChunk'; readonly height: number; readonly format: number; readonly chunk: number }
  | {
      readonly call: 'applySnapshotChunk'
      readonly index: number
      readonly chunk: Uint8Array
      readonly sender: string
    }
  | ({ readonly call: 'prepareProposal'; readonly maxBytes: number } & ProposedBlock)
  | ({ readonly call: 'processProposal' } & ProposedBlock)
  | ({ readonly call: 'finalizeBlock' } & ProposedBlock)

const empty: Uint8Array = new Uint8Array(0)

/** Reads one request. Faults on what is malformed and on calls that ABCI 2.0 does not have. */
export function decodeRequest(bytes: Buffer): AbciRequest {
  const reader = new WireReader(bytes)
  let request: AbciRequest | undefined
  while (reader.next()) {
    const read = readers[reader.field]
    if (read === undefined) throw new WireFault(`There is no call with the number ${reader.field} in ABCI 2.0.`)
    request = reader.message(read)
  }
  if (request === undefined) throw new WireFault('A request calls nothing.')
  return request
}

const readers: Readonly<Record<number, (reader: WireReader) => AbciRequest>> = {
  1: (reader) => ({ call: 'echo', message: onlyText(reader, 1) }),
  2: (reader) => bare(reader, 'flush'),
  3: readInfo,
  5: readInitChain,
  6: (reader) => ({ call: 'query', path: onlyText(reader, 2) }),
  8: readCheckTx,
  11: (reader) => bare(reader, 'commit'),
  12: (reader) => bare(reader, 'listSnapshots'),
  13: readOfferSnapshot,
  14: readLoadSnapshotChunk,
  15: readApplySnapshotChunk,
  16: readPrepareProposal,
  17: (reader) => ({ call: 'processProposal', ...readBlock(reader) }),
  18: (reader) => bare(reader, 'extendVote'),
  19: (reader) => bare(reader, 'verifyVoteExtension'),
  20: (reader) => ({ call: 'finalizeBlock', ...readBlock(reader) }),
  21: (reader) => bare(reader, 'insertTx'),
  22: (reader) => bare(reader, 'reapTxs'),
}

function bare(reader: WireReader, call: BareCall): AbciRequest {
  while (reader.next()) reader.skip()
  return { call }
}

function onlyText(reader: WireReader, field: number): string {
  let text = ''
  while (reader.next()) {
    if (reader.field === field) text = reader.text()
    else reader.skip()
  }
  return text
}

function readInfo(reader: WireReader): AbciRequest {
  let version = ''
  let abciVersion = ''
  while (reader.next()) {
    if (reader.field === 1) version = reader.text()
    else if (reader.field === 4) abciVersion = reader.text()
    else reader.skip()
  }
  return { call: 'info', version, abciVersion }
}

function readInitChain(reader: WireReader): AbciRequest {
  let timeMs = 0
  let chainId = ''
  let initialHeight = 0
  const validators: Validator[] = []
  while (reader.next()) {
    if (reader.field === 1) timeMs = reader.message(readTime)
    else if (reader.field === 2) chainId = reader.text()
    else if (reader.field === 4) validators.push(reader.message(readValidatorUpdate))
    else if (reader.field === 6) initialHeight = reader.integer()
    else reader.skip()
  }
  return { call: 'initChain', timeMs, chainId, validators, initialHeight }
}

function readCheckTx(reader: WireReader): AbciRequest {
  let transaction = ''
  let type = 0
  while (reader.next()) {
    if (reader.field === 1) transaction = reader.latin1()
    else if (reader.field === 2) type = reader.integer()
    else reader.skip()
  }
  return { call: 'checkTx', transaction, kind: type === 1 ? 'recheck' : 'new' }
}

function readOfferSnapshot(reader: WireReader): AbciRequest {
  let snapshot: WireSnapshot = { height: 0, format: 0, chunks: 0, hash: empty, metadata: empty }
  let appHash = empty
  while (reader.next()) {
    if (reader.field === 1) snapshot = reader.message(readSnapshot)
    else if (reader.field === 2) appHash = reader.bytes()
    else reader.skip()
  }
  return { call: 'offerSnapshot', snapshot, appHash }
}

function readSnapshot(reader: WireReader): WireSnapshot {
  let [height, format, chunks] = [0, 0, 0]
  let [hash, metadata] = [empty, empty]
  while (reader.next()) {
    if (reader.field === 1) height = reader.count()
    else if (reader.field === 2) format = reader.count()
    else if (reader.field === 3) chunks = reader.count()
    else if (reader.field === 4) hash = reader.bytes()
    else if (reader.field === 5) metadata = reader.bytes()
    else reader.skip()
  }
  return { height, format, chunks, hash, metadata }
}

function readLoadSnapshotChunk(reader: WireReader): AbciRequest {
  let [height, format, chunk] = [0, 0, 0]
  while (reader.next()) {
    if (reader.field === 1) height = reader.count()
    else if (reader.field === 2) format = reader.count()
    else if (reader.field === 3) chunk = reader.count()
    else reader.skip()
  }
  return { call: 'loadSnapshotChunk', height, format, chunk }
}

function readApplySnapshotChunk(reader: WireReader): AbciRequest {
  let index = 0
  let chunk = empty
  let sender = ''
  while (reader.next()) {
    if (reader.field === 1) index = reader.count()
    else if (reader.field === 2) chunk = reader.bytes()
    else if (reader.field === 3) sender = reader.text()
    else reader.skip()
  }
  return { call: 'applySnapshotChunk', index, chunk, sender }
}

type Mutable<T> = { -readonly [N in keyof T]: T[N] }
interface OpenBlock extends Mutable<ProposedBlock> {
  transactions: string[]
  misbehaviour: Misbehaviour[]
}

function openBlock(): OpenBlock {
  return {
    height: 0,
    timeMs: 0,
    transactions: [],
    proposer: '',
    hash: empty,
    lastCommit: { round: 0, votes: [] },
    misbehaviour: [],
  }
}

/** `prepareProposal` numbers its fields differently from the two calls about a block that exists. */
function readPrepareProposal(reader: WireReader): AbciRequest {
  const block = openBlock()
  let maxBytes = 0
  while (reader.next()) {
    if (reader.field === 1) maxBytes = reader.integer()
    else if (reader.field === 2) block.transactions.push(reader.latin1())
    else if (reader.field === 3) block.lastCommit = reader.message((inner) => readCommit(inner, 5))
    else if (reader.field === 4) block.misbehaviour.push(reader.message(readMisbehaviour))
    else readBlockEnd(reader, block)
  }
  return { call: 'prepareProposal', maxBytes, ...block }
}

function readBlock(reader: WireReader): ProposedBlock {
  const block = openBlock()
  while (reader.next()) {
    if (reader.field === 1) block.transactions.push(reader.latin1())
    else if (reader.field === 2) block.lastCommit = reader.message((inner) => readCommit(inner, 3))
    else if (reader.field === 3) block.misbehaviour.push(reader.message(readMisbehaviour))
    else if (reader.field === 4) block.hash = reader.bytes()
    else readBlockEnd(reader, block)
  }
  return block
}

function readBlockEnd(reader: WireReader, block: OpenBlock): void {
  if (reader.field === 5) block.height = reader.integer()
  else if (reader.field === 6) block.timeMs = reader.message(readTime)
  else if (reader.field === 8) block.proposer = reader.bytes().toString('hex')
  else reader.skip()
}

/** A vote's flag has another number where two more fields for extensions stand before it. */
function readCommit(reader: WireReader, flagField: 3 | 5): LastCommit {
  let round = 0
  const votes: Vote[] = []
  while (reader.next()) {
    if (reader.field === 1) round = reader.integer()
    else if (reader.field === 2) votes.push(reader.message((inner) => readVote(inner, flagField)))
    else reader.skip()
  }
  return { round, votes }
}

const flags = ['unknown', 'absent', 'commit', 'nil'] as const

function readVote(reader: WireReader, flagField: number): Vote {
  let validator = { address: '', power: 0 }
  let flag: Vote['flag'] = 'unknown'
  while (reader.next()) {
    if (reader.field === 1) validator = reader.message(readValidator)
    else if (reader.field === flagField) flag = flags[reader.integer()] ?? 'unknown'
    else reader.skip()
  }
  return { ...validator, flag }
}

function readValidator(reader: WireReader): { address: string; power: number } {
  const validator = { address: '', power: 0 }
  while (reader.next()) {
    if (reader.field === 1) validator.address = reader.bytes().toString('hex')
    else if (reader.field === 3) validator.power = reader.integer()
    else reader.skip()
  }
  return validator
}

const misbehaviours = ['unknown', 'duplicate_vote', 'light_client_attack'] as const

function readMisbehaviour(reader: WireReader): Misbehaviour {
  let type: Misbehaviour['type'] = 'unknown'
  let validator = { address: '', power: 0 }
  let [height, timeMs, totalPower] = [0, 0, 0]
  while (reader.next()) {
    if (reader.field === 1) type = misbehaviours[reader.integer()] ?? 'unknown'
    else if (reader.field === 2) validator = reader.message(readValidator)
    else if (reader.field === 3) height = reader.integer()
    else if (reader.field === 4) timeMs = reader.message(readTime)
    else if (reader.field === 5) totalPower = reader.integer()
    else reader.skip()
  }
  return { type, ...validator, height, timeMs, totalPower }
}

function readValidatorUpdate(reader: WireReader): Validator {
  let key = ''
  let power = 0
  while (reader.next()) {
    if (reader.field === 1) key = reader.message(readEd25519)
    else if (reader.field === 2) power = reader.integer()
    else reader.skip()
  }
  return { key, power }
}

function readEd25519(reader: WireReader): string {
  let key = ''
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes().toString('base64url')
    else reader.skip()
  }
  return key
}

function readTime(reader: WireReader): TimeMs {
  let [seconds, nanos] = [0, 0]
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.integer()
    else if (reader.field === 2) nanos = reader.integer()
    else reader.skip()
  }
  const timeMs = seconds * 1000 + Math.floor(nanos / 1_000_000)
  if (!Number.isSafeInteger(timeMs)) throw new WireFault('A time is beyond any that a block has.')
  return timeMs
}
