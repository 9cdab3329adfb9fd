/** The sample city's life: its first day, written once, and the certificates that must not grow too old. */
import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { GroupClient } from '@chengxin/client'
import { type NodeClient, sampleChainId } from '@chengxin/client'
import type { DataPaths } from '../data-directory.ts'
import type { Log } from '../log.ts'
import type { GroupOnNode } from '../open-group.ts'
import { firstDay } from './first-day.ts'
import { registerVerifiers } from './registrations.ts'
import { issueSamples, keepInForce } from './sample-files.ts'

export interface SeedOptions {
  readonly groups: readonly GroupOnNode[]
  readonly node: NodeClient
  readonly paths: DataPaths
  readonly publicUrl: string
  readonly log: Log
}

/** Writes the first day if it is not written yet. The city's door, or undefined where this node keeps no sample city. */
export async function seedSampleCity({
  groups,
  node,
  paths,
  publicUrl,
  log,
}: SeedOptions): Promise<GroupClient | undefined> {
  const city = groups.find(({ ledger }) => ledger.genesis.chainId === sampleChainId)
  if (city === undefined) return undefined
  const group = node.group(city.ledger.groupId)
  const { seeded } = paths.group(city.name)
  const isNew = !existsSync(seeded)
  if (isNew) await firstDay(group)
  // What came to the city later is added to one that was founded before.
  await registerVerifiers(group)
  if (!isNew) return group
  try {
    await issueSamples(node, paths.samples, publicUrl)
    await writeFile(`${seeded}.new`, `${JSON.stringify({ height: city.ledger.head().height })}\n`)
    await rename(`${seeded}.new`, seeded)
  } catch (error) {
    // The node is of use without its samples, and tries again at its next start.
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'The sample certificates are missing.')
  }
  return group
}

const renewEveryMs = 6 * 3_600_000

/** Looks now and every few hours whether the sample certificates' trust data are about to expire. */
export function keepSamplesInForce(
  group: GroupClient,
  directory: string,
  publicUrl: string,
  log: Log,
): { stop(): void } {
  const renew = () => {
    keepInForce(group, directory, publicUrl, Date.now()).then(
      (renewed) => renewed && log.info({}, 'The sample certificates are in force for another week.'),
      (error: unknown) => log.warn({ error: String(error) }, 'The sample certificates could not be renewed.'),
    )
  }
  const timer = setInterval(renew, renewEveryMs)
  timer.unref()
  renew()
  return { stop: () => clearInterval(timer) }
}
