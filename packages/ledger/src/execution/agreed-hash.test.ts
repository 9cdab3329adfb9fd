/** What members agree on changes with leaves and with nothing else, whatever a block holds beside them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTillDisk, type TillDisk } from '../testing/till-application.ts'
import { ann, bo, payIn, signActions, stranger, tillIndex } from '../testing/till-group.ts'
import { hashText } from './leaf.ts'
import { indexRuleset } from './rules-index.ts'

const nextHash = hashText('the next till rules')
const nextIndex = indexRuleset(tillIndex.ruleset, nextHash)

let disk: TillDisk
beforeEach(() => {
  disk = makeTillDisk({ rulesOf: (hash) => (hash === nextHash ? nextIndex : tillIndex) })
})
afterEach(() => disk.remove())

function run(
  application: ReturnType<TillDisk['open']>['application'],
  height: number,
  transactions: readonly string[],
) {
  const { agreedHash } = application.finalizeBlock({ height, timeMs: disk.nowMs + height, transactions })
  application.commit()
  return agreedHash
}

test('a block far beyond a boundary leaves its state root to the next block with leaves', () => {
  const { application, store } = disk.open()
  application.initChain()
  // The interval is 16 leaves and a root is due half of it later: this block passes both at once.
  const many = Array.from({ length: 30 }, () => signActions(ann, [payIn(1n)]))
  const before = run(application, 1, many)
  expect(run(application, 2, [])).toBe(before)
  expect(store.head()?.stateRoot).toBeUndefined()
  expect(run(application, 3, [signActions(bo, [payIn(1n)])])).not.toBe(before)
  expect(store.head()?.stateRoot?.size).toBe(30)
})

test('rules that are due are agreed on with the first leaf under them, not with bytes that leave none', () => {
  const { application, store } = disk.open()
  application.initChain()
  const hashOf = () => Buffer.from(store.head()?.rulesetHash ?? []).toString('base64url')
  const schedule = { type: 'people.scheduleRules', args: { hash: nextHash, fromLeaf: 1 } }
  const before = run(application, 1, [signActions(ann, [schedule]), signActions(stranger, [payIn(1n)])])
  expect(hashOf()).toBe(tillIndex.hash)
  expect(run(application, 2, [signActions(stranger, [payIn(1n)])])).toBe(before)
  expect(hashOf()).toBe(tillIndex.hash)
  run(application, 3, [signActions(bo, [payIn(1n)])])
  expect(hashOf()).toBe(nextHash)
})
