/** How long a member takes that has nothing but its keys and the genesis: it replays every block that the others kept. */
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dataPaths } from '../data-directory.ts'
import { sampleGroupName, sampleOrganisations } from '../sample-city/genesis.ts'
import type { ConsortiumCity } from './consortium.ts'
import type { BenchRow } from './row.ts'

interface Standing {
  readonly height: number
  readonly head: { readonly size: number }
}

/** Stops everybody, takes away all that the last member has computed, and starts again. */
export async function benchJoinByReplay(city: ConsortiumCity): Promise<BenchRow> {
  const { urls, folders, members, group } = city
  const standing = (url: string | undefined): Promise<Standing | undefined> =>
    fetch(`${url}/v1/groups/${group}`).then(
      async (response) => (response.ok ? ((await response.json()) as Standing) : undefined),
      () => undefined,
    )
  const before = await standing(urls[0])
  const newcomer = folders.find((folder) => `member_${basename(folder)}` === sampleOrganisations[members - 1])
  if (before === undefined || newcomer === undefined) throw new Error('The consortium does not say where it stands.')
  let hasFailed = false
  const caughtUp = async () => {
    while (!hasFailed) {
      const now = await standing(urls[members - 1])
      if (now !== undefined && now.head.size >= before.head.size) break
      await delay(100)
    }
    return (performance.now() - started) / 1000
  }
  await city.stop()
  forgetComputed(newcomer)
  const started = performance.now()
  // Everybody is well only when the last member has caught up; the moment of that is looked for besides.
  const begun = city.start().catch((error: unknown) => {
    hasFailed = true
    throw error
  })
  const [seconds] = await Promise.all([caughtUp(), begun])
  return {
    name: 'consortium.join.replay',
    perSecond: before.head.size / seconds,
    how: `a member with keys and genesis alone: ${before.head.size} leaves in ${before.height} blocks replayed from the others in ${seconds.toFixed(1)} s, everybody's start included`,
    facts: { leaves: before.head.size, blocks: before.height, seconds: Math.round(seconds) },
  }
}

function forgetComputed(data: string): void {
  const paths = dataPaths(data)
  const { directory } = paths.group(sampleGroupName)
  const computed = ['engine', 'log', 'state', 'tiles', 'witness', 'snapshots'].map((name) => join(directory, name))
  for (const path of [...computed, paths.readModel]) rmSync(path, { recursive: true, force: true })
}
