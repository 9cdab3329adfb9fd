/**
 * How long a member takes that has nothing but its keys and the genesis: by replaying every block that the others kept, or
 * by a snapshot of the state that they have signed, after which it fetches the log while it serves.
 */
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dataPaths } from '../data-directory.ts'
import { writeJoining } from '../joining/joining-file.ts'
import { sampleGroupName, sampleOrganisations } from '../sample-city/genesis.ts'
import type { ConsortiumCity } from './consortium.ts'
import type { BenchRow, MissingRow } from './row.ts'

export type JoinManner = 'replay' | 'snapshot'

interface Standing {
  readonly height: number
  readonly head: { readonly size: number }
}

/** Blocks after a snapshot without which nobody can go on from it. */
const blocksAfterSnapshot = 3

/** Stops everybody, takes away all that the last member has computed, and starts again. */
export async function benchJoin(city: ConsortiumCity, manner: JoinManner): Promise<BenchRow | MissingRow> {
  const { urls, folders, members } = city
  const [first, last] = [urls[0] as string, urls[members - 1] as string]
  const before = (await ask(city, first, '')) as Standing | undefined
  const newcomer = folders.find((folder) => `member_${basename(folder)}` === sampleOrganisations[members - 1])
  if (before === undefined || newcomer === undefined) throw new Error('The consortium does not say where it stands.')
  const name = `consortium.join.${manner}`
  if (manner === 'snapshot' && !(await hasSnapshot(city, first, before.height))) {
    return { name, missing: `after ${before.head.size} leaves there is no snapshot yet; a larger --scale makes one` }
  }
  await city.stop()
  forgetComputed(newcomer)
  // No members but those of the genesis, whose keys a newcomer has from there.
  if (manner === 'snapshot') await writeJoining(dataPaths(newcomer).group(sampleGroupName), [])
  const { caughtUp, whole } = await timeJoin(city, last, before.head.size)
  return {
    name,
    perSecond: before.head.size / caughtUp,
    how: `a member with keys and genesis alone serves at the head after ${caughtUp.toFixed(1)} s, everybody's start included: ${before.head.size} leaves in ${before.height} blocks, ${manner === 'replay' ? 'replayed from the others' : `by a snapshot; the log was whole after ${whole.toFixed(1)} s`}`,
    facts: {
      leaves: before.head.size,
      blocks: before.height,
      seconds: Math.round(caughtUp),
      secondsUntilWhole: Math.round(whole),
    },
  }
}

/** Seconds until the newcomer is where the others were, and until it lacks no older entry. */
async function timeJoin(city: ConsortiumCity, newcomer: string, size: number) {
  let hasFailed = false
  const started = performance.now()
  const after = async (isSo: () => Promise<boolean>) => {
    while (!hasFailed && !(await isSo())) await delay(100)
    return (performance.now() - started) / 1000
  }
  // Everybody is well only when the last member has caught up; the moment of that is looked for besides.
  const begun = city.start().catch((error: unknown) => {
    hasFailed = true
    throw error
  })
  const caughtUp = after(async () => {
    const now = (await ask(city, newcomer, '')) as Standing | undefined
    return now !== undefined && now.head.size >= size
  })
  const whole = caughtUp.then(() => after(async () => !(await lacks(newcomer))))
  await Promise.all([caughtUp, whole, begun])
  return { caughtUp: await caughtUp, whole: await whole }
}

async function hasSnapshot(city: ConsortiumCity, url: string, height: number): Promise<boolean> {
  const { snapshots } = ((await ask(city, url, '/snapshots')) ?? { snapshots: [] }) as {
    readonly snapshots: readonly { readonly height: number; readonly signed?: object }[]
  }
  return snapshots.some((one) => one.signed !== undefined && one.height + blocksAfterSnapshot <= height)
}

/** Whether it still fetches older entries; also where it does not answer. */
async function lacks(url: string): Promise<boolean> {
  try {
    const { groups } = (await (await fetch(`${url}/health`)).json()) as {
      readonly groups: readonly { readonly lacking?: object }[]
    }
    return groups.some(({ lacking }) => lacking !== undefined)
  } catch {
    return true
  }
}

/** Undefined where the node does not answer, or not with this. */
function ask({ group }: ConsortiumCity, url: string, path: string): Promise<unknown> {
  return fetch(`${url}/v1/groups/${group}${path}`).then(
    async (response) => (response.ok ? response.json() : undefined),
    () => undefined,
  )
}

function forgetComputed(data: string): void {
  const paths = dataPaths(data)
  const { directory } = paths.group(sampleGroupName)
  const computed = ['engine', 'log', 'state', 'tiles', 'witness', 'snapshots'].map((name) => join(directory, name))
  for (const path of [...computed, paths.readModel]) rmSync(path, { recursive: true, force: true })
}
