/**
 * What a newcomer does, by the built programs alone: start a node on nothing, send something, stop it, start it again and
 * find everything; and what a newcomer does wrong, answered with one sentence.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openBundle } from '@chengxin/audit'
import {
  action,
  buildTransaction,
  createNodeClient,
  expectCommitted,
  type GroupClient,
  points,
  sampleActor,
} from '@chengxin/client'
import { type GroupId, isRefusal } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'

const data = temporaryData()
const cliHome = temporaryData()
const program = join(home, 'apps/node/dist/main.js')
let node: RunningNode

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-changed'], { cwd: home })
  node = await startNode({ data: data.path })
})

afterAll(async () => {
  await node?.kill()
  data.remove()
  cliHome.remove()
})

async function city(): Promise<GroupClient> {
  return createNodeClient({ url: node.url }).findGroup()
}

async function transfer(amount: bigint) {
  const { signer } = sampleActor('resident-chan')
  const group = await city()
  const args = { from: 'account_chan', to: 'account_leong', amount } as const
  const request = { group: group.groupId as GroupId, actions: [action(points.transfer, args)] }
  const { jws, id } = await buildTransaction(request, signer)
  return { group, jws, id }
}

/** The command line against this node, with a home of its own. */
function chengxin(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(home, 'apps/cli/bin/chengxin.mjs'), ...args], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, CHENGXIN_URL: node.url, CHENGXIN_HOME: cliHome.path, CHENGXIN_DATA: data.path },
  })
  return { status, stdout, stderr }
}

/** The one object that a command prints; what it says instead stands in the failure. */
function answerOf(result: ReturnType<typeof chengxin>): unknown {
  expect(result).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\{.*\}\n$/) })
  return JSON.parse(result.stdout)
}

test('the first start says where to look, and the city lives', async () => {
  expect(node.output()).toContain(`portal  ${node.url}`)
  expect(node.output()).toContain('CHENGXIN_PUBLIC_URL')
  const [group] = await createNodeClient({ url: node.url }).groups()
  expect(group).toMatchObject({ chainId: 'sample', sample: true, members: 3 })
  expect(group?.size).toBeGreaterThan(10)
  const page = await fetch(node.url, { headers: { accept: 'text/html' } })
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html')])
})

test('secrets are for their owner alone', () => {
  for (const name of ['log', 'cosigner']) expect(statSync(join(data.path, 'keys', `${name}.json`)).mode & 0o077).toBe(0)
})

test('the sample certificates come with a trust bundle that the committee signed', async () => {
  const client = createNodeClient({ url: node.url })
  const { files, bundleUrl } = (await client.get('/v1/sample')) as {
    files: readonly { name: string; url: string }[]
    bundleUrl: string
  }
  expect(files.map(({ name }) => name)).toEqual(['good', 'revoked', 'forged'])
  for (const { url } of files) expect((await client.getText(url)).length).toBeGreaterThan(500)
  const { groupId } = await city()
  const bundle = await openBundle(await client.getText(bundleUrl), { pins: { group: groupId as GroupId } })
  if (isRefusal(bundle)) throw new Error(bundle.refused)
  expect(bundle.signedBy).toHaveLength(2)
  expect(bundle.issuers.map(({ name }) => name)).toContainEqual(expect.stringContaining('University'))
})

test('names are found, DIDs resolved, status lists served, and an older trust bundle is not taken', async () => {
  const client = createNodeClient({ url: node.url })
  const group = await city()
  const found = async (text: string) => {
    const { hits } = (await group.get(`/search?q=${encodeURIComponent(text)}`)) as { hits: readonly { id: string }[] }
    return hits.map(({ id }) => id)
  }
  expect(await found('大學')).toEqual(['member_university'])
  expect(await found('UNIVERS')).toEqual(['member_university'])
  expect(await found('program_city')).toEqual(['program_city-points'])
  expect(await found('account_chan')).toEqual(['account_chan'])
  expect(await found('%_')).toEqual([])

  const { did, jwk } = sampleActor('registrar')
  expect(await client.resolve(did)).toMatchObject({
    didDocument: { id: did, verificationMethod: [{ id: `${did}#key-1`, publicKeyJwk: jwk }] },
  })

  const { statusLists } = (await group.get('/status-lists')) as { statusLists: readonly { listId: string }[] }
  expect(await group.getText(`/status-lists/${statusLists[0]?.listId}`)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)

  const held = await group.getText('/trust-bundle')
  await expect(group.putTrustBundle(held)).rejects.toThrow('bundle_rolled_back')
  await expect(group.putTrustBundle('{}')).rejects.toThrow('bundle_malformed')
  await expect(group.putDocument('A'.repeat(43), 'text', 'text/plain')).rejects.toThrow('document_hash_differs')
})

