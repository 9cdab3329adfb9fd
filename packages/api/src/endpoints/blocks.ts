/** Blocks: lists, one block, and new ones as they are committed. */
import type { CommittedBlock, Sql } from '@chengxin/module-kit'
import { jsonAnswer } from '../answer.ts'
import { type Call, type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'
import type { LiveStreams } from '../live-streams.ts'
import { blockDetail, blockSummary, limitQuery, pageOf } from '../schemas.ts'

const height = { type: 'string', pattern: '^(0|[1-9][0-9]{0,14})$' } as const
const usualLimit = 50

export function blockEndpoints(streams: LiveStreams): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: `${groupPath}/blocks`,
      id: 'listBlocks',
      tag: 'log',
      summary: 'Blocks, newest first.',
      access: 'policy',
      query: { limit: limitQuery, before: { schema: height, about: 'Only blocks below this height.' } },
      answers: { 200: { about: 'A page.', content: { 'application/json': pageOf('blocks', blockSummary) } } },
      refusals: ['read_model_unavailable'],
      answer: async (call) => jsonAnswer(await listBlocks(groupOf(call).projection.sql, call.query)),
    },
    {
      method: 'GET',
      path: `${groupPath}/blocks/{height}`,
      id: 'showBlock',
      tag: 'log',
      summary: 'One block with its transactions.',
      access: 'policy',
      params: { height },
      answers: { 200: { about: 'The block.', content: { 'application/json': blockDetail } } },
      refusals: ['not_found'],
      answer: async (call) => {
        const block = groupOf(call).ledger.block(Number(call.params['height']))
        return block === undefined ? refusedWith('not_found') : jsonAnswer(shownBlock(block), { caching: 'forever' })
      },
    },
    {
      method: 'GET',
      path: `${groupPath}/events`,
      id: 'followBlocks',
      tag: 'log',
      summary: 'New blocks as server-sent events, without end.',
      about:
        'Each event has the name `block`, the height as its id and `{height, timeMs, size, transactions: [{id, code, signer, types, leafIndex}]}` as data. With `Last-Event-ID` (or `after`) the stream begins with the block after that one; without, with the next one to come. A reader that takes nothing for a while is let go, and so is one whose read token has ended; both may come back to where they were.',
      access: 'policy',
      query: { after: { schema: height, about: 'Begin after this height.' } },
      answers: { 200: { about: 'The stream.', content: { 'text/event-stream': {} } } },
      refusals: ['too_many_listeners', 'request_malformed'],
      answer: async () => refusedWith('not_found'),
      stream: (call, reply) => {
        const { ledger } = groupOf(call)
        const after = startOf(call)
        if (after === 'malformed') return refusedWith('request_malformed', { at: '/headers/last-event-id' })
        const full = streams.refusal(call.address)
        if (full !== undefined) return refusedWith(full, { retryAfterMs: 5000 })
        const head = ledger.head().height
        // Whoever names a block that is yet to come has another ledger in mind; it is told what comes next here.
        const from = after === undefined ? head + 1 : Math.min(after, head) + 1
        reply.hijack()
        const { raw } = reply
        raw.writeHead(200, {
          ...(reply.getHeaders() as Record<string, string>),
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        streams.serve(ledger, from, call.address, raw, call.readableForMs)
        return undefined
      },
    },
  ]
}

function startOf({ headers, query }: Call): number | undefined | 'malformed' {
  const named = headers['last-event-id'] ?? query['after']
  if (named === undefined || named === '') return undefined
  return new RegExp(height.pattern).test(named) ? Number(named) : 'malformed'
}

async function listBlocks(sql: Sql, query: { readonly [name: string]: string | undefined }) {
  const limit = Number(query['limit'] ?? usualLimit)
  const before = query['before'] === undefined ? 2n ** 62n : BigInt(query['before'])
  const statement = 'SELECT * FROM ledger_blocks WHERE height < $1 ORDER BY height DESC LIMIT $2'
  const rows = await sql.query(statement, [before, limit + 1])
  const blocks = rows.slice(0, limit).map((row) => ({
    height: Number(row['height']),
    timeMs: Number(row['time_ms']),
    firstLeaf: Number(row['first_leaf']),
    size: Number(row['first_leaf']) + Number(row['transactions']),
    transactions: Number(row['transactions']),
    refused: Number(row['refused']),
    agreedHash: row['agreed_hash'],
    root: row['root'],
  }))
  return { blocks, next: rows.length > limit ? String(blocks.at(-1)?.height) : undefined }
}

function shownBlock(block: CommittedBlock) {
  const { height: blockHeight, timeMs, firstLeaf, agreedHash, root, transactions, genesisEvents } = block
  return {
    height: blockHeight,
    timeMs,
    firstLeaf,
    size: firstLeaf + transactions.length,
    agreedHash,
    root,
    genesisEvents,
    transactions: transactions.map(({ id, position, leafIndex, code, signer, types, events }) => ({
      id,
      height: blockHeight,
      position,
      leafIndex,
      timeMs,
      code,
      signer,
      types,
      events,
    })),
  }
}
