/** Both sides of C2SP tlog-witness: this node asks a witness, and is one. */
import { addSignatures, noteSignatureTypes, parseNote, sha256, verifyCosignatures } from '@chengxin/crypto'
import { createVerifier } from '@chengxin/crypto/node'
import { expectOk, toUtf8 } from '@chengxin/kernel'
import { noteSigner } from '@chengxin/testkit/test-log'
import { memberLog, sceneOrigin, signersOf } from '@chengxin/testkit/witness-scene'
import { expect, test } from 'vitest'
import { keptInMemory } from '../kept-file.ts'
import { encodeAddCheckpoint } from './add-checkpoint.ts'
import { askWitness } from './outside-witness.ts'
import { type WitnessAnswer, WitnessDesk, type WitnessedLogs } from './witness-desk.ts'

const { verify } = createVerifier()
const signer = noteSigner('witness.example', noteSignatureTypes.cosignature, 'outside witness')

function openDesk() {
  const kept = keptInMemory<WitnessedLogs>()
  const logs = [{ origin: sceneOrigin, keys: [signersOf('member_a').log.key] }]
  return { kept, desk: new WitnessDesk({ signer, logs, kept, verify, nowMs: () => 1_760_000_000_000 }) }
}

function openLog(...entries: readonly string[]) {
  const log = memberLog('member_a', ['member_a'], 1)
  log.append(...entries)
  return log
}

/** The desk behind an address, as `fetch` sees it. */
function fetchOf(desk: WitnessDesk): typeof fetch {
  return (async (url: string, request: RequestInit) => {
    expect(url).toBe('https://witness.example/w/add-checkpoint')
    const { status, mediaType, body } = await desk.addCheckpoint(request.body as string)
    return new Response(body, { status, headers: { 'content-type': mediaType } })
  }) as typeof fetch
}

const treeOf = (log: ReturnType<typeof openLog>) => ({ size: log.head().size, note: log.checkpoint() })

test('a witness cosigns what continues, is told from where, and remembers it', async () => {
  const { desk, kept } = openDesk()
  const log = openLog('one', 'two')
  const witness = { url: 'https://witness.example/w/', key: signer.key }
  const options = { log, witness, verify, signal: new AbortController().signal, fetch: fetchOf(desk) }
  expect(await askWitness(treeOf(log), 0, options)).toHaveProperty('signature')
  log.append('three', 'four', 'five')
  // Whoever has forgotten what it showed last is told, and asks again from there.
  const gave = await askWitness(treeOf(log), 0, options)
  if (!('signature' in gave)) throw new Error(gave.fault)
  const note = expectOk(parseNote(expectOk(addSignatures(log.checkpoint(), [gave.signature]))))
  expect(verifyCosignatures(note, [signer.key], verify)).toEqual([{ key: signer.key, timeSeconds: 1_760_000_000 }])
  expect((await kept.load())?.[sceneOrigin]).toMatchObject({ size: 5, note: log.checkpoint() })
})

const withLog = openLog('one', 'two', 'three')
const forged = openLog('one', 'forged', 'three')
const longer = openLog('one', 'two', 'three', 'four')
const otherSigner = memberLog('member_b', ['member_b'], 1)
otherSigner.append('one', 'two', 'three')
const notes = [withLog, forged, longer, otherSigner].map((log) => log.checkpoint()) as [string, string, string, string]
const request = (oldSize: number, note: string, hashes: readonly Uint8Array[] = []) =>
  encodeAddCheckpoint({ oldSize, hashes, note })
const linked = longer.consistency(3, 4) ?? []

test.each<[string, string, WitnessAnswer['status'], string]>([
  ['no request', 'nothing', 400, 'request_malformed\n'],
  ['a request without a note', 'old 3\n\nnothing', 400, 'request_malformed\n'],
  ['a log that is not watched', request(0, notes[0].replaceAll(sceneOrigin, 'x.example')), 404, 'log_not_watched\n'],
  ['a checkpoint that another signed', request(3, notes[3]), 403, 'checkpoint_not_signed\n'],
  ['a changed checkpoint', request(3, notes[0].replace('\n3\n', '\n4\n')), 403, 'checkpoint_not_signed\n'],
  ['an old size beyond the new', request(9, notes[0]), 400, 'old_size_too_large\n'],
  ['another size than it cosigned', request(1, notes[2], linked), 409, '3\n'],
  ['another root of the same size', request(3, notes[1]), 409, '3\n'],
  ['a tree that is not linked', request(3, notes[2]), 422, 'not_consistent\n'],
  ['a tree with a wrong link', request(3, notes[2], [sha256(toUtf8('x'))]), 422, 'not_consistent\n'],
])('%s is not cosigned', async (_case, body, status, answered) => {
  const { desk, kept } = openDesk()
  await desk.addCheckpoint(request(0, notes[0]))
  const before = await kept.load()
  expect(await desk.addCheckpoint(body)).toMatchObject({ status, body: answered })
  expect(await kept.load()).toEqual(before)
})

test('what it cosigned can be asked again, and two askers at once get one answer between them', async () => {
  const { desk } = openDesk()
  const both = await Promise.all([request(0, notes[0]), request(0, notes[1])].map((body) => desk.addCheckpoint(body)))
  expect(both.map(({ status }) => status)).toEqual([200, 409])
  expect(await desk.addCheckpoint(request(3, notes[0]))).toMatchObject({ status: 200 })
})
