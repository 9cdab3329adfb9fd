import { refuse } from '@chengxin/kernel'
import type { ChangeOf } from '../types.ts'
import { limits } from '../types.ts'
import type { Effect } from './effect.ts'

export const activation: Effect<ChangeOf<'activateRuleset'>> = (read, { hash, version, fromLeaf }, { leafIndex }) => {
  // What has been judged stays judged: the present leaf still belongs to the rules in force.
  if (fromLeaf <= leafIndex) return refuse('activation_not_ahead')
  const planned = read.rulesets.get('schedule')?.activations ?? []
  if (planned.filter((other) => other.fromLeaf < fromLeaf).length >= limits.activations) {
    return refuse('ruleset_history_full')
  }
  return [{ type: 'rulesetActivated', fromLeaf, hash, version }]
}
