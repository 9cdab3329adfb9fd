/** Members witness each other over logs with real trees and signatures; only the network between them is a function. */
import { openContradiction, webPlatform } from '@chengxin/audit'
import { createTreeHasher, openStateCheckpoint, sha256, verifyTlogProof } from '@chengxin/crypto'
import { createVerifier } from '@chengxin/crypto/node'
import { expectOk, isRefusal } from '@chengxin/kernel'
import { groupMember, openWitnessScene, sceneOrigin, type WitnessScene } from '@chengxin/testkit/witness-scene'
import { afterEach, expect, test, vi } from 'vitest'
import { keysOfMember } from './own-log.ts'

const members = ['member_a', 'member_b', 'member_c', 'member_d']
const keys = members.map((memberId) => keysOfMember(sceneOrigin, groupMember(memberId)))
const signerKeys = {
  origin: sceneOrigin,
  logKeys: keys.map(({ log }) => log),
  cosignerKeys: keys.map(({ cosigner }) => cosigner),
}
const { verify } = createVerifier()
const eventually = { timeout: 60_000, interval: 10 }
vi.setConfig({ testTimeout: 120_000 })

let scene: WitnessScene
afterEach(() => scene.close())

async function open(quorum: number): Promise<WitnessScene> {
  scene = await openWitnessScene(members, quorum)
  return scene
}

/** Appends the same block everywhere. */
function commit(...entries: readonly string[]): void {
  for (const log of scene.logs) log.append(...entries)
}

function prove(receipt: unknown, cosignerThreshold: number) {
  if (typeof receipt !== 'string') return receipt
  const policy = { ...signerKeys, logThreshold: 1, cosignerThreshold }
  const proved = verifyTlogProof(receipt, { hasher: createTreeHasher(sha256), policy, verify })
  return isRefusal(proved) ? proved.refused : proved.cosignatures.length
}

test('receipts carry the cosignatures of a quorum, and checkpoints those of everyone who gave one', async () => {
  await open(3)
  commit('one', 'two')
  commit('three')
  const receipts = await Promise.all(scene.nodes.map((node) => node.receipt('two', 30_000)))
  for (const receipt of receipts) expect(prove(receipt, 3)).toBeGreaterThanOrEqual(3)
  await vi.waitFor(() => {
    for (const node of scene.nodes)
      expect(node.consortium().quorum).toEqual({ needed: 3, size: 3, members: expect.anything() })
    for (const node of scene.nodes) expect(node.consortium().quorum.members).toHaveLength(4)
  }, eventually)
  for (const node of scene.nodes) expect(node.checkpoint().match(/^— /gm)).toHaveLength(5)
  expect(await scene.nodes[0]?.receipt('four', 0)).toBeUndefined()
})

test('where blocks come quickly several are heard of at once, and whoever waits for a receipt does not wait for that', async () => {
  scene = await openWitnessScene(members, 3, { askEveryMs: 3_600_000 })
  await vi.waitFor(() => {
    for (const node of scene.nodes) expect(node.consortium().members.map(({ size }) => size)).toEqual([0, 0, 0, 0])
  }, eventually)
  const { times } = scene.asked
  for (const entry of ['one', 'two', 'three']) commit(entry)
  await new Promise((resolve) => setImmediate(resolve))
  expect(scene.asked.times).toBe(times)
  expect(prove(await scene.nodes[0]?.receipt('two', 30_000), 3)).toBeGreaterThanOrEqual(3)
  expect(scene.nodes[0]?.consortium().quorum.size).toBe(3)
})

test('one of four away holds nobody up; with two away a receipt says who is missing, and comes when they are back', async () => {
  await open(3)
  scene.away.add('member_d')
  commit('one')
  expect(prove(await scene.nodes[0]?.receipt('one', 30_000), 3)).toBe(3)

  scene.away.add('member_c')
  commit('two')
  await vi.waitFor(
    () =>
      expect(scene.nodes[0]?.consortium().members.at(-2)).toMatchObject({ contact: 'silent', fault: 'unreachable' }),
    eventually,
  )
  const pending = await scene.nodes[0]?.receipt('two', 200)
  expect(pending).toMatchObject({ needed: 3, missing: ['member_c', 'member_d'] })
  // What had its quorum before is still proved.
  expect(prove(await scene.nodes[0]?.receipt('one', 0), 3)).toBe(3)

  scene.away.clear()
  expect(prove(await scene.nodes[0]?.receipt('two', 30_000), 3)).toBeGreaterThanOrEqual(3)
})

