import { type Ed25519PublicJwk, privateJwkFrom } from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { Checkpoints } from '../pipeline/checkpoints.ts'
import { type ClaimedSnapshot, endorsedBoundaries, quorumOf } from './endorsed-boundaries.ts'

const origin = 'city.example/groups/records'
const { verify } = createVerifier()

function memberOf(memberId: string, of = origin) {
  const { jwk, sign } = createSigner(privateJwkFrom('EdDSA', sha256(toUtf8(`log ${memberId}`))))
  const logKey = jwk as Ed25519PublicJwk
  return { memberId, logKey, checkpoints: new Checkpoints(of, { log: { jwk: logKey, sign } }, () => 0) }
}

const members = ['member_a', 'member_b', 'member_c', 'member_d'].map((memberId) => memberOf(memberId))
const [a, b, c, d] = members as [Member, Member, Member, Member]
type Member = ReturnType<typeof memberOf>
const policy = { origin, members, sha256, verify }
const hashOf = (text: string) => sha256(toUtf8(text))

interface Said {
  readonly height?: number
  readonly size?: number
  readonly root?: string
  readonly state?: string
  readonly timeMs?: number
  readonly as?: string
}

function claim(by: Member, said: Said = {}): ClaimedSnapshot {
  const { height = 40, size = 64, root = 'root', state = 'state', timeMs = 5, as = by.memberId } = said
  const notes = by.checkpoints.ofBoundary(size, hashOf(state), hashOf(root), timeMs)
  return { memberId: as, height, notes }
}

const found = (claims: readonly ClaimedSnapshot[]) =>
  endorsedBoundaries(claims, policy).map(({ height, size, signedBy }) => [height, size, signedBy.join(' ')])

test('a quorum is more than two thirds', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 10, 16].map(quorumOf)).toEqual([1, 2, 3, 3, 4, 5, 5, 7, 11])
})

test('a boundary that three of four have signed is endorsed, the newest first', () => {
  const older = [a, b, d].map((by) => claim(by, { height: 20, size: 32 }))
  expect(found([...older, claim(a), claim(b), claim(c)])).toEqual([
    [40, 64, 'member_a member_b member_c'],
    [20, 32, 'member_a member_b member_d'],
  ])
})

test.each<[string, ClaimedSnapshot[]]>([
  ['two', [claim(a), claim(b)]],
  ['one twice', [claim(a), claim(b), claim(b)]],
  ['one in the name of another', [claim(a), claim(b), claim(b, { as: 'member_c' })]],
  ['one that nobody knows', [claim(a), claim(b), claim(memberOf('member_e'))]],
  ['one that signed another state', [claim(a), claim(b), claim(c, { state: 'other' })]],
  ['one that signed another log', [claim(a), claim(b), claim(c, { root: 'other' })]],
  ['one that signed another time', [claim(a), claim(b), claim(c, { timeMs: 6 })]],
  ['one that means another block', [claim(a), claim(b), claim(c, { height: 41 })]],
  ['one that means no block', [claim(a), claim(b), claim(c, { height: 40.5 })]],
  ['notes of another log', [claim(a), claim(b), claim(memberOf('member_c', 'elsewhere.example'))]],
  ['notes of two boundaries', [claim(a), claim(b), mixed()]],
  ['what is no note', [claim(a), claim(b), { memberId: 'member_c', height: 40, notes: { state: '', log: 'x' } }]],
])('%s are not enough', (_case, claims) => {
  expect(found(claims)).toEqual([])
})

test.each<[string, readonly (string | undefined)[], readonly string[] | undefined]>([
  ['nobody', [undefined, undefined, undefined, undefined], undefined],
  ['all', ['same', 'same', 'same', 'same'], ['same']],
  ['two of five', ['same', 'other', 'same', undefined], ['same']],
  ['one of five', ['same', undefined, undefined, undefined], []],
  ['each another', ['one', 'two', 'three', 'four'], []],
  ['two and two', ['same', 'other', 'other', 'same'], ['other', 'same']],
])('a name that is given by %s of four and whoever joins', (_case, given, names) => {
  const claims = members.map((by, index) => ({ ...claim(by), ...(given[index] && { hash: given[index] }) }))
  expect(endorsedBoundaries(claims, policy).map((boundary) => boundary.names)).toEqual([names])
  // Saying it again makes it no better.
  expect(endorsedBoundaries([...claims, ...claims], policy).map((boundary) => boundary.names)).toEqual([names])
})

function mixed(): ClaimedSnapshot {
  const [one, other] = [claim(c), claim(c, { size: 80 })]
  return { ...one, notes: { state: one.notes.state, log: other.notes.log } }
}
