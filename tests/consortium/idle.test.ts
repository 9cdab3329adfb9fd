/**
 * A group that nobody asks anything of: it makes a block at each heartbeat, and a node writes little for it. Counted by the
 * block, so that nothing depends on how fast the machine is.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasEngine } from './engine.ts'
import { Hosts } from './hosts.ts'

const names = ['bank', 'bureau', 'court', 'university']
const patienceMs = 900_000
const blocks = 16
/** Pages of the state, a line of the log and a row of the read model come to some 50 KB; sockets are in the count. */
const mostBytesABlock = 160 * 1024

describe.skipIf(!hasEngine || process.platform !== 'linux')('an idle group', { timeout: patienceMs }, () => {
  let hosts: Hosts

  beforeAll(async () => {
    hosts = new Hosts({ names, firstPort: 18_140, stateRootEvery: 1024, heartbeatMs: 1_000 })
    await hosts.found()
  }, patienceMs)

  afterAll(async () => {
    await hosts?.remove()
  }, patienceMs)

  const standing = async (name: string) =>
    JSON.parse((await hosts.get(name, '')).text) as {
      readonly height: number
      readonly head: { readonly size: number }
    }

  const reached = async (height: number) => {
    for (const name of names) {
      while ((await standing(name)).projection.height < height) await delay(200)
    }
  }

  test('a node writes little at each heartbeat, and no entry', async () => {
    const first = await standing('bank')
    // What the founding left to write is written by then.
    const from = first.height + 4
    await reached(from)
    const before = new Map(names.map((name) => [name, written(hosts.nodes.get(name)?.process.pid)]))
    const begun = await Promise.all(names.map(async (name) => [name, (await standing(name)).height] as const))
    await reached(Math.max(...begun.map(([, height]) => height)) + blocks)
    for (const [name, height] of begun) {
      const now = written(hosts.nodes.get(name)?.process.pid)
      const then = before.get(name)
      const { height: reachedHeight, head } = await standing(name)
      expect(head.size).toBe(first.head.size)
      if (then === undefined) throw new Error('A node was not counted.')
      const bytes = Math.min(now.dirtied - then.dirtied, now.handedOver - then.handedOver)
      const aBlock = bytes / (reachedHeight - height)
      expect(aBlock).toBeGreaterThan(0)
      expect(aBlock).toBeLessThan(mostBytesABlock)
    }
  })
})

/**
 * Linux counts pages that became dirty, which is too much where files are cached in large pages, and bytes of all writes,
 * sockets included: the smaller of the two is the nearest bound.
 */
function written(pid: number | undefined): { readonly dirtied: number; readonly handedOver: number } {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8')
  const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1])
  return { dirtied: count('write_bytes'), handedOver: count('wchar') }
}
