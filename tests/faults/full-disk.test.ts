/** A disk that is full: writes are refused with a code, reads go on, nothing acknowledged is lost, and room brings writes back. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { action, buildTransaction, createNodeClient, type GroupClient, points, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, describe, expect, test } from 'vitest'
import { requirePeer } from '../peers/require-peer.ts'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'

const place = temporaryData()
const disk = join(place.path, 'disk')
mkdirSync(disk)
const canMount = requirePeer(
  'A small disk of its own (mount -t tmpfs)',
  () => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=192m', 'chengxin-test', disk]).status === 0,
  'run the tests as a user who may mount one',
)

describe.skipIf(!canMount)('on a full disk', () => {
  const filler = join(disk, 'filler')
  const acknowledged = new Map<string, number>()
  let node: RunningNode | undefined

  afterAll(async () => {
    await node?.kill()
    spawnSync('umount', ['--lazy', disk])
    place.remove()
  })

  /** Pays in small batches; the codes of what was not taken. */
  async function pay(group: GroupClient, times: number): Promise<ReadonlySet<string>> {
    const { signer } = sampleActor('resident-chan')
    const transfer = action(points.transfer, { from: 'account_chan', to: 'account_leong', amount: 1n })
    const refused = new Set<string>()
    for (let batch = 0; batch < times; batch++) {
      const request = { group: group.groupId as GroupId, actions: [transfer] }
      const built = await Promise.all(Array.from({ length: 50 }, () => buildTransaction(request, signer)))
      const response = await fetch(`${group.url}/transactions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ transactions: built.map(({ jws }) => jws) }),
      })
      const { outcomes = [], code } = (await response.json()) as {
        code?: string
        outcomes?: readonly { id: string; status: string; code?: string; leafIndex?: number }[]
      }
      if (code !== undefined) refused.add(code)
      for (const outcome of outcomes) {
        if (outcome.leafIndex !== undefined) acknowledged.set(outcome.id, outcome.leafIndex)
        else refused.add(outcome.code ?? outcome.status)
      }
    }
    return refused
  }

  async function expectAcknowledged(group: GroupClient): Promise<void> {
    for (const [id, leafIndex] of acknowledged) expect(await group.outcome(id)).toMatchObject({ leafIndex })
  }

  function fill(): void {
    const { bavail, bsize } = statfsSync(disk)
    // What is left is less than a few batches need, and not a whole number of anything.
    try {
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 40_000)))
    } catch (error) {
      // The node wrote meanwhile and took the rest: full is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  test('writes are refused with disk_full, reads go on, and both are well when there is room again', async () => {
    node = await startNode({ data: join(disk, 'data') })
    const group = await createNodeClient({ url: node.url }).findGroup()
    expect(await pay(group, 2)).toEqual(new Set())

    fill()
    const refused = await pay(group, 60)
    expect(refused).toEqual(new Set(['disk_full']))
    await expectAcknowledged(group)
    expect(await group.get('')).toMatchObject({ health: { status: 'read_only', code: 'disk_full' } })
    expect(await group.getText('/log/checkpoint')).toContain('\n— ')

    rmSync(filler)
    await expect.poll(() => pay(group, 1).then(({ size }) => size), { timeout: 60_000, interval: 1000 }).toBe(0)
    await expectAcknowledged(group)
  })

  test('a node that is killed while the disk is full starts again, and has what it acknowledged', async () => {
    fill()
    await node?.kill()
    rmSync(filler)
    node = await startNode({ data: join(disk, 'data') })
    const group = await createNodeClient({ url: node.url }).findGroup()
    await expectAcknowledged(group)
    expect(await pay(group, 1)).toEqual(new Set())
  })
})
