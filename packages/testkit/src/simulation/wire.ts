/**
 * Every call of a history as bytes, framed as on an engine's socket. The engine's side of them is written and read by the
 * codec of others (cosmjs-types), so that ours is held to it at every call, with whatever a history brings along.
 */
import { FrameReader } from '@chengxin/ledger/ordering/cometbft/framing'
import {
  type AbciRequest,
  decodeRequest,
  type Misbehaviour,
  type Vote,
} from '@chengxin/ledger/ordering/cometbft/requests'
import { type AbciResponse, writeResponse } from '@chengxin/ledger/ordering/cometbft/responses'
import { WireWriter } from '@chengxin/ledger/ordering/cometbft/wire'
import { Request, Response, type ValidatorUpdate } from 'cosmjs-types/tendermint/abci/types'

const longestFrame = 64 * 1024 * 1024
const flags: readonly Vote['flag'][] = ['unknown', 'absent', 'commit', 'nil']
const misbehaviours: readonly Misbehaviour['type'][] = ['unknown', 'duplicate_vote', 'light_client_attack']

type Asked<Call extends AbciRequest['call']> = Extract<AbciRequest, { readonly call: Call }>
type Block = Asked<'prepareProposal' | 'processProposal' | 'finalizeBlock'>

/** The request as the driver gets it from an engine. */
export function sentByEngine(request: AbciRequest): AbciRequest {
  const asked: object = { [request.call]: fieldsOf(request) }
  const written = Request.encode(Request.fromPartial(asked as Record<string, never>)).finish()
  const writer = new WireWriter()
  writer.frame(written)
  return decodeRequest(framed(writer))
}

/** The answer as an engine gets it. */
export function readByEngine(response: AbciResponse): AbciResponse {
  const writer = new WireWriter()
  writeResponse(writer, response)
  return answerOf(Response.decode(framed(writer)))
}

/** In two pieces, as a socket may bring it. */
function framed(writer: WireWriter): Buffer {
  const bytes = writer.take()
  const frames = new FrameReader(longestFrame)
  const half = bytes.length >> 1
  frames.add(bytes.subarray(0, half))
  const early = frames.take()
  frames.add(bytes.subarray(half))
  const frame = frames.take()
  if (early !== undefined || frame === undefined || frames.take() !== undefined)
    throw new Error('One frame was written.')
  return frame
}

function fieldsOf(request: AbciRequest): object {
  switch (request.call) {
    case 'info':
      return { version: request.version, abciVersion: request.abciVersion }
    case 'initChain':
      return {
        time: timeOf(request.timeMs),
        chainId: request.chainId,
        initialHeight: BigInt(request.initialHeight),
        validators: request.validators.map(({ key, power }) => ({
          pubKey: { ed25519: Buffer.from(key, 'base64url') },
          power: BigInt(power),
        })),
      }
    case 'checkTx':
      return { tx: Buffer.from(request.transaction, 'latin1'), type: Number(request.kind === 'recheck') }
    case 'prepareProposal':
      return { ...blockOf(request), maxTxBytes: BigInt(request.maxBytes), localLastCommit: commitOf(request) }
    case 'processProposal':
      return { ...blockOf(request), proposedLastCommit: commitOf(request) }
    case 'finalizeBlock':
      return { ...blockOf(request), decidedLastCommit: commitOf(request) }
    case 'commit':
    case 'listSnapshots':
      return {}
    case 'offerSnapshot': {
      const { snapshot, appHash } = request
      return { snapshot: { ...snapshot, height: BigInt(snapshot.height) }, appHash }
    }
    case 'loadSnapshotChunk':
      return { height: BigInt(request.height), format: request.format, chunk: request.chunk }
    case 'applySnapshotChunk':
      return { index: request.index, chunk: request.chunk, sender: request.sender }
    default:
      throw new Error(`No history has the call ${request.call}.`)
  }
}

