import { BinaryReader, BinaryWriter } from 'cosmjs-types/binary'
import { Request, Response } from 'cosmjs-types/tendermint/abci/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader } from './framing.ts'
import { type AbciRequest, decodeRequest } from './requests.ts'
import { type AbciResponse, writeResponse } from './responses.ts'
import { varintBytes, WireFault, WireReader, WireWriter } from './wire.ts'

const bytes = (maxLength = 200) => fc.uint8Array({ maxLength })
/** What the other codec (cosmjs-types 0.11) writes wrongly: 64-bit numbers from 2^31 to 2^32, which have a test of their own. */
const isWrittenByOthers = (value: bigint): boolean => value < 2n ** 31n || value >= 2n ** 32n
const safe = fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }).filter(isWrittenByOthers)
const height = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).filter(isWrittenByOthers)
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
// A lone surrogate has no UTF-8 form, so the other side could not have sent it.
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const time = fc.record({
  seconds: fc.bigInt({ min: 0n, max: 253_402_300_799n }).filter(isWrittenByOthers),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
})
const validator = fc.record({ address: bytes(20), power: height })
const flag = fc.constantFrom(0, 1, 2, 3)
const misbehavior = fc.record({
  type: fc.constantFrom(0, 1, 2),
  validator,
  height,
  time,
  totalVotingPower: height,
})
const txs = fc.array(bytes(), { maxLength: 12 })
const commitInfo = fc.record({
  round: int32,
  votes: fc.array(fc.record({ validator, blockIdFlag: flag }), { maxLength: 4 }),
})
const extendedCommitInfo = fc.record({
  round: int32,
  votes: fc.array(fc.record({ validator, blockIdFlag: flag, voteExtension: bytes(), extensionSignature: bytes() }), {
    maxLength: 4,
  }),
})
const block = {
  txs,
  misbehavior: fc.array(misbehavior, { maxLength: 3 }),
  height,
  time,
  hash: bytes(32),
  nextValidatorsHash: bytes(32),
  proposerAddress: bytes(20),
}
const snapshot = fc.record({ height, format: uint32, chunks: uint32, hash: bytes(32), metadata: bytes() })
const none = fc.constant({})

/** Requests as cosmjs-types has them, one member set. */
const requests = fc.oneof(
  fc.record({ echo: fc.record({ message: text }) }),
  fc.record({ flush: none }),
  fc.record({ commit: none }),
  fc.record({ listSnapshots: none }),
  fc.record({ info: fc.record({ version: text, abciVersion: text, blockVersion: height, p2pVersion: height }) }),
  fc.record({
    initChain: fc.record({
      time,
      chainId: text,
      initialHeight: height,
      validators: fc.array(fc.record({ pubKey: fc.record({ ed25519: bytes(32) }), power: height }), { maxLength: 5 }),
      appStateBytes: bytes(),
    }),
  }),
  fc.record({ query: fc.record({ path: text, data: bytes(), height: safe, prove: fc.boolean() }) }),
  fc.record({ checkTx: fc.record({ tx: bytes(), type: fc.constantFrom(0, 1) }) }),
  fc.record({ offerSnapshot: fc.record({ snapshot, appHash: bytes(32) }) }),
  fc.record({ loadSnapshotChunk: fc.record({ height, format: uint32, chunk: uint32 }) }),
  fc.record({ applySnapshotChunk: fc.record({ index: uint32, chunk: bytes(), sender: text }) }),
  fc.record({ prepareProposal: fc.record({ ...block, maxTxBytes: safe, localLastCommit: extendedCommitInfo }) }),
  fc.record({ processProposal: fc.record({ ...block, proposedLastCommit: commitInfo }) }),
  fc.record({ finalizeBlock: fc.record({ ...block, decidedLastCommit: commitInfo }) }),
  fc.record({ extendVote: fc.record({ ...block, proposedLastCommit: commitInfo }) }),
  fc.record({
    verifyVoteExtension: fc.record({ hash: bytes(), validatorAddress: bytes(), height, voteExtension: bytes() }),
  }),
)

