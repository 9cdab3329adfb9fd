/**
 * From who validates to what the engine is told. The engine takes differences and dies, on all members alike, of one
 * that names a key twice, removes an unknown one or leaves nobody: so they are computed from whole sets.
 */
import type { Validator } from './requests.ts'

/** Voting power by Ed25519 key (base64url). */
export type ValidatorSet = ReadonlyMap<string, number>

/** What changes from one set to the next, in the order of keys. An empty next set changes nothing: nobody could agree to anything after it. */
export function validatorUpdates(before: ValidatorSet, after: ValidatorSet): readonly Validator[] {
  if (after.size === 0) return []
  const updates: Validator[] = []
  for (const [key, power] of after) if (before.get(key) !== power) updates.push({ key, power })
  for (const key of before.keys()) if (!after.has(key)) updates.push({ key, power: 0 })
  return updates.sort((one, other) => (one.key < other.key ? -1 : 1))
}
