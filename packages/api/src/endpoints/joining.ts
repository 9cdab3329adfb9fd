/**
 * What a member's node gives to one that joins or that was away: its snapshots with its word on each, the log as it lies
 * on disk, and headers of its engine. Nothing of it is believed for where it came from.
 */
import { createHash } from 'node:crypto'
import type { Ledger } from '@chengxin/ledger/face'
import { bytesAnswer, jsonAnswer } from '../answer.ts'
import { type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'
import { bytes, count, hash, lacking, list, object, text, timeMs } from '../schemas.ts'

const snapshot = object(
  { height: count, size: count, timeMs, hash, chunks: count, bytes: count },
  {
    signed: {
      ...object({ state: text, log: text }),
      description:
        'This member’s signed notes for the boundary: the root of the state (log `<origin>#state`), and of the log.',
    },
  },
)

/** Of one answer. Blocks are at most some megabytes; the first is always given. */
const rawBytes = 4 * 1024 * 1024
const rawBlocks = 512

/** What light clients of an engine ask, and the parameters that they give. */
const engineMethods: { readonly [method: string]: readonly string[] } = {
  commit: ['height'],
  validators: ['height', 'page', 'per_page'],
  consensus_params: ['height'],
}

const engineCall = object(
  { jsonrpc: text, id: {}, method: { type: 'string', enum: Object.keys(engineMethods) } },
  { params: { type: 'object', additionalProperties: { type: ['string', 'null'], maxLength: 20 } } },
)

const heightParam = { type: 'string', pattern: '^[0-9]{1,15}$' } as const
const countQuery = {
  count: {
    schema: { type: 'integer', minimum: 1, maximum: rawBlocks } as const,
    about: 'How many at most; fewer where they would be too many bytes.',
  },
}

export const joiningEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: `${groupPath}/snapshots`,
    id: 'listSnapshots',
    tag: 'log',
    summary: 'Snapshots of the state that this node keeps for members that join, newest first.',
    about:
      'The chunks travel between engines. A snapshot without `signed` is of a boundary that members have not agreed on yet. `lacking` says what this node itself has not fetched of the log.',
    access: 'open',
    answers: {
      200: {
        about: 'Newest first.',
        content: { 'application/json': object({ snapshots: list(snapshot) }, { lacking }) },
      },
    },
    refusals: [],
    answer: async (call) => {
      const { archive } = groupOf(call).ledger
      return jsonAnswer({ snapshots: archive.snapshots(), lacking: archive.lacking() })
    },
  },
  {
    method: 'GET',
    path: `${groupPath}/log/raw/{height}`,
    id: 'showRawBlocks',
    tag: 'log',
    summary:
      'Blocks as they lie in the log, one behind the other: leaves, events and times, each frame with its checksum.',
    access: 'policy',
    params: { height: heightParam },
    query: countQuery,
    answers: { 200: { about: 'Frames.', content: { 'application/octet-stream': bytes } } },
    refusals: ['not_found'],
    answer: async (call) => {
      const { blocks } = rawRange(groupOf(call).ledger, Number(call.params['height']), Number(call.query['count'] ?? 1))
      return blocks.length === 0 ? refusedWith('not_found') : bytesAnswer(Buffer.concat(blocks))
    },
  },
  {
    method: 'GET',
    path: `${groupPath}/log/raw/{height}/digest`,
    id: 'showRawDigest',
    tag: 'log',
    summary:
      'The SHA-256 of as many blocks, as they lie in the log: to compare what one member gave with what others have.',
    access: 'open',
    params: { height: heightParam },
    query: countQuery,
    answers: {
      200: {
        about: 'Over the bytes of all.',
        content: { 'application/json': object({ blocks: count, sha256: hash }) },
      },
    },
    refusals: ['not_found'],
    answer: async (call) => {
      const { blocks } = rawRange(groupOf(call).ledger, Number(call.params['height']), Number(call.query['count'] ?? 1))
      if (blocks.length === 0) return refusedWith('not_found')
      const sha256 = createHash('sha256').update(Buffer.concat(blocks)).digest('base64url')
      return jsonAnswer({ blocks: blocks.length, sha256 })
    },
  },
  {
    method: 'POST',
    path: `${groupPath}/engine`,
    id: 'askEngine',
    tag: 'log',
    summary: 'Headers, commits and validators as this member’s CometBFT tells them (JSON-RPC), for engines that join.',
    about: 'Three questions of CometBFT’s RPC and no others. Whoever asks checks the signatures.',
    access: 'open',
    body: { limit: 4096, content: { 'application/json': engineCall } },
    answers: { 200: { about: 'A JSON-RPC answer.', content: { 'application/json': { type: 'object' } } } },
    refusals: ['not_found', 'catching_up'],
    answer: async (call) => {
      const { id, method, params = {} } = call.body as EngineCall
      const given = Object.entries(params).filter(([name, value]) => engineMethods[method]?.includes(name) && value)
      const asked = groupOf(call).ledger.archive.askEngine(method, Object.fromEntries(given))
      if (asked === undefined) return refusedWith('not_found')
      const answer = await asked.catch(() => undefined)
      if (answer === undefined) return refusedWith('catching_up')
      const answered = 'result' in answer ? answer : { error: { code: -32_603, ...answer.error } }
      // As it came: an engine's answers are not ours to spell anew.
      const body = JSON.stringify({ ...answered, jsonrpc: '2.0', id })
      return { status: 200, mediaType: 'application/json', caching: 'never', body }
    },
  },
]

interface EngineCall {
  readonly id: unknown
  readonly method: string
  readonly params?: { readonly [name: string]: string | null }
}

/** Blocks from a height on, as many as one answer holds: the same on all members, so that digests can be compared. */
function rawRange({ archive }: Ledger, height: number, count: number): { readonly blocks: readonly Uint8Array[] } {
  const blocks: Uint8Array[] = []
  let length = 0
  while (blocks.length < count && length < rawBytes) {
    const block = archive.rawBlock(height + blocks.length)
    if (block === undefined) break
    blocks.push(block)
    length += block.length
  }
  return { blocks }
}
