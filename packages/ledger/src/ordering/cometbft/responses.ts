/** What we answer CometBFT: `tendermint.abci.Response` on the wire of 0.38. Each answers the call of its name. */
import type { Validator, WireSnapshot } from './requests.ts'
import type { WireWriter } from './wire.ts'

export interface WireResult {
  /** 0 is ok. Of a block's results code and data are agreed on, the rest is for people. */
  readonly code: number
  readonly data: Uint8Array
  readonly log: string
}

export type AbciResponse =
  | { readonly call: 'exception'; readonly error: string }
  | { readonly call: 'echo'; readonly message: string }
  | { readonly call: 'flush' | 'commit' | 'extendVote' }
  | {
      readonly call: 'info'
      readonly version: string
      readonly appVersion: number
      readonly height: number
      readonly appHash: Uint8Array
    }
  | { readonly call: 'initChain'; readonly validators: readonly Validator[]; readonly appHash: Uint8Array }
  | { readonly call: 'query'; readonly code: number; readonly log: string }
  | { readonly call: 'checkTx'; readonly code: number; readonly log: string; readonly info: string }
  | { readonly call: 'listSnapshots'; readonly snapshots: readonly WireSnapshot[] }
  | { readonly call: 'offerSnapshot'; readonly result: keyof typeof offerResults }
  | { readonly call: 'loadSnapshotChunk'; readonly chunk: Uint8Array }
  | {
      readonly call: 'applySnapshotChunk'
      readonly result: keyof typeof applyResults
      readonly refetch: readonly number[]
      readonly rejectSenders: readonly string[]
    }
  | { readonly call: 'prepareProposal'; readonly transactions: readonly string[] }
  | { readonly call: 'processProposal' | 'verifyVoteExtension'; readonly status: 'accept' | 'reject' }
  | {
      readonly call: 'finalizeBlock'
      readonly results: readonly WireResult[]
      readonly validatorUpdates: readonly Validator[]
      readonly appHash: Uint8Array
    }

const offerResults = { accept: 1, abort: 2, reject: 3, reject_format: 4, reject_sender: 5 } as const
const applyResults = { accept: 1, abort: 2, retry: 3, retry_snapshot: 4, reject_snapshot: 5 } as const
const statuses = { accept: 1, reject: 2 } as const

const numbers = {
  exception: 1,
  echo: 2,
  flush: 3,
  info: 4,
  initChain: 6,
  query: 7,
  checkTx: 9,
  commit: 12,
  listSnapshots: 13,
  offerSnapshot: 14,
  loadSnapshotChunk: 15,
  applySnapshotChunk: 16,
  prepareProposal: 17,
  processProposal: 18,
  extendVote: 19,
  verifyVoteExtension: 20,
  finalizeBlock: 21,
} as const satisfies Record<AbciResponse['call'], number>

/** The codespace of our codes, which the logs of an engine show beside them. */
export const codespace = 'chengxin'

/** Writes a response behind its length, as the socket carries it. */
export function writeResponse(writer: WireWriter, response: AbciResponse): void {
  writer.delimited(() => writer.message(numbers[response.call], () => writeFields(writer, response)))
}

function writeFields(writer: WireWriter, response: AbciResponse): void {
  switch (response.call) {
    case 'exception':
      writer.text(1, response.error)
      return
    case 'echo':
      writer.text(1, response.message)
      return
    case 'flush':
    case 'commit':
    case 'extendVote':
      return
    case 'info':
      writer.text(1, codespace)
      writer.text(2, response.version)
      writer.integer(3, response.appVersion)
      writer.integer(4, response.height)
      writer.bytes(5, response.appHash)
      return
    case 'initChain':
      writeValidators(writer, 2, response.validators)
      writer.bytes(3, response.appHash)
      return
    case 'query':
      writer.integer(1, response.code)
      writer.text(3, response.log)
      return
    case 'checkTx':
      writer.integer(1, response.code)
      writer.text(3, response.log)
      writer.text(4, response.info)
      if (response.code !== 0) writer.text(8, codespace)
      return
    case 'prepareProposal':
      for (const transaction of response.transactions) writer.latin1(1, transaction)
      return
    case 'processProposal':
    case 'verifyVoteExtension':
      writer.integer(1, statuses[response.status])
      return
    case 'finalizeBlock':
      writeFinalizeBlock(writer, response)
      return
    default:
      writeSnapshotFields(writer, response)
  }
}

type Response<Call> = Extract<AbciResponse, { readonly call: Call }>

function writeFinalizeBlock(writer: WireWriter, response: Response<'finalizeBlock'>): void {
  for (const { code, data, log } of response.results) {
    writer.message(2, () => {
      writer.integer(1, code)
      writer.bytes(2, data)
      writer.text(3, log)
      if (code !== 0) writer.text(8, codespace)
    })
  }
  writeValidators(writer, 3, response.validatorUpdates)
  writer.bytes(5, response.appHash)
}

type SnapshotCall = 'listSnapshots' | 'offerSnapshot' | 'loadSnapshotChunk' | 'applySnapshotChunk'

function writeSnapshotFields(writer: WireWriter, response: Response<SnapshotCall>): void {
  switch (response.call) {
    case 'listSnapshots':
      for (const { height, format, chunks, hash, metadata } of response.snapshots) {
        writer.message(1, () => {
          writer.integer(1, height)
          writer.integer(2, format)
          writer.integer(3, chunks)
          writer.bytes(4, hash)
          writer.bytes(5, metadata)
        })
      }
      return
    case 'offerSnapshot':
      writer.integer(1, offerResults[response.result])
      return
    case 'loadSnapshotChunk':
      writer.bytes(1, response.chunk)
      return
    case 'applySnapshotChunk':
      writer.integer(1, applyResults[response.result])
      writer.packed(2, response.refetch)
      for (const sender of response.rejectSenders) writer.element(3, Buffer.from(sender))
  }
}

function writeValidators(writer: WireWriter, field: number, validators: readonly Validator[]): void {
  for (const { key, power } of validators) {
    writer.message(field, () => {
      writer.message(1, () => writer.bytes(1, Buffer.from(key, 'base64url')))
      writer.integer(2, power)
    })
  }
}