type Loose = Record<string, never>

function encodeByOthers(request: object): Buffer {
  return Buffer.from(Request.encode(Request.fromPartial(request as Loose)).finish())
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')
const latin1 = (value: Uint8Array): string => Buffer.from(value).toString('latin1')
const base64url = (value: Uint8Array): string => Buffer.from(value).toString('base64url')
const timeMs = ({ seconds, nanos }: { seconds: bigint; nanos: number }): number =>
  Number(seconds) * 1000 + Math.floor(nanos / 1e6)

/** What we should have read, derived from what was written. */
function expected(request: object): unknown {
  const [call, value] = Object.entries(request)[0] as [string, Loose]
  switch (call) {
    case 'echo':
      return { call, message: value['message'] }
    case 'info':
      return { call, version: value['version'], abciVersion: value['abciVersion'] }
    case 'initChain':
      return {
        call,
        timeMs: timeMs(value['time'] as never),
        chainId: value['chainId'],
        initialHeight: Number(value['initialHeight']),
        validators: (value['validators'] as unknown as { pubKey: { ed25519: Uint8Array }; power: bigint }[]).map(
          ({ pubKey, power }) => ({ key: base64url(pubKey.ed25519), power: Number(power) }),
        ),
      }
    case 'query':
      return { call, path: value['path'] }
    case 'checkTx':
      return { call, transaction: latin1(value['tx'] as never), kind: value['type'] === 1 ? 'recheck' : 'new' }
    case 'offerSnapshot':
      return { call, snapshot: snapshotOf(value['snapshot'] as never), appHash: value['appHash'] }
    case 'loadSnapshotChunk':
      return { call, height: Number(value['height']), format: value['format'], chunk: value['chunk'] }
    case 'applySnapshotChunk':
      return { call, index: value['index'], chunk: value['chunk'], sender: value['sender'] }
    case 'prepareProposal':
      return {
        call,
        maxBytes: Number(value['maxTxBytes']),
        ...blockOf(value, value['localLastCommit'] as never),
        hash: new Uint8Array(0),
      }
    case 'processProposal':
      return { call, ...blockOf(value, value['proposedLastCommit'] as never) }
    case 'finalizeBlock':
      return { call, ...blockOf(value, value['decidedLastCommit'] as never) }
    default:
      return { call }
  }
}

function snapshotOf(value: { height: bigint }): unknown {
  return { ...value, height: Number(value.height) }
}

interface TheirValidator {
  readonly address: Uint8Array
  readonly power: bigint
}

interface TheirCommit {
  readonly round: number
  readonly votes: readonly { readonly validator: TheirValidator; readonly blockIdFlag: number }[]
}

function blockOf(value: Loose, commit: TheirCommit): object {
  const flags = ['unknown', 'absent', 'commit', 'nil']
  const types = ['unknown', 'duplicate_vote', 'light_client_attack']
  const person = ({ address, power }: TheirValidator) => ({ address: hex(address), power: Number(power) })
  const found = value['misbehavior'] as unknown as readonly {
    type: number
    validator: TheirValidator
    height: bigint
    time: { seconds: bigint; nanos: number }
    totalVotingPower: bigint
  }[]
  return {
    height: Number(value['height']),
    timeMs: timeMs(value['time'] as never),
    transactions: (value['txs'] as unknown as Uint8Array[]).map(latin1),
    proposer: hex(value['proposerAddress'] as never),
    hash: value['hash'],
    lastCommit: {
      round: commit.round,
      votes: commit.votes.map((vote) => ({ ...person(vote.validator), flag: flags[vote.blockIdFlag] })),
    },
    misbehaviour: found.map((one) => ({
      type: types[one.type],
      ...person(one.validator),
      height: Number(one.height),
      timeMs: timeMs(one.time),
      totalPower: Number(one.totalVotingPower),
    })),
  }
}

/** Buffers and byte arrays with the same bytes are the same. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_name, inner) => (isBytes(inner) ? hexOf(inner) : inner)))
}
function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || (value as { type?: unknown } | null)?.type === 'Buffer'
}
function hexOf(value: Uint8Array | { data: number[] }): string {
  return hex(value instanceof Uint8Array ? value : Uint8Array.from(value.data))
}

describe('requests', () => {
  test('are read as another encoder wrote them', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(plain(decodeRequest(encodeByOthers(request)))).toEqual(plain(expected(request)))
      }),
      { numRuns: 600 },
    )
  })

  test('fields of later versions are passed over', () => {
    const later = Buffer.concat([
      Buffer.from([0x0a, 0x01, 0x61]),
      Buffer.from([0x98, 0x06, 0x05, 0xa1, 0x06]),
      Buffer.alloc(8),
    ])
    const checkTx = Buffer.concat([Buffer.from([0x42, later.length]), later])
    expect(decodeRequest(checkTx)).toEqual({ call: 'checkTx', transaction: 'a', kind: 'new' })
  })

  test.each([
    [21, 'insertTx'],
    [22, 'reapTxs'],
  ])('call %i of 0.39 and 0.40 is known by name', (number, call) => {
    const tag = number * 8 + 2
    expect(decodeRequest(Buffer.from([(tag & 0x7f) | 0x80, tag >> 7, 0]))).toEqual({ call })
  })

  test.each<[string, number[]]>([
    ['nothing', []],
    ['a call of ABCI 1', [0x3a, 0]],
    ['a length beyond the message', [0x42, 5, 0x0a]],
    ['a number that does not end', [0x42, 3, 0x10, 0x80, 0x80]],
    ['a number of eleven bytes', [0x42, 12, 0x10, ...Array<number>(10).fill(0x80), 1]],
    ['a field of another type', [0x42, 2, 0x08, 1]],
    ['a group', [0x42, 1, 0x0b]],
    ['field number zero', [0x42, 2, 0x02, 0]],
    ['a height beyond 2^53', [0x72, 9, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['a negative chunk', [0x72, 11, 0x18, ...Array<number>(9).fill(0xff), 1]],
  ])('%s is a fault', (_case, written) => {
    expect(() => decodeRequest(Buffer.from(written))).toThrow(WireFault)
  })

  test('damaged bytes are read as something or are a fault, and nothing else', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(requests, damage, fc.nat(), (request, changes, cut) => {
        const written = encodeByOthers(request)
        for (const { at, to } of changes) if (written.length > 0) written[at % written.length] = to
        faultOnly(() => decodeRequest(written.subarray(0, written.length - (cut % 3))))
      }),
      { numRuns: 2_000 },
    )
  })

  test('noise is a fault or a request', () => {
    fc.assert(
      fc.property(bytes(64), (noise) => faultOnly(() => decodeRequest(Buffer.from(noise)))),
      { numRuns: 3_000 },
    )
  })
})

function faultOnly(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(WireFault)
  }
}

const number53 = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
const count53 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(base64url)
const validators = fc.array(fc.record({ key, power: count53 }), { maxLength: 5 })
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 300 })

const responses: fc.Arbitrary<AbciResponse> = fc.oneof(
  fc.record({ call: fc.constant('exception' as const), error: text }),
  fc.record({ call: fc.constant('echo' as const), message: text }),
  fc.record({ call: fc.constantFrom('flush' as const, 'commit' as const, 'extendVote' as const) }),
  fc.record({
    call: fc.constant('info' as const),
    version: text,
    appVersion: count53,
    height: number53,
    appHash: bytes(),
  }),
  fc.record({ call: fc.constant('initChain' as const), validators, appHash: bytes() }),
  fc.record({ call: fc.constant('query' as const), code: uint32, log: text }),
  fc.record({ call: fc.constant('checkTx' as const), code: uint32, log: text, info: text }),
  fc.record({
    call: fc.constant('listSnapshots' as const),
    snapshots: fc.array(
      fc.record({ height: count53, format: uint32, chunks: uint32, hash: bytes(), metadata: bytes() }),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    call: fc.constant('offerSnapshot' as const),
    result: fc.constantFrom('accept', 'abort', 'reject', 'reject_format', 'reject_sender'),
  }),
  fc.record({ call: fc.constant('loadSnapshotChunk' as const), chunk: bytes(2_000) }),
  fc.record({
    call: fc.constant('applySnapshotChunk' as const),
    result: fc.constantFrom('accept', 'abort', 'retry', 'retry_snapshot', 'reject_snapshot'),
    refetch: fc.array(uint32, { maxLength: 5 }),
    rejectSenders: fc.array(text, { maxLength: 3 }),
  }),
  fc.record({ call: fc.constant('prepareProposal' as const), transactions: fc.array(ascii, { maxLength: 20 }) }),
  fc.record({
    call: fc.constantFrom('processProposal' as const, 'verifyVoteExtension' as const),
    status: fc.constantFrom('accept' as const, 'reject' as const),
  }),
  fc.record({
    call: fc.constant('finalizeBlock' as const),
    results: fc.array(fc.record({ code: uint32, data: bytes(), log: text }), { maxLength: 30 }),
    validatorUpdates: validators,
    appHash: bytes(32),
  }),
)

const enums: Readonly<Record<string, number>> = {
  accept: 1,
  abort: 2,
  reject: 3,
  reject_format: 4,
  reject_sender: 5,
  retry: 3,
  retry_snapshot: 4,
  reject_snapshot: 5,
}

/** What the other decoder should have read, as far as we say anything. */
function expectedByOthers(response: AbciResponse): object {
  const theirs = (list: readonly { readonly key: string; readonly power: number }[]) =>
    list.map((one) => ({ pubKey: { ed25519: Buffer.from(one.key, 'base64url') }, power: BigInt(one.power) }))
  switch (response.call) {
    case 'exception':
      return { error: response.error }
    case 'echo':
      return { message: response.message }
    case 'flush':
    case 'commit':
    case 'extendVote':
      return {}
    case 'info':
      return {
        data: 'chengxin',
        version: response.version,
        appVersion: BigInt(response.appVersion),
        lastBlockHeight: BigInt(response.height),
        lastBlockAppHash: response.appHash,
      }
    case 'initChain':
      return { validators: theirs(response.validators), appHash: response.appHash }
    case 'query':
      return { code: response.code, log: response.log }
    case 'checkTx': {
      const { code, log, info } = response
      return { code, log, info, codespace: code === 0 ? '' : 'chengxin' }
    }
    case 'listSnapshots':
      return { snapshots: response.snapshots.map((one) => ({ ...one, height: BigInt(one.height) })) }
    case 'offerSnapshot':
      return { result: enums[response.result] }
    case 'loadSnapshotChunk':
      return { chunk: response.chunk }
    case 'applySnapshotChunk':
      return {
        result: enums[response.result],
        refetchChunks: response.refetch,
        rejectSenders: response.rejectSenders,
      }
    case 'prepareProposal':
      return { txs: response.transactions.map((transaction) => Buffer.from(transaction, 'latin1')) }
    case 'processProposal':
    case 'verifyVoteExtension':
      return { status: response.status === 'accept' ? 1 : 2 }
    case 'finalizeBlock':
      return {
        txResults: response.results.map(({ code, data, log }) => ({ code, data, log })),
        validatorUpdates: theirs(response.validatorUpdates),
        appHash: response.appHash,
      }
  }
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]))
}