function blockOf({ height, timeMs, transactions, proposer, hash, misbehaviour }: Block): object {
  return {
    txs: transactions.map((text) => Buffer.from(text, 'latin1')),
    height: BigInt(height),
    time: timeOf(timeMs),
    hash,
    proposerAddress: Buffer.from(proposer, 'hex'),
    misbehavior: misbehaviour.map((one) => ({
      type: misbehaviours.indexOf(one.type),
      validator: validatorOf(one),
      height: BigInt(one.height),
      time: timeOf(one.timeMs),
      totalVotingPower: BigInt(one.totalPower),
    })),
  }
}

function commitOf({ lastCommit: { round, votes } }: Block): object {
  return {
    round,
    votes: votes.map((vote) => ({ validator: validatorOf(vote), blockIdFlag: flags.indexOf(vote.flag) })),
  }
}

function validatorOf({ address, power }: { readonly address: string; readonly power: number }): object {
  return { address: Buffer.from(address, 'hex'), power: BigInt(power) }
}

/** Engines count nanoseconds, which blocks here do not know. */
function timeOf(timeMs: number): object {
  return { seconds: BigInt(Math.floor(timeMs / 1_000)), nanos: (timeMs % 1_000) * 1_000_000 + 999_999 }
}

function answerOf(answer: Response): AbciResponse {
  const { exception, info, initChain, checkTx, prepareProposal, processProposal, finalizeBlock, commit } = answer
  if (exception) return { call: 'exception', error: exception.error }
  if (info) {
    const { version, appVersion, lastBlockHeight, lastBlockAppHash: appHash } = info
    return { call: 'info', version, appVersion: Number(appVersion), height: Number(lastBlockHeight), appHash }
  }
  if (initChain) {
    return { call: 'initChain', validators: updatesOf(initChain.validators), appHash: initChain.appHash }
  }
  if (checkTx) return { call: 'checkTx', code: checkTx.code, log: checkTx.log, info: checkTx.info }
  if (prepareProposal) {
    return {
      call: 'prepareProposal',
      transactions: prepareProposal.txs.map((tx) => Buffer.from(tx).toString('latin1')),
    }
  }
  if (processProposal) {
    const status: number = processProposal.status
    if (status !== 1 && status !== 2) throw new Error(`An engine halts at the status ${status} of a proposal.`)
    return { call: 'processProposal', status: status === 1 ? 'accept' : 'reject' }
  }
  if (finalizeBlock) {
    const { txResults, validatorUpdates, appHash } = finalizeBlock
    const results = txResults.map(({ code, data, log }) => ({ code, data, log }))
    return { call: 'finalizeBlock', results, validatorUpdates: updatesOf(validatorUpdates), appHash }
  }
  if (commit) return { call: 'commit' }
  return snapshotAnswerOf(answer)
}

/** As the engine numbers them; zero is no answer. */
const offerResults = [undefined, 'accept', 'abort', 'reject', 'reject_format', 'reject_sender'] as const
const applyResults = [undefined, 'accept', 'abort', 'retry', 'retry_snapshot', 'reject_snapshot'] as const

function snapshotAnswerOf({
  listSnapshots,
  loadSnapshotChunk,
  offerSnapshot,
  applySnapshotChunk,
}: Response): AbciResponse {
  if (listSnapshots) {
    const snapshots = listSnapshots.snapshots.map((one) => ({ ...one, height: Number(one.height) }))
    return { call: 'listSnapshots', snapshots }
  }
  if (loadSnapshotChunk) return { call: 'loadSnapshotChunk', chunk: loadSnapshotChunk.chunk }
  const offered = offerSnapshot && offerResults.at(offerSnapshot.result)
  if (offered !== undefined) return { call: 'offerSnapshot', result: offered }
  const applied = applySnapshotChunk && applyResults.at(applySnapshotChunk.result)
  if (applySnapshotChunk !== undefined && applied !== undefined) {
    const { refetchChunks: refetch, rejectSenders } = applySnapshotChunk
    return { call: 'applySnapshotChunk', result: applied, refetch, rejectSenders }
  }
  throw new Error('An engine gets an answer that answers nothing.')
}

function updatesOf(updates: readonly ValidatorUpdate[]) {
  return updates.map(({ pubKey, power }) => {
    return { key: Buffer.from(pubKey.ed25519 ?? []).toString('base64url'), power: Number(power) }
  })
}
