import { encodeEntryBundle, parseVkey, sha256 } from '@chengxin/crypto'
import { expectOk, toUtf8 } from '@chengxin/kernel'
import { actor, createCertificateCity, startMs } from '@chengxin/testkit/certificate-city'
import { afterAll, describe, expect, test } from 'vitest'
import { auditLog, type FetchResource, type LogAuditOptions, type LogFault, logFaults } from './log.ts'

const size = 600
const city = createCertificateCity(size)
const { log, group } = city
const policy = {
  origin: log.origin,
  logKeys: log.logKeys.map((vkey) => expectOk(parseVkey(sha256, vkey))),
  logThreshold: 1,
  cosignerKeys: log.cosigners.map((vkey) => expectOk(parseVkey(sha256, vkey))),
  cosignerThreshold: 2,
}

const serve: FetchResource = async (path) => log.resource(path)
/** The log with one resource replaced or taken away. */
const serving = (changed: string, make: (bytes: Uint8Array) => Uint8Array | undefined): FetchResource => {
  return async (path) => (path === changed ? make(log.resource(path) as Uint8Array) : log.resource(path))
}
const reached = new Set<string>()

async function read(fetchResource: FetchResource, options: Partial<LogAuditOptions> = {}) {
  const report = await auditLog(fetchResource, { policy, group, ...options })
  if (report.fault) reached.add(report.fault)
  return report
}

describe('a log that is what it says', () => {
  test('is read to its end and found to continue what was seen before', async () => {
    const earlier = [1, 255, 256, 257, 599, 600].map((seen) => log.checkpoint({ size: seen }))
    const progress: number[] = []
    const report = await read(serve, { earlier, onProgress: (leaves) => progress.push(leaves) })
    expect(report).toMatchObject({ sound: true, origin: log.origin, size, cosignatures: 3, refused: 0 })
    expect(report.continues).toEqual([1, 255, 256, 257, 599, 600])
    expect(progress).toEqual([256, 512, 600])
  })

  test('counts refused transactions as history', async () => {
    const other = createCertificateCity(0)
    other.append(other.transaction(actor('a'), [{ type: 'points.transfer', args: {} }]), { code: 'balance_too_low' })
    const report = await auditLog(async (path) => other.log.resource(path), { policy, group: other.group })
    expect(report).toMatchObject({ sound: true, size: 1, refused: 1 })
  })
})

const flipped = (at: number) => (bytes: Uint8Array) => {
  const changed = bytes.slice()
  changed[at] = (changed[at] as number) ^ 1
  return changed
}

/** A log of its own whose last leaf is what the case wants. */
function logWith(change: object, jws?: string): FetchResource {
  const other = createCertificateCity(3)
  other.append(jws ?? other.transaction(actor('a'), [{ type: 'x.y', args: {} }]), change as never)
  return async (path) => other.log.resource(path)
}

test.each<[string, LogFault, string | undefined, FetchResource, Partial<LogAuditOptions>?]>([
  ['no checkpoint', 'checkpoint_missing', undefined, serving('checkpoint', () => undefined)],
  [
    'a checkpoint that nobody signed',
    'checkpoint_refused',
    'note_signature_invalid',
    serving('checkpoint', (bytes) => toUtf8(new TextDecoder().decode(bytes).replace('600', '599'))),
  ],
  [
    'a checkpoint without its quorum',
    'checkpoint_refused',
    'cosignatures_too_few',
    serving('checkpoint', () => toUtf8(log.checkpoint({ cosigners: 1 }))),
  ],
  [
    'an earlier checkpoint of another log',
    'earlier_checkpoint_refused',
    'checkpoint_of_other_log',
    serve,
    { earlier: [log.checkpoint({ origin: 'city.example/other' })] },
  ],
  [
    'a log that became shorter',
    'history_rewritten',
    '500',
    serving('checkpoint', () => toUtf8(log.checkpoint({ size: 500 }))),
    { earlier: [log.checkpoint()] },
  ],
  [
    'another history',
    'history_rewritten',
    '300',
    serve,
    { earlier: [log.checkpoint({ size: 300, root: new Uint8Array(32) })] },
  ],
  [
    'another beginning',
    'history_rewritten',
    '0',
    serve,
    { earlier: [log.checkpoint({ size: 0, root: new Uint8Array(32) })] },
  ],
  ['missing entries', 'entries_missing', 'tile/entries/001', serving('tile/entries/001', () => undefined)],
  [
    'entries cut short',
    'entries_malformed',
    'tile/entries/002.p/88',
    serving('tile/entries/002.p/88', (bytes) => bytes.subarray(0, -1)),
  ],
  [
    'an entry too few',
    'entries_malformed',
    'tile/entries/000',
    serving('tile/entries/000', (bytes) => bytes.subarray(2 + (((bytes[0] as number) << 8) | (bytes[1] as number)))),
  ],
  ['a leaf that is no JSON', 'leaf_malformed', '0', serving('tile/entries/000', flipped(2))],
  [
    'entries of one byte',
    'leaf_malformed',
    '0',
    serving('tile/entries/000', () => encodeEntryBundle(new Array(256).fill(toUtf8('x')))),
  ],
  ['a leaf with a member too many', 'leaf_malformed', '3', logWith({ more: 1 })],
  ['a transaction of another group', 'leaf_of_other_group', '0', serve, { group: 'A'.repeat(43) }],
  ['a leaf without a transaction', 'leaf_of_other_group', '3', logWith({}, 'x')],
  ['a block that goes back', 'leaf_out_of_order', '3', logWith({ height: 2 })],
  ['a place that is taken', 'leaf_out_of_order', '3', logWith({ height: 3 })],
  ['a time that goes back', 'leaf_out_of_order', '3', logWith({ timeMs: startMs })],
  ['a missing tile', 'tile_missing', 'tile/1/000.p/2', serving('tile/1/000.p/2', () => undefined)],
  ['a full tile with a flipped bit', 'tile_differs', 'tile/0/001', serving('tile/0/001', flipped(77))],
  ['a partial tile with a flipped bit', 'tile_differs', 'tile/0/002.p/88', serving('tile/0/002.p/88', flipped(0))],
  [
    'a root that the entries do not have',
    'root_differs',
    undefined,
    serving('checkpoint', () => toUtf8(log.checkpoint({ root: new Uint8Array(32) }))),
  ],
])('%s: %s', async (_case, fault, at, fetchResource, options) => {
  expect(await read(fetchResource, options)).toEqual({ sound: false, fault, ...(at !== undefined && { at }) })
})

afterAll(() => {
  const missing = Object.keys(logFaults).filter((fault) => !reached.has(fault))
  if (missing.length > 0) throw new Error(`No case reaches ${missing.join(', ')}.`)
})
