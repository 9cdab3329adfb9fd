import { consistencyProof, createFrontier, createTreeHasher, parseVkey, sha256, treeRoot } from '@chengxin/crypto'
import { expectOk, toUtf8 } from '@chengxin/kernel'
import { createTestLog } from '@chengxin/testkit/test-log'
import { expect, test } from 'vitest'
import { type Contradiction, encodeContradiction, openContradiction, type SignerKeys } from './contradiction.ts'
import { webPlatform } from './platform.ts'

const origin = 'city.example/groups/a'
const members = ['city.example/groups/a/ann', 'city.example/groups/a/bo']
const hasher = createTreeHasher(sha256)

/** Two logs of the same members that share their first leaf, and what links any two sizes of the second. */
function fork() {
  const [told, honest] = [createTestLog(origin, members), createTestLog(origin, members)]
  const levels: Uint8Array[][] = []
  const frontier = createFrontier(hasher)
  for (let leaf = 0; leaf < 7; leaf++) {
    const entry = toUtf8(`leaf ${leaf}`)
    told.append(leaf === 0 ? entry : toUtf8(`forged ${leaf}`))
    honest.append(entry)
    frontier.append(hasher.leaf(entry), (level, index, hash) => {
      const row = (levels[level] ??= [])
      row[index] = hash
    })
  }
  const read = (level: number, index: number) => levels[level]?.[index] as Uint8Array
  const link = (older: number, newer: number) => ({
    root: treeRoot(hasher, read, older),
    hashes: consistencyProof(hasher, read, older, newer),
  })
  return { told, honest, link }
}

const { told, honest, link } = fork()
const vkeys = (texts: readonly string[]) => texts.map((text) => expectOk(parseVkey(sha256, text)))
const keys: SignerKeys = { origin, logKeys: vkeys(honest.logKeys), cosignerKeys: vkeys(honest.cosigners) }
const open = (contradiction: Contradiction | string, change: Partial<SignerKeys> = {}) =>
  openContradiction(
    webPlatform,
    typeof contradiction === 'string' ? contradiction : encodeContradiction(contradiction),
    { ...keys, ...change },
  )

test('two roots of one size prove a contradiction, and who signed both', () => {
  const notes = [told.checkpoint({ size: 5, cosigners: 1 }), honest.checkpoint({ size: 5 })] as const
  expect(open({ notes })).toEqual({
    kind: 'two_roots',
    origin,
    sizes: [5, 5],
    signedBy: [
      [honest.logKeys[0], honest.cosigners[0]],
      [honest.logKeys[0], ...honest.cosigners],
    ],
    equivocating: [honest.logKeys[0], honest.cosigners[0]],
  })
})

test('a larger tree that does not continue a smaller one proves it by its own root there', () => {
  const notes = [told.checkpoint({ size: 3 }), honest.checkpoint({ size: 7 })] as const
  expect(open({ notes, link: link(3, 7) })).toMatchObject({ kind: 'history_rewritten', sizes: [3, 7] })
})

const fine = [honest.checkpoint({ size: 3 }), honest.checkpoint({ size: 7 })] as const
const bad = [told.checkpoint({ size: 3 }), honest.checkpoint({ size: 7 })] as const
const otherLog = createTestLog('other.example', members)
otherLog.append(toUtf8('leaf 0'))

test.each<[string, Contradiction | string, Partial<SignerKeys>, string]>([
  ['no JSON', 'nothing', {}, 'contradiction_malformed'],
  ['notes out of order', { notes: [bad[1], bad[0]], link: link(3, 7) }, {}, 'contradiction_malformed'],
  ['two logs', { notes: [otherLog.checkpoint(), honest.checkpoint()] }, {}, 'contradiction_of_two_logs'],
  ['keys of another log', { notes: bad, link: link(3, 7) }, { origin: 'x' }, 'contradiction_of_other_log'],
  [
    'a changed root',
    { notes: [bad[0].replace('\n3\n', '\n4\n'), bad[1]] as const, link: link(4, 7) },
    {},
    'contradiction_signature_invalid',
  ],
  ['nobody known', { notes: bad, link: link(3, 7) }, { logKeys: [], cosignerKeys: [] }, 'contradiction_unsigned'],
  ['one checkpoint twice', { notes: [fine[0], fine[0]] }, {}, 'contradiction_not_proved'],
  ['an honest log', { notes: fine, link: link(3, 7) }, {}, 'contradiction_not_proved'],
  ['two sizes without a link', { notes: bad }, {}, 'contradiction_not_proved'],
  ['a link of other sizes', { notes: bad, link: link(4, 7) }, {}, 'contradiction_not_proved'],
])('%s proves nothing', (_case, contradiction, change, refused) => {
  expect(open(contradiction, change)).toEqual({ refused })
})
