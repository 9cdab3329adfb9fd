/** Go's checksum-database packages read the log that a running node serves, after the demonstration, and as it grows. */
import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { action, buildTransaction, createNodeClient, type GroupClient, points, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { requirePeer } from './require-peer.ts'

const goEnvironment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOTOOLCHAIN: 'local' }
const hasGo = requirePeer(
  'Go with golang.org/x/mod/sumdb',
  () => spawnSync('go', ['list', 'golang.org/x/mod/sumdb/tlog'], { env: goEnvironment }).status === 0,
  'apt install golang-go golang-golang-x-mod-dev',
)

describe.skipIf(!hasGo)('the served log', () => {
  const place = temporaryData()
  const program = join(place.path, 'sumdb-check')
  let node: RunningNode
  let group: GroupClient
  let keys: readonly string[]
  let sizeAfterDemo: number

  beforeAll(async () => {
    node = await startNode({ data: join(place.path, 'data') })
    group = await createNodeClient({ url: node.url }).findGroup()
    const demo = await run(process.execPath, [
      ...[join(home, 'apps/node/dist/main.js'), 'demo', 'certificates', '--csv', join(home, 'samples/graduates.csv')],
      ...['--url', node.url, '--out', join(place.path, 'demo')],
    ])
    expect(demo.failed, demo.output).toBe(false)
    const built = await run('go', ['build', '-o', program, join(home, 'tests/peers/go/sumdb-check/main.go')])
    expect(built.failed, built.output).toBe(false)
    keys = await vouchedKeys()
  })

  afterAll(async () => {
    await node?.stop()
    place.remove()
  })

  test('is accepted: checkpoint, cosignature, every leaf looked at, and trees of smaller sizes', async () => {
    const report = await check()
    sizeAfterDemo = (await sizeOf(group)) as number
    expect(report).toMatchObject({
      origin: 'localhost/groups/sample-city',
      size: sizeAfterDemo,
      signatures: keys.length / 2,
    })
    expect(report.inclusions).toBeGreaterThan(40)
    expect(report.entries).toBe(report.inclusions)
    expect(report.consistency).toBeGreaterThan(10)
  })

  test('grows past a tile, and what was seen before is a beginning of it', async () => {
    const older = join(place.path, 'older-checkpoint')
    writeFileSync(older, await group.getText('/log/checkpoint'))
    await pay(300)
    const report = await check('-older', older)
    expect(report.size).toBe(sizeAfterDemo + 300)
    expect(report).toMatchObject({ olderChecked: true })
  })

  test('is refused by whoever expects other keys', async () => {
    const [, vkey = ''] = keys
    const stranger = vkey.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const { failed } = await run(program, ['-vkey', stranger, `${group.url}/log`])
    expect(failed).toBe(true)
  })

  /** The keys of the log and its cosigners as the committee vouches for them: what a stranger would be given. */
  async function vouchedKeys(): Promise<readonly string[]> {
    const { payload } = JSON.parse(await group.getText('/trust-bundle')) as { payload: string }
    const { logKeys, cosigners } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      logKeys: readonly string[]
      cosigners: readonly string[]
    }
    const checkpoint = await group.getText('/log/checkpoint')
    // Members that share a log have keys under its one name; a signature begins with the id of its key.
    const signedBy = [...checkpoint.matchAll(/^— \S+ (\S+)$/gm)].map(([, signature = '']) =>
      Buffer.from(signature, 'base64').subarray(0, 4).toString('hex'),
    )
    const hasSigned = (vkey: string) => signedBy.includes(vkey.split('+')[1] ?? '')
    expect([logKeys.some(hasSigned), cosigners.some(hasSigned)]).toEqual([true, true])
    return [
      ...logKeys.filter(hasSigned).flatMap((vkey) => ['-vkey', vkey]),
      ...cosigners.filter(hasSigned).flatMap((vkey) => ['-cosigner', vkey]),
    ]
  }

  async function check(...options: readonly string[]): Promise<Record<string, number | string | boolean>> {
    const { output, failed } = await run(program, [...keys, ...options, `${group.url}/log`])
    expect(failed, output).toBe(false)
    return JSON.parse(output) as Record<string, number | string | boolean>
  }

  async function pay(times: number): Promise<void> {
    const { signer } = sampleActor('resident-silva')
    const transfer = action(points.transfer, { from: 'account_silva', to: 'account_chan', amount: 1n })
    const groupId = group.groupId as GroupId
    const built = Array.from({ length: times }, () => buildTransaction({ group: groupId, actions: [transfer] }, signer))
    // Paid or refused for want of points, each leaves an entry.
    const outcomes = await group.submit((await Promise.all(built)).map(({ jws }) => jws))
    expect(outcomes.filter(({ status }) => status === 'committed' || status === 'refused')).toHaveLength(times)
  }
})

async function sizeOf(group: GroupClient): Promise<unknown> {
  return ((await group.get('')) as { size: number }).size
}

async function run(program: string, options: readonly string[]): Promise<{ output: string; failed: boolean }> {
  try {
    const { stdout } = await promisify(execFile)(program, options, { env: goEnvironment })
    return { output: stdout, failed: false }
  } catch (error) {
    return { output: (error as { stderr?: string }).stderr ?? String(error), failed: true }
  }
}
