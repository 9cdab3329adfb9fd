/** A trust bundle in a file, held against what is remembered of its group. */
import { openBundle, type Pins, pinsAfter, type TrustBundle } from '@chengxin/audit'
import { isRefusal } from '@chengxin/kernel'
import { CliFault } from './fault.ts'
import { pinsOf, rememberPins } from './pins.ts'
import { readText, unreadable } from './read-text.ts'

export interface OpenTrusted {
  readonly bundle: string
  /** The group that is meant, when it was named. */
  readonly group?: string
}

/** What is remembered of the group that was named, or of the one that the bundle says it is of. */
export async function rememberedPins(
  text: string,
  pinsFile: string,
  named: string | undefined,
): Promise<Pins | undefined> {
  const group = named ?? claimedGroup(text)
  return group === undefined ? undefined : pinsOf(pinsFile, group, named !== undefined)
}

/** Remembers a bundle that opens, so that no older one of its group is taken again. */
export async function rememberBundle(text: string, pins: Pins | undefined, pinsFile: string): Promise<void> {
  const bundle = await openBundle(text, { pins })
  if (isRefusal(bundle)) return
  // A group that only a bundle has named is remembered against older bundles, and its reports go on saying so.
  await rememberPins(pinsFile, { ...pinsAfter(bundle), ...(!bundle.isPinned && { isGiven: true }) })
}

/** The bundle, for commands that can do nothing without it. */
export async function trustedBundle({ bundle, group }: OpenTrusted, pinsFile: string): Promise<TrustBundle> {
  const text = await readText(bundle)
  const opened = await openBundle(text, { pins: await rememberedPins(text, pinsFile, group) })
  if (isRefusal(opened)) throw new CliFault(`The trust bundle is refused (${opened.refused}).`, unreadable)
  return opened
}

/** The group that a bundle says it is of, to look up what is remembered; whether it is so, opening it decides. */
function claimedGroup(text: string): string | undefined {
  try {
    const { payload } = JSON.parse(text) as { payload: string }
    const { group } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { group: unknown }
    return typeof group === 'string' ? group : undefined
  } catch {
    return undefined
  }
}