test('what is sent is there after the next start, and sent again it happens once', async () => {
  const { group, jws, id } = await transfer(7n)
  const [outcome] = await group.submit([jws])
  expectCommitted(outcome)
  expect(outcome?.id).toBe(id)
  const before = (await group.get('')) as { readonly head: { readonly agreedHash: string } }

  expect(await node.stop()).toBe(0)
  expect(existsSync(join(data.path, 'node.lock'))).toBe(false)
  node = await startNode({ data: data.path, port: node.port })

  const after = (await group.get('')) as { readonly head: { readonly agreedHash: string } }
  expect(after.head.agreedHash).toBe(before.head.agreedHash)
  expect(await group.outcome(id)).toMatchObject({ status: 'committed', leafIndex: outcome?.leafIndex })
  const [again] = await group.submit([jws])
  expect(again).toMatchObject({ status: 'committed', leafIndex: outcome?.leafIndex })
})

test('live blocks arrive once each, those of before the connection first', async () => {
  const { group, jws, id } = await transfer(1n)
  const { height } = (await group.get('')) as { readonly height: number }
  const stop = new AbortController()
  const seen: string[] = []
  const heights: number[] = []
  await group.submit([jws])
  for await (const block of group.liveBlocks({ after: height, signal: stop.signal })) {
    heights.push(block.height)
    seen.push(...block.transactions.map((transaction) => transaction.id))
    if (seen.includes(id)) stop.abort()
  }
  expect(heights).toEqual(heights.map((_, index) => height + 1 + index))
})

test('a second node on the same data, a taken port and a senseless setting each get one sentence', async () => {
  const start = (env: { readonly [name: string]: string }) =>
    spawnSync(process.execPath, [program, 'start'], {
      cwd: home,
      encoding: 'utf8',
      env: { ...process.env, CHENGXIN_PORT: '0', CHENGXIN_DATA: data.path, ...env },
    })
  const second = start({})
  expect([second.status, second.stderr]).toEqual([
    1,
    expect.stringMatching(/^Another node \(process \d+\) uses .*\.\n$/),
  ])

  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  const taken = start({ CHENGXIN_PORT: String(port) })
  server.close()
  expect([taken.status, taken.stderr]).toEqual([1, expect.stringMatching(/^Port \d+ is in use: .*\.\n$/)])

  const senseless = start({ CHENGXIN_PUBLIC_URL: 'city.example' })
  expect([senseless.status, senseless.stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('https://')]])
})

test('the command line sees the node, and tells what is wrong with an argument before it sends', async () => {
  expect(answerOf(chengxin('status', '--json'))).toMatchObject({ ok: true })

  const wrong = chengxin('tx', 'send', 'points.transfer', '--as', 'sample:resident-chan', '--args', '{"from":"x"}')
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('points.transfer: /from should be')])

  const args = JSON.stringify({ from: 'account_chan', to: 'account_silva', amount: '3' })
  const sent = chengxin('tx', 'send', 'points.transfer', '--as', 'sample:resident-chan', '--args', args, '--json')
  const { id } = answerOf(sent) as { readonly id: string }
  expect(answerOf(chengxin('tx', 'show', id, '--json'))).toMatchObject({ id, status: 'committed' })

  const refused = chengxin('tx', 'send', 'points.transfer', '--as', 'sample:resident-leong', '--args', args)
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('not_the_account_owner')])
})

test('the store of a running node is audited, and found whole', () => {
  const { status, stdout, stderr } = chengxin('audit', 'store', '--json')
  expect(status, stderr).toBe(0)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly ok: boolean })
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.filter(({ ok }) => !ok)).toEqual([])
})

test('a replay comes out equal, and makes a state anew that was lost', async () => {
  const { head } = (await (await city()).get('')) as { readonly head: { readonly agreedHash: string; size: number } }
  expect(answerOf(chengxin('replay', '--json'))).toMatchObject({
    equal: true,
    agreedHash: head.agreedHash,
    size: head.size,
  })

  const rebuildUnderway = chengxin('replay', '--rebuild')
  expect([rebuildUnderway.status, rebuildUnderway.stderr]).toEqual([1, expect.stringContaining('Another node')])

  await node.stop()
  rmSync(join(data.path, 'groups', 'sample-city', 'state'), { recursive: true })
  node = await startNode({ data: data.path, port: node.port })
  expect(node.output()).toContain('computed anew from the log')
  expect(await (await city()).get('')).toMatchObject({ head })
})