test('a member that is behind is shown with its lag, and its cosignature counts once it has caught up', async () => {
  await open(4)
  const [a, b, c, late] = scene.logs
  for (const log of [a, b, c]) log?.append('one')
  for (const log of [a, b, c]) log?.append('two')
  await vi.waitFor(
    () => expect(scene.nodes[0]?.consortium().members[3]).toMatchObject({ size: 0, lagLeaves: 2 }),
    eventually,
  )
  expect(await scene.nodes[0]?.receipt('two', 0)).toMatchObject({ missing: expect.arrayContaining(['member_d']) })
  late?.append('one')
  late?.append('two')
  expect(prove(await scene.nodes[3]?.receipt('two', 30_000), 4)).toBe(4)
})

test('after a restart receipts are given before anybody else is heard', async () => {
  await open(3)
  commit('one')
  await scene.nodes[0]?.receipt('one', 30_000)
  for (const member of members) scene.away.add(member)
  await scene.restart(0)
  expect(prove(await scene.nodes[0]?.receipt('one', 0), 3)).toBeGreaterThanOrEqual(3)
})

test('a member that shows another tree of the same size is proved, and every other member keeps the proof', async () => {
  await open(3)
  commit('one')
  for (const [index, log] of scene.logs.entries()) log.append(index === 3 ? 'forged' : 'two')
  await vi.waitFor(() => {
    for (const node of scene.nodes) expect(node.contradictions().length).toBeGreaterThan(0)
  }, eventually)
  for (const node of scene.nodes.slice(0, 3)) {
    const found = node.contradictions().find(({ signedBy }) => signedBy.includes('member_d'))
    const opened = openContradiction(webPlatform, node.contradiction(found?.id ?? '') ?? '', signerKeys)
    expect(expectOk(opened)).toMatchObject({ kind: 'two_roots', sizes: [2, 2], equivocating: [] })
  }
  expect(scene.notices.filter(({ code }) => code === 'log_contradiction').map(({ member }) => member)).toEqual(
    expect.arrayContaining(members),
  )
  // The three that agree go on giving receipts.
  expect(prove(await scene.nodes[1]?.receipt('two', 30_000), 3)).toBe(3)
})

test('a rewritten history is proved by what the tree has at the smaller size, and found again after a restart', async () => {
  await open(1)
  scene.away.add('member_d')
  const [a, , , liar] = scene.logs
  a?.append('one', 'two', 'three', 'four')
  liar?.append('one', 'forged')
  a?.append('five')
  await scene.restart(0)
  scene.away.delete('member_d')
  await vi.waitFor(
    () => expect(scene.nodes[0]?.contradictions()).toMatchObject([{ kind: 'history_rewritten', sizes: [2, 5] }]),
    eventually,
  )
  await scene.restart(0)
  expect(scene.nodes[0]?.contradictions()).toMatchObject([{ signedBy: ['member_a', 'member_d'], equivocating: [] }])
})

test('words on the state are collected, and two of them for one size are a proof', async () => {
  await open(3)
  for (const log of scene.logs) log.setState(16, 'agreed')
  commit('one')
  const policy = { origin: sceneOrigin, keys: keys.map(({ state }) => state), threshold: 3 }
  await vi.waitFor(() => {
    const opened = openStateCheckpoint(scene.nodes[0]?.stateCheckpoint() ?? '', policy, verify)
    expect(opened).toMatchObject({ size: 16 })
  }, eventually)
  scene.logs[2]?.setState(32, 'other')
  for (const index of [0, 1, 3]) scene.logs[index]?.setState(32, 'agreed')
  commit('two')
  await vi.waitFor(() => {
    const found = scene.nodes[0]?.contradictions() ?? []
    expect(found).toContainEqual(expect.objectContaining({ kind: 'two_states', signedBy: ['member_a', 'member_c'] }))
    // Nobody but the one that said otherwise is in all of them.
    expect(found.every(({ signedBy }) => signedBy.includes('member_c'))).toBe(true)
  }, eventually)
})

test('what a member did not sign is not taken in', async () => {
  await open(3)
  commit('one')
  const [a, b] = scene.nodes
  const own = (await b?.answer(-1, 0)) ?? expect.fail('The member answers.')
  const note = own.checkpoints.at(-1) ?? ''
  const said = (change: object) => a?.group.heard('member_b', { ...own, ...change })?.refused
  expect([
    said({ memberId: 'member_c' }),
    said({ checkpoints: ['nothing'] }),
    said({ checkpoints: [note.replace('\n1\n', '\n7\n')] }),
    said({ checkpoints: [note.replace(sceneOrigin, 'other.example')] }),
    said({ checkpoints: [scene.logs[2]?.checkpoint()] }),
    said({}),
  ]).toEqual([
    'peer_is_another_member',
    'note_malformed',
    'note_signature_invalid',
    'checkpoint_of_other_log',
    'log_signatures_too_few',
    undefined,
  ])
})
