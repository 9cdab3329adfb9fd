/** What an API shows of members that witness each other: real trees, signatures and quorums behind it, no network. */
import { encodeContradiction } from '@chengxin/audit'
import { noteSignatureTypes, parseCoseReceipt, sha256, signCheckpoint } from '@chengxin/crypto'
import { createVerifier } from '@chengxin/crypto/node'
import { expectOk, toUtf8 } from '@chengxin/kernel'
import { keptInMemory } from '@chengxin/services'
import { WitnessDesk, type WitnessedLogs } from '@chengxin/services/witness'
import { type ApiScene, openApiScene } from '@chengxin/testkit/api-scene'
import { createMemoryLedger, memoryGenesis } from '@chengxin/testkit/memory-ledger'
import { noteSigner } from '@chengxin/testkit/test-log'
import { openWitnessScene, sceneOrigin, signersOf, type WitnessScene } from '@chengxin/testkit/witness-scene'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

const members = ['member_a', 'member_b', 'member_c']
const eventually = { timeout: 60_000, interval: 10 }
const { groupId } = createMemoryLedger({ genesis: memoryGenesis({ readPolicy: 'public' }) })
const desk = () =>
  new WitnessDesk({
    signer: noteSigner('witness.example', noteSignatureTypes.cosignature, 'api witness'),
    logs: [{ origin: sceneOrigin, keys: [signersOf('member_a').log.key] }],
    kept: keptInMemory<WitnessedLogs>(),
    verify: createVerifier().verify,
    nowMs: () => 1_760_000_000_000,
  })

let town: WitnessScene
let ground: ApiScene
let scene: ApiScene
beforeAll(async () => {
  ground = await openApiScene()
}, 120_000)
afterAll(() => ground.close())
beforeEach(async () => {
  town = await openWitnessScene(members, 2)
  const [own] = town.nodes
  if (own === undefined) throw new Error('The scene has members.')
  scene = await openApiScene({ over: ground, options: { witnessing: new Map([[groupId, own]]), witnessDesk: desk() } })
})
afterEach(async () => {
  await scene.close()
  await town.close()
})

const get = (path: string) => scene.ask('GET', `${scene.base}${path}`)
const commit = (...entries: readonly string[]) => town.logs.forEach((log) => log.append(...entries))
/** The scene's entries are their own ids, and an address takes hashes alone. */
const entry = (letter: string) => `${letter.repeat(42)}A`

test('a receipt and the checkpoint carry the quorum', async () => {
  commit(entry('r'))
  const { statusCode, body } = await get(`/receipts/${entry('r')}?waitMs=20000`)
  expect([statusCode, body.split('\n')[0]]).toEqual([200, 'c2sp.org/tlog-proof@v1'])
  expect(body.match(/^— .*\/member_/gm)?.length).toBeGreaterThanOrEqual(2)
  expect((await get('/log/checkpoint')).body).toContain(`${sceneOrigin}/member_a`)
})

test('a COSE receipt carries it too', async () => {
  commit(entry('r'))
  const answer = await get(`/receipts/${entry('r')}?waitMs=20000&format=cose`)
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/cose'])
  const { checkpoint, leaf } = expectOk(parseCoseReceipt(new Uint8Array(answer.rawPayload)))
  expect(checkpoint?.match(/^— .*\/member_/gm)?.length).toBeGreaterThanOrEqual(2)
  expect(leaf).toEqual(toUtf8(entry('r')))
})

test('without the quorum a receipt waits, and then says who is missing', async () => {
  for (const away of members) town.away.add(away)
  commit(entry('r'))
  const answer = await get(`/receipts/${entry('r')}?waitMs=50`)
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('1')
  expect(answer.json()).toMatchObject({ code: 'receipt_quorum_pending', needed: 2, missing: ['member_b', 'member_c'] })
  expect((await get(`/receipts/${entry('x')}?waitMs=0`)).statusCode).toBe(404)
})

