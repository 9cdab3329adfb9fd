/** Whether a verifier is registered at a time. */
import type { TimeMs } from '@chengxin/kernel'
import type { Registration } from './types.ts'

/** By the newest registration alone: an older one was replaced, and says nothing any more. */
export function isRegisteredAt(registration: Registration | undefined, atMs: TimeMs): boolean {
  if (registration === undefined || registration.endedAtMs !== undefined) return false
  const { fromMs, untilMs } = registration
  return fromMs <= atMs && (untilMs === undefined || atMs < untilMs)
}
