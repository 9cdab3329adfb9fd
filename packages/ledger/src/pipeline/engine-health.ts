/** Why a ledger does not go on, or cannot at the moment, in the words of its face. */
import { RulesetDamaged, RulesetMissing } from '../execution/bundle-shelf.ts'
import type { Health } from '../face.ts'
import type { CometState } from '../ordering/cometbft/ordering.ts'
import { StoreDamaged } from '../storage/face.ts'

/** `rule_failed`, `ruleset_missing` or the code of the damage; nothing that ends up here can be helped by trying again. */
export function haltOf(error: unknown): Health {
  const sentence = error instanceof Error ? error.message : String(error)
  return { status: 'stopped', code: codeOf(error), sentence }
}

function codeOf(error: unknown): string {
  if (error instanceof StoreDamaged) return error.damage.code
  return error instanceof RulesetMissing || error instanceof RulesetDamaged ? 'ruleset_missing' : 'rule_failed'
}

/** What the state of a member's engine means for whoever wants to write; nothing where somebody else says it better. */
export function healthOfState(state: CometState): Health | undefined {
  if (state === 'ready') return { status: 'ok' }
  if (state !== 'away') return undefined
  return {
    status: 'read_only',
    code: 'catching_up',
    sentence: 'This member has not caught up with the others yet, or its engine is being started.',
  }
}

/** So far behind, what is judged here is judged by a state that the others have long left. */
const farBehindBlocks = 20

/**
 * An engine says that it has caught up as soon as it takes part again, which in a small group may be long before it has the
 * blocks it missed; how far the others are is known from them.
 */
export function healthBehind(blocks: number, height: number): Health | undefined {
  if (blocks < farBehindBlocks) return undefined
  return {
    status: 'read_only',
    code: 'catching_up',
    sentence: `This member is ${blocks} blocks behind the others and reads as of block ${height}.`,
  }
}
