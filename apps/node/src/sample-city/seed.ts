/** The sample city's life: its first day, written once, and the certificates that must not grow too old. */
import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { GroupClient } from '@chengxin/client'
import { type NodeClient, sampleChainId } from '@chengxin/client'
import type { DataPaths } from '../data-directory.ts'
import type { Log } from '../log.ts'
import type { GroupOnNode } from '../open-group.ts'
import { openBureauOffice } from './bureau-office.ts'
import { firstDay } from './first-day.ts'
import { sampleNodeMember } from './genesis.ts'
import { registerVerifiers } from './registrations.ts'
import { issueSamples, keepInForce, readSamples, type SampleFile } from './sample-files.ts'

export interface SeedOptions {
  readonly groups: readonly GroupOnNode[]
  readonly node: NodeClient
  readonly paths: DataPaths
  readonly publicUrl: string
  readonly log: Log
}

export interface SampleCityLife {
  /** Resolves when the first day is written, or where this node has none to write; rejects where that failed. */
  readonly begun: Promise<void>
  /** Files for the check page, once they are there. */
  samples(): readonly SampleFile[] | undefined
  stop(): void
}

const tryAgainAfterMs = 5_000

/** What the sample city needs from whoever keeps it: its first day, and samples that stay in force. */
export function liveInSampleCity(options: SeedOptions): SampleCityLife {
  const { groups, node, paths, publicUrl, log } = options
  const city = groups.find(({ ledger }) => ledger.genesis.chainId === sampleChainId)
  // One member writes for all: the others read what it wrote on the ledger.
  if (city?.memberId !== sampleNodeMember) return { begun: Promise.resolve(), samples: () => undefined, stop() {} }
  const group = node.group(city.ledger.groupId)
  let samples: readonly SampleFile[] | undefined
  let renewing: { stop(): void } | undefined
  const stopping = new AbortController()
  const begin = async () => {
    await seedSampleCity(city, group, options)
    samples = await readSamples(paths.samples)
    if (!stopping.signal.aborted) renewing = keepSamplesInForce(group, paths.samples, publicUrl, log)
  }
  const isShared = city.ledger.consensus() !== undefined
  return {
    begun: isShared ? beginWithOthers(begin, stopping.signal, log) : begin(),
    samples: () => samples,
    stop() {
      stopping.abort()
      renewing?.stop()
    },
  }
}

/** Until enough members are there nothing can be written; the first day waits for them. */
async function beginWithOthers(begin: () => Promise<void>, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    try {
      await begin()
      return
    } catch (error) {
      log.info({ error: String(error) }, 'The first day of the sample city is not written yet; it is tried again.')
    }
    await delay(tryAgainAfterMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Writes the first day if it is not written yet. */
async function seedSampleCity(
  city: GroupOnNode,
  group: GroupClient,
  { node, paths, publicUrl, log }: SeedOptions,
): Promise<void> {
  const { seeded } = paths.group(city.name)
  const isNew = !existsSync(seeded)
  if (isNew) await firstDay(group)
  // What came to the city later is added to one that was founded before.
  await registerVerifiers(group)
  await openBureauOffice(group)
  if (!isNew) return
  try {
    await issueSamples(node, paths.samples, publicUrl)
    await writeFile(`${seeded}.new`, `${JSON.stringify({ height: city.ledger.head().height })}\n`)
    await rename(`${seeded}.new`, seeded)
  } catch (error) {
    // The node is of use without its samples, and tries again at its next start.
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'The sample certificates are missing.')
  }
}

const renewEveryMs = 6 * 3_600_000

/** Looks now and every few hours whether the sample certificates' trust data are about to expire. */
function keepSamplesInForce(group: GroupClient, directory: string, publicUrl: string, log: Log): { stop(): void } {
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
