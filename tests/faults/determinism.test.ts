/** The same log on machines that differ: another time zone, another language, other flags of Node, and the same hashes. */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeClient } from '@chengxin/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home, type NodeOptions, type RunningNode, startNode, temporaryData } from '../running-node.ts'

const program = join(home, 'apps/node/dist/main.js')
const place = temporaryData()
const first = join(place.path, 'first')
let agreed: { readonly agreedHash: string; readonly stateHash: string; readonly size: number }

beforeAll(async () => {
  const node = await startNode({ data: first, env: { TZ: 'UTC', LANG: 'C.UTF-8' } })
  const out = join(place.path, 'demo')
  const demo = ['demo', 'certificates', '--csv', join(home, 'samples/graduates.csv'), '--out', out, '--url', node.url]
  const { status, stderr } = spawnSync(process.execPath, [program, ...demo], { encoding: 'utf8', timeout: 240_000 })
  expect(status, stderr).toBe(0)
  agreed = await headOf(node)
  expect(await node.stop(), node.output()).toBe(0)
})

afterAll(() => place.remove())

async function headOf(node: RunningNode): Promise<typeof agreed> {
  const { head } = (await (await createNodeClient({ url: node.url }).findGroup()).get('')) as { head: typeof agreed }
  const { agreedHash, stateHash, size } = head
  return { agreedHash, stateHash, size }
}

type Machine = Required<Pick<NodeOptions, 'env' | 'flags'>>

const machines: readonly [string, Machine][] = [
  ['Macau, in Portuguese', { env: { TZ: 'Asia/Macau', LANG: 'pt_PT.UTF-8', LC_ALL: 'pt_PT.UTF-8' }, flags: [] }],
  ['St John’s, half an hour off, in C', { env: { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' }, flags: [] }],
  ['Turkish letters', { env: { TZ: 'Europe/Istanbul', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }, flags: [] }],
  ['no compiler', { env: {}, flags: ['--jitless'] }],
  ['a small heap', { env: {}, flags: ['--max-old-space-size=96', '--max-semi-space-size=1'] }],
  ['a deep stack', { env: {}, flags: ['--stack-size=3900'] }],
  ['nothing optimised', { env: {}, flags: ['--no-opt'] }],
]

test.each(machines)('a replay with %s comes out equal', (_name, { env, flags }) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, program, 'replay', '--data', first, '--json'],
    { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 240_000 },
  )
  expect(status, stderr).toBe(0)
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    equal: true,
    ...agreed,
  })
})

test('a node elsewhere that has the log alone reaches the same hashes', async () => {
  const second = join(place.path, 'second')
  cpSync(first, second, { recursive: true })
  rmSync(join(second, 'groups/sample-city/state'), { recursive: true })
  const node = await startNode({ data: second, env: { TZ: 'Pacific/Kiritimati', LANG: 'pt_PT.UTF-8' } })
  const head = await headOf(node)
  expect(await node.stop(), node.output()).toBe(0)
  expect(head).toEqual(agreed)
})
