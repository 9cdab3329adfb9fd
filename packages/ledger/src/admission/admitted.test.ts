import { canonicalize } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { actionsTextOf } from './admitted.ts'

test('the list of actions is cut out of a payload, whatever names its arguments have', () => {
  const name = fc.constantFrom('group', 'actions', ',"group":"', 'nonce', 'type', '"')
  const args = fc.dictionary(name, fc.oneof(name, fc.dictionary(name, name)))
  const nonce = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 8, maxLength: 32 })
  fc.assert(
    fc.property(fc.array(args, { minLength: 1, maxLength: 3 }), nonce, fc.nat(), (list, used, notAfter) => {
      const actions = list.map((one) => ({ type: 'till.payIn', args: one }))
      const payload = canonicalize({ v: 1, group: 'A'.repeat(43), actions, notAfter, nonce: used })
      expect(actionsTextOf(payload)).toBe(canonicalize(actions))
    }),
  )
})
