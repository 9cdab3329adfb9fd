/**
 * After the whole scheme was played — application, identity, degree, presentations, consents, revocation — nothing that a node
 * keeps, serves or prints says who the resident is, and a copy of its disk does not either: the vault is sealed.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeClient, openStage } from '@chengxin/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { PersonalSearch } from './personal-values.ts'

/** What the scheme's resident told the bureau, and what the university's register says of them. */
const values = ['SIO MENG', '陳小明', '1234567(8)', '2003-04-05']
const search = new PersonalSearch(values)
const place = temporaryData()
const data = join(place.path, 'data')
const served = new Map<string, Buffer>()
let shownToHolder = ''
let told = ''
let node: RunningNode

beforeAll(async () => {
  node = await startNode({ data, env: { CHENGXIN_LOG_LEVEL: 'trace' } })
  const program = join(home, 'apps/node/dist/main.js')
  const demo = spawnSync(process.execPath, [program, 'demo', 'macau', '--json', '--url', node.url], {
    encoding: 'utf8',
    timeout: 240_000,
  })
  expect(demo.status, demo.stderr).toBe(0)
  told = demo.stdout

  const client = createNodeClient({ url: node.url })
  const group = await client.findGroup()
  const { height, size } = (await group.get('')) as { height: number; size: number }
  await group.readModelReached(height)
  // An address that carries a name must not leave it in the log either.
  await client.find(`/v1/groups/${group.groupId}/search?q=${encodeURIComponent(values[0] as string)}`)
  const inGroup = ['', '/trust-bundle', '/dids?limit=100', '/delegations?limit=100', '/batches', '/verifiers']
  const lists = ['/transactions?limit=100', '/statement-roots', `/log/tile/entries/000.p/${size % 256}`]
  for (const path of [...inGroup, ...lists].map((end) => `/v1/groups/${group.groupId}${end}`).concat('/metrics')) {
    const response = await fetch(`${node.url}${path}`)
    expect(response.status, path).toBe(200)
    served.set(path, Buffer.from(await response.arrayBuffer()))
  }
  const stage = await openStage({ url: node.url })
  await stage.become('resident')
  shownToHolder = JSON.stringify(await stage.ask('GET', 'agent/wallet'))
  expect(await node.stop(), node.output()).toBe(0)
})

afterAll(() => place.remove())

test('the holder sees it all, so that there is something to find', () => {
  expect(search.in(Buffer.from(shownToHolder)).toSorted()).toEqual([...values].toSorted())
})

test('nothing of it lies anywhere in the node’s folder, the vault included', () => {
  expect(readdirSync(data)).toContain('groups')
  expect([...search.inFolder(data)]).toEqual([])
})

test('nothing of it is served to who has not signed in', () => {
  const found = [...served].flatMap(([path, bytes]) => search.in(bytes).map((value) => `${value} in ${path}`))
  expect(found).toEqual([])
})

test('nothing of it is printed, by the node or by the demonstration', () => {
  expect(node.output().length).toBeGreaterThan(1000)
  expect(search.in(Buffer.from(node.output() + told))).toEqual([])
})

test('every act of the demonstration is told as done', () => {
  const lines = told.trim().split('\n')
  expect(lines.length).toBeGreaterThan(16)
  expect(lines.map((line) => (JSON.parse(line) as { ok: boolean }).ok)).not.toContain(false)
})
