/** The group's trust bundle as a desk uses it: fetched from the node, opened once, and asked for again after a while. */
import { openBundle, type TrustBundle } from '@chengxin/audit'
import { type GroupClient, presentOnly } from '@chengxin/client'
import { type GroupId, isRefusal } from '@chengxin/kernel'
import { nativePlatform } from './native-platform.ts'

/** Long enough that a hundred files share one, short enough that a revocation shows while somebody waits for it. */
const freshForMs = 2_000

/** Undefined where the group has none yet, or none that its committee signed. `newest`: the one in hand is not enough. */
export type Trusted = (asked?: { readonly newest: boolean }) => Promise<TrustBundle | undefined>

/** `settled` resolves when what offices did so far is in the bundle, where somebody sees to that. */
export function trustedBundle(
  group: GroupClient,
  nowMs: () => number,
  settled: () => Promise<void> = async () => {},
): Trusted {
  let held: { readonly text: string; readonly bundle: TrustBundle } | undefined
  let askedAtMs = Number.NEGATIVE_INFINITY
  return async ({ newest } = { newest: false }) => {
    if (held && !newest && nowMs() - askedAtMs < freshForMs) return held.bundle
    if (newest) await settled()
    const text = await presentOnly(group.getText('/trust-bundle'))
    askedAtMs = nowMs()
    if (text === undefined || text === held?.text) return held?.bundle
    const opened = await openBundle(text, {
      pins: { group: group.groupId as GroupId },
      platform: nativePlatform,
    })
    if (!isRefusal(opened)) held = { text, bundle: opened }
    return held?.bundle
  }
}
