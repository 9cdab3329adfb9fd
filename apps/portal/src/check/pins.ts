/**
 * The newest trust bundle that this device has accepted of each group, so that nobody can hand it an older one later.
 * A group is trusted on first use, and the report says when that was so.
 */
import type { Pins } from '@chengxin/audit'
import { recall, remember } from '../device-memory.ts'

export function pinsOf(group: string | undefined): Pins | undefined {
  const remembered = group === undefined ? undefined : recall(`pins.${group}`)
  if (remembered === undefined) return undefined
  try {
    const pins = JSON.parse(remembered) as Pins
    return pins.group === group ? pins : undefined
  } catch {
    return undefined
  }
}

export function rememberPins(pins: Pins): void {
  const before = pinsOf(pins.group)?.newest?.sequence ?? -1
  if ((pins.newest?.sequence ?? -1) >= before) remember(`pins.${pins.group}`, JSON.stringify(pins))
}
