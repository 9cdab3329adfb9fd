/**
 * In the sample city the committee's keys are public, so that its trust bundle can follow what offices do: a status that changed or
 * a type that is new is in the bundle a moment later, and nobody has to wait for the committee to meet.
 */
import type { GroupClient } from '@chengxin/client'
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

export function createBundleRenewal(group: GroupClient, publicUrl: string, log: Log): BundleRenewal {
  const publicGroupUrl = `${publicUrl}/v1/groups/${group.groupId}`
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isStopped = false

  function schedule(inMs: number): void {
    if (isStopped || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      running = running.then(publish)
    }, inMs)
    timer.unref()
  }

  async function publish(): Promise<void> {
    try {
      await publishBundle(group, { publicGroupUrl, nowMs: Date.now() })
    } catch (error) {
      log.warn({ error: String(error) }, 'The trust bundle was not renewed; it is tried again.')
      schedule(tryAgainMs)
    }
  }

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
      await running
    },
  }
}