test('cosignatures are held back until there are new ones', async () => {
  const waiting = get('/log/cosignatures?from=0&waitMs=20000')
  commit(entry('c'))
  const answer = (await waiting).json<{ size: number; checkpoints: string[] }>()
  expect(answer).toMatchObject({ memberId: 'member_a', size: 1, version: '0.0.0-test' })
  expect(answer.checkpoints).toEqual([town.logs[0]?.checkpoint()])
  expect((await get('/log/cosignatures?from=1&waitMs=0')).json()).toMatchObject({ checkpoints: [] })
  expect((await get('/log/cosignatures?from=-2')).statusCode).toBe(400)
})

test('the consortium is shown, and measured', async () => {
  commit(entry('s'))
  await vi.waitFor(async () => {
    const { members: shown } = (await get('/consortium')).json<{ members: { contact: string }[] }>()
    expect(shown.map(({ contact }) => contact)).toEqual(['self', 'heard', 'heard'])
  }, eventually)
  const { body } = await scene.ask('GET', '/metrics')
  expect(body).toContain(`chengxin_member_heard{group="${groupId}",member="member_b"} 1`)
  expect(body).toContain(`chengxin_log_contradictions{group="${groupId}"} 0`)
})

test('a state root that members signed is served as a note', async () => {
  expect((await get('/log/state-checkpoint')).statusCode).toBe(404)
  town.logs[0]?.setState(16, 'agreed')
  expect((await get('/log/state-checkpoint')).body).toContain(`${sceneOrigin}#state\n16\n`)
})

test('a contradiction is shown with its proof, and is an alarm', async () => {
  expect((await get('/log/contradictions')).json()).toEqual({ contradictions: [] })
  const told = (root: string) =>
    signCheckpoint({ origin: sceneOrigin, size: 9, root: sha256(toUtf8(root)), extensions: [] }, [
      signersOf('member_b').log,
    ])
  const proof = encodeContradiction({ notes: [told('one'), told('other')] })
  town.nodes[0]?.group.heardContradiction(proof)
  // What proves nothing is not kept.
  town.nodes[0]?.group.heardContradiction(encodeContradiction({ notes: [told('one'), told('one')] }))
  const { contradictions } = (await get('/log/contradictions')).json<{ contradictions: { id: string }[] }>()
  expect(contradictions).toMatchObject([{ kind: 'two_roots', sizes: [9, 9], equivocating: ['member_b'] }])
  expect((await get(`/log/contradictions/${contradictions[0]?.id}`)).body).toBe(proof)
  expect((await get(`/log/contradictions/${entry('x')}`)).statusCode).toBe(404)
  const health = (await scene.ask('GET', '/health')).json()
  expect(health).toMatchObject({ status: 'degraded', groups: [{ alarms: ['log_contradiction'] }] })
})

test('a log may ask this node to witness it, as C2SP says', async () => {
  commit(entry('w'))
  const note = town.logs[0]?.checkpoint() ?? ''
  const post = (body: string) =>
    scene.ask('POST', '/witness/add-checkpoint', { body, headers: { 'content-type': 'text/plain' } })
  const given = await post(`old 0\n\n${note}`)
  expect([given.statusCode, given.body.startsWith('— witness.example ')]).toEqual([200, true])
  commit(entry('v'))
  const conflict = await post(`old 0\n\n${town.logs[0]?.checkpoint()}`)
  expect([conflict.statusCode, conflict.headers['content-type'], conflict.body]).toEqual([
    409,
    'text/x.tlog.size',
    '1\n',
  ])
  expect((await post('nothing')).statusCode).toBe(400)
})

test('where nobody witnesses, these addresses have nothing, and receipts are given at once', async () => {
  const alone = await openApiScene({ over: ground })
  for (const path of ['/log/cosignatures', '/log/contradictions', '/consortium', '/log/state-checkpoint']) {
    expect((await alone.ask('GET', `${alone.base}${path}`)).statusCode).toBe(404)
  }
  await alone.close()
})
