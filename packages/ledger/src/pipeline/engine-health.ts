/** Why a ledger must not go on, in the words of its face. */
import type { Health } from '../face.ts'
import { StoreDamaged } from '../storage/face.ts'

/** `rule_failed` or the code of the damage; nothing that ends up here can be helped by trying again. */
export function haltOf(error: unknown): Health {
  const sentence = error instanceof Error ? error.message : String(error)
  return { status: 'stopped', code: error instanceof StoreDamaged ? error.damage.code : 'rule_failed', sentence }
}
