/** What one member's node tells another of its log. Everything but the signed notes is a claim, shown and not relied on. */
import { isHash } from '@chengxin/kernel'

export interface PeerAnswer {
  readonly memberId: string
  readonly height: number
  readonly size: number
  readonly timeMs: number
  /** Of the program. */
  readonly version: string
  readonly ruleset: { readonly version: string; readonly hash: string }
  /** Its own checkpoints, each signed and cosigned by it alone, smaller sizes first. */
  readonly checkpoints: readonly string[]
  /** Its word on the newest agreed state root. */
  readonly state?: string
  /** Proofs that it keeps, by id. */
  readonly contradictions: readonly string[]
}

export const answerLimits = { checkpoints: 32, contradictions: 16, characters: 256 * 1024 } as const

/** The answer, or undefined where it is none: it came from another organisation, and is held to its shape. */
export function readPeerAnswer(text: string): PeerAnswer | undefined {
  if (text.length > answerLimits.characters) return undefined
  let value: Partial<PeerAnswer> | null
  try {
    value = JSON.parse(text) as Partial<PeerAnswer> | null
  } catch {
    return undefined
  }
  const { memberId, height, size, timeMs, version, ruleset, checkpoints, state, contradictions } = value ?? {}
  const isSound =
    isShort(memberId) &&
    [height, size, timeMs].every(isCount) &&
    isShort(version) &&
    isShort(ruleset?.version) &&
    isShort(ruleset?.hash) &&
    isTexts(checkpoints, answerLimits.checkpoints) &&
    (state === undefined || typeof state === 'string') &&
    isTexts(contradictions, answerLimits.contradictions) &&
    contradictions.every(isHash)
  return isSound ? (value as PeerAnswer) : undefined
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 120
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isTexts(value: unknown, limit: number): value is readonly string[] {
  return Array.isArray(value) && value.length <= limit && value.every((text) => typeof text === 'string')
}
