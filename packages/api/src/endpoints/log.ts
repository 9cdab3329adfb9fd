/** The log as C2SP describes it: a signed checkpoint and tiles, read by tools that we did not write. */
import { bytesAnswer, textAnswer } from '../answer.ts'
import { type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'
import { bytes, text } from '../schemas.ts'

/** C2SP tlog-tiles, paths: level, then the index in groups of three digits, then the width of a partial tile. */
const tilePath = '(x[0-9]{3}/){0,6}[0-9]{3}(\\.p/[0-9]{1,3})?$'

export const logEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: `${groupPath}/log/checkpoint`,
    id: 'showCheckpoint',
    tag: 'log',
    summary: 'The newest checkpoint that a quorum of members has cosigned (C2SP tlog-checkpoint).',
    about: 'With every cosignature that was collected, those of outside witnesses too.',
    access: 'open',
    crossOrigin: true,
    answers: { 200: { about: 'A signed note.', content: { 'text/plain': text } } },
    refusals: [],
    answer: async (call) => {
      const { ledger, witnessing } = groupOf(call)
      return textAnswer(witnessing?.checkpoint() ?? ledger.checkpoint())
    },
  },
  {
    method: 'GET',
    path: `${groupPath}/log/tile/entries/{path}`,
    rest: 'path',
    id: 'showEntryBundle',
    tag: 'log',
    summary: 'A bundle of leaves (C2SP tlog-tiles, entry bundles). Leaves follow the group’s read policy.',
    access: 'policy',
    crossOrigin: true,
    params: { path: { type: 'string', pattern: `^${tilePath}` } },
    answers: { 200: { about: 'The bundle.', content: { 'application/octet-stream': bytes } } },
    refusals: ['not_found'],
    answer: async (call) =>
      tileAnswer(groupOf(call).ledger.tile(`tile/entries/${call.params['path']}`), call.params['path']),
  },
  {
    method: 'GET',
    path: `${groupPath}/log/tile/{path}`,
    rest: 'path',
    id: 'showTile',
    tag: 'log',
    summary: 'A tile of hashes (C2SP tlog-tiles).',
    access: 'open',
    crossOrigin: true,
    params: { path: { type: 'string', pattern: `^[0-9]{1,2}/${tilePath}` } },
    answers: { 200: { about: 'The tile.', content: { 'application/octet-stream': bytes } } },
    refusals: ['not_found'],
    answer: async (call) => tileAnswer(groupOf(call).ledger.tile(`tile/${call.params['path']}`), call.params['path']),
  },
]

/** A tile never changes. A partial one may be gone once the full one is there, so it is not kept for ever. */
function tileAnswer(tile: Uint8Array | undefined, path = '') {
  if (tile === undefined) return refusedWith('not_found')
  return bytesAnswer(tile, { caching: path.includes('.p/') ? 'hour' : 'forever' })
}
