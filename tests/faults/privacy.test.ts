/** After 1,200 certificates nothing that a node keeps, serves or prints says who any of their holders is. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeClient } from '@chengxin/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { PersonalSearch, personalValues } from './personal-values.ts'

const csv = join(home, 'samples/graduates.csv')
const values = personalValues(readFileSync(csv, 'utf8'))
const search = new PersonalSearch(values)
const place = temporaryData()
const data = join(place.path, 'data')
const out = join(place.path, 'demo')
const served = new Map<string, Buffer>()
let node: RunningNode

beforeAll(async () => {
  node = await startNode({ data, env: { CHENGXIN_LOG_LEVEL: 'trace' } })
  const demo = ['demo', 'certificates', '--csv', csv, '--out', out, '--url', node.url]
  const program = join(home, 'apps/node/dist/main.js')
  const { status, stderr } = spawnSync(process.execPath, [program, ...demo], { encoding: 'utf8', timeout: 240_000 })
  expect(status, stderr).toBe(0)

  const client = createNodeClient({ url: node.url })
  const group = await client.findGroup()
  const { height, size } = (await group.get('')) as { height: number; size: number }
  await group.readModelReached(height)
  // An address that carries a name must not leave it in the log either.
  await client.find(`/v1/groups/${group.groupId}/search?q=${encodeURIComponent(values[1] as string)}`)
  const inGroup = ['', '/genesis', '/trust-bundle', '/dids?limit=100', '/batches', '/transactions?limit=100']
  const tiles = Array.from(
    { length: Math.floor(size / 256) },
    (_, at) => `/log/tile/entries/${String(at).padStart(3, '0')}`,
  )
  const last = `/log/tile/entries/${String(tiles.length).padStart(3, '0')}.p/${size % 256}`
  const paths = [...inGroup, ...tiles, last].map((path) => `/v1/groups/${group.groupId}${path}`)
  for (const path of [...paths, '/metrics', '/openapi.json', '/health']) {
    const response = await fetch(`${node.url}${path}`)
    expect(response.status, path).toBe(200)
    served.set(path, Buffer.from(await response.arrayBuffer()))
  }
  expect(await node.stop(), node.output()).toBe(0)
})

afterAll(() => place.remove())

test('the search finds what is there: plainly, inside a signed text, and in the certificates of the holders', () => {
  const [first = '', second = ''] = values
  const signed = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(`{"note":"x","name":"${second}"}`).toString('base64url')}.c2ln`
  expect(search.in(Buffer.from(`\0\x01${first}\0`))).toEqual([first])
  expect(search.in(Buffer.from(`\x07${signed}`))).toEqual([second])
  expect(search.inFolder(join(out, 'certificates')).size).toBe(values.length)
})

test('the register names enough persons for this to mean something', () => {
  expect(values.length).toBeGreaterThan(1500)
})

test.each(['groups', 'read-model', 'documents', 'keys'])('nothing of it lies in the node’s %s', (folder) => {
  expect([...search.inFolder(join(data, folder))]).toEqual([])
})

test('nothing of it is served', () => {
  const found = [...served].flatMap(([path, bytes]) => search.in(bytes).map((value) => `${value} in ${path}`))
  expect(found).toEqual([])
})

test('nothing of it is printed, however much the node is asked to say', () => {
  expect(node.output().length).toBeGreaterThan(1000)
  expect(search.in(Buffer.from(node.output()))).toEqual([])
})
