/**
 * Where keys of enough seats of the committee lie at this node, its trust bundle follows what offices do: a status that changed or
 * a type that is new is in the bundle a moment later, and nobody has to wait for the committee to meet. So it is in the sample
 * city, and where one organisation keeps a group alone; elsewhere the members sign together (`chengxin bundle`).
 */
import type { GroupClient, Signer } from '@chengxin/client'
import { publishBundle } from '@chengxin/services'
import type { Log } from '../log.ts'

export interface BundleRenewal {
  /** Something changed; what changes at the same time goes into the same bundle. */
  soon(): void
  /** Resolves when what changed so far is in the bundle. */
  settled(): Promise<void>
  stop(): Promise<void>
}

const pauseMs = 200
const tryAgainMs = 3000

export interface RenewalOptions {
  readonly publicUrl: string
  /** Keys of the committee that this node holds. */
  readonly seats: readonly Signer[]
  readonly log: Log
}

/** Bundles are signed for a week. */
const renewEveryMs = 24 * 3_600_000

export function createBundleRenewal(group: GroupClient, { publicUrl, seats, log }: RenewalOptions): BundleRenewal {
  const publicGroupUrl = `${publicUrl}/v1/groups/${group.groupId}`
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isStopped = false

  function schedule(inMs: number): void {
    if (isStopped || timer !== undefined || seats.length === 0) return
    timer = setTimeout(() => {
      timer = undefined
      running = running.then(publish)
    }, inMs)
    timer.unref()
  }

  async function publish(): Promise<void> {
    try {
      const { threshold } = (await group.get('/committee')) as { readonly threshold: number }
      if (seats.length < threshold) return
      await publishBundle(group, { publicGroupUrl, nowMs: Date.now(), signers: seats.slice(0, threshold) })
    } catch (error) {
      log.warn({ error: String(error) }, 'The trust bundle was not renewed; it is tried again.')
      schedule(tryAgainMs)
    }
  }

  const daily = setInterval(() => schedule(pauseMs), renewEveryMs)
  daily.unref()

  return {
    soon: () => schedule(pauseMs),
    async settled() {
      if (timer !== undefined) {
        clearTimeout(timer)
        timer = undefined
        running = running.then(publish)
      }
      await running
    },
    async stop() {
      isStopped = true
      clearTimeout(timer)
      clearInterval(daily)
      await running
    },
  }
}