describe('responses', () => {
  test('are read by another decoder as we wrote them, one behind the other', () => {
    fc.assert(
      fc.property(fc.array(responses, { minLength: 1, maxLength: 4 }), (list) => {
        const writer = new WireWriter(16)
        for (const response of list) writeResponse(writer, response)
        const reader = new BinaryReader(writer.take())
        for (const response of list) {
          const theirs = Response.decode(reader, reader.uint32()) as unknown as Record<string, object>
          expect(comparable(theirs[response.call])).toMatchObject(comparable(expectedByOthers(response)) as object)
          expect(Object.entries(theirs).filter(([, value]) => value !== undefined)).toHaveLength(1)
        }
        expect(reader.pos).toBe(reader.len)
      }),
      { numRuns: 400 },
    )
  })
})

describe('numbers', () => {
  test('are written and read as another codec does', () => {
    fc.assert(
      fc.property(fc.oneof(number53, fc.integer(), fc.nat(300)), (value) => {
        const writer = new WireWriter()
        writer.integer(1, value)
        const ours = writer.take()
        fc.pre(isWrittenByOthers(BigInt(value)))
        const theirs = value === 0 ? Buffer.alloc(0) : BinaryWriter.create().uint32(8).int64(BigInt(value)).finish()
        expect(hex(ours)).toBe(hex(theirs))
        if (value === 0) return
        const reader = new WireReader(ours)
        expect(reader.next()).toBe(true)
        expect(reader.integer()).toBe(value)
        expect(reader.next()).toBe(false)
        if (value > 0) expect(ours.length - 1).toBe(varintBytes(value))
      }),
    )
  })
})

test.each<[number, string]>([
  [1, '01'],
  [150, '9601'],
  [2 ** 31 - 1, 'ffffffff07'],
  [2 ** 31, '8080808008'],
  [2 ** 32 - 1, 'ffffffff0f'],
  [2 ** 32, '8080808010'],
  [-1, 'ffffffffffffffffff01'],
])('the number %d is written as %s, as the encoding is specified', (value, written) => {
  const writer = new WireWriter()
  writer.integer(1, value)
  const ours = writer.take()
  expect(hex(ours)).toBe(`08${written}`)
  const reader = new WireReader(ours)
  expect(reader.next() && reader.integer()).toBe(value)
})

describe('framing', () => {
  test('messages come out whole and in order, however they arrive', () => {
    const message = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 })),
        (messages, sizes) => {
          const stream = Buffer.concat(messages.map((one) => Buffer.from(BinaryWriter.create().bytes(one).finish())))
          const frames = new FrameReader(300)
          const taken: string[] = []
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const size = sizes[turn % Math.max(sizes.length, 1)] ?? stream.length
            frames.add(stream.subarray(at, at + size))
            at += size
            for (let frame = frames.take(); frame !== undefined; frame = frames.take()) taken.push(hex(frame))
          }
          expect(taken).toEqual(messages.map(hex))
        },
      ),
    )
  })

  test.each<[string, number[]]>([
    ['one byte over the limit', [0xad, 0x02]],
    ['a length of 2 GB', [0xff, 0xff, 0xff, 0xff, 0x07]],
    ['a length that does not end', [0x80, 0x80, 0x80, 0x80]],
  ])('%s is a fault before anything of it has arrived', (_case, written) => {
    const frames = new FrameReader(300)
    frames.add(Buffer.from(written))
    expect(() => frames.take()).toThrow(WireFault)
  })
})

/** Every call has a name here and there, so that none is forgotten when one is added. */
type Calls = AbciRequest['call']
const calls: Record<Calls, true> = {
  echo: true,
  flush: true,
  info: true,
  initChain: true,
  query: true,
  checkTx: true,
  commit: true,
  listSnapshots: true,
  offerSnapshot: true,
  loadSnapshotChunk: true,
  applySnapshotChunk: true,
  prepareProposal: true,
  processProposal: true,
  extendVote: true,
  verifyVoteExtension: true,
  finalizeBlock: true,
  insertTx: true,
  reapTxs: true,
}

test('every call of the other types is one of ours', () => {
  for (const call of Object.keys(Request.fromPartial({}))) expect(calls).toHaveProperty(call)
})
