import * as fs from 'node:fs'
import { join } from 'node:path'
import { type Ed25519PublicJwk, privateJwkFrom } from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { toUtf8 } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDrivenTill } from '../ordering/cometbft/testing/driven-till.ts'
import { Checkpoints } from '../pipeline/checkpoints.ts'
import { scrub } from '../storage/scrub.ts'
import { openStateSettler, openStore } from '../storage/store.ts'
import { makeTestDirectory } from '../storage/test-blocks.ts'
import { ann, payIn, signActions, startMs, tillGenesis, tillGroup, tillIndex } from '../testing/till-group.ts'
import { catchUpFromLog, restoreSnapshot } from './restore-snapshot.ts'

let directory: string
let old: string
let folder: string
let notes: { readonly state: string; readonly log: string }
let agreed: string
const rulesOf = () => tillIndex

/** Eleven minutes between blocks: the first of them do not come along with the snapshot. */
const minutes = 11 * 60_000

beforeAll(() => {
  directory = makeTestDirectory()
  old = join(directory, 'old')
  const store = openStore(old, { createFresh: true, isSettledElsewhere: true })
  let nowMs = startMs
  const till = openDrivenTill(store, () => nowMs)
  till.initChain()
  const settler = openStateSettler(old)
  for (let height = 1; height <= 6; height++) {
    nowMs = startMs + height * minutes
    const pay = () => signActions(ann, [payIn(1n)], { notAfter: nowMs + 60_000 })
    till.finalizeBlock({ height, timeMs: nowMs, transactions: Array.from({ length: 4 }, pay) })
    till.commit()
    settler.settle((at) => {
      folder = at.writeSnapshot(tillGroup) ?? ''
      const { jwk, sign } = createSigner(privateJwkFrom('EdDSA', sha256(toUtf8('log key'))))
      const checkpoints = new Checkpoints(tillGenesis.origin, { log: { jwk: jwk as Ed25519PublicJwk, sign } }, () => 0)
      notes = checkpoints.ofBoundary(at.size, at.root, store.head()?.root as Uint8Array, nowMs)
    })
  }
  agreed = Buffer.from(store.head()?.agreedHash as Uint8Array).toString('hex')
  settler.close()
  store.close()
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

let places = 0
const newPlace = () => join(directory, `restored-${places++}`)
const restore = (place: string, claims = [{ memberId: 'member_first', notes }], genesis = tillGenesis) =>
  restoreSnapshot({ directory: place, folder, genesis, claims })

describe('a snapshot on disk', () => {
  test('that its members have signed is restored, and the rest comes from the log', () => {
    const place = newPlace()
    expect(restore(place)).toMatchObject({ height: 4, size: 16 })
    const caught = catchUpFromLog({ directory: place, log: old, genesis: tillGenesis, rulesOf })
    expect(caught).toEqual({ height: 6, size: 24, run: 2, filled: 3 })
    const store = openStore(place, { createFresh: false })
    expect(Buffer.from(store.head()?.agreedHash as Uint8Array).toString('hex')).toBe(agreed)
    expect(store.wantedHeight()).toBeUndefined()
    expect(store.leaf(0)).toBeDefined()
    store.close()
    expect(scrub(place)).toEqual([])
  })

  test.each<[string, () => Parameters<typeof restore>[1]]>([
    ['nobody has signed', () => []],
    ['somebody has signed whom the genesis does not know', () => [{ memberId: 'member_other', notes }]],
    ['was signed with another log', () => [{ memberId: 'member_first', notes: { ...notes, log: notes.state } }]],
  ])('that %s is not taken', (_case, claims) => {
    const place = newPlace()
    expect(restore(place, claims())).toEqual({ refused: 'snapshot_not_agreed' })
    expect(fs.existsSync(place)).toBe(false)
  })

  test('of another group is not taken', () => {
    expect(restore(newPlace(), undefined, { ...tillGenesis, name: 'Another' })).toEqual({
      refused: 'snapshot_not_agreed',
    })
  })

  test('with a damaged chunk is not taken, and nothing remains', () => {
    const chunk = join(folder, '000000.chunk')
    const whole = fs.readFileSync(chunk)
    fs.writeFileSync(chunk, Buffer.from(whole).fill(7, 3, 4))
    const place = newPlace()
    expect(restore(place)).toEqual({ refused: 'snapshot_chunk_altered' })
    fs.writeFileSync(chunk, whole)
    expect([place, `${place}.restoring`].filter((left) => fs.existsSync(left))).toEqual([])
  })

  test('is not brought up to date by the log of another group', () => {
    const place = newPlace()
    restore(place)
    const other = join(directory, `other-${places}`)
    const store = openStore(other, { createFresh: true })
    const till = openDrivenTill(store, () => startMs)
    till.initChain()
    const pay = signActions(ann, [payIn(9n)], { notAfter: startMs + 60_000 })
    till.finalizeBlock({ height: 1, timeMs: startMs + 1, transactions: [pay] })
    till.commit()
    store.close()
    expect(catchUpFromLog({ directory: place, log: other, genesis: tillGenesis, rulesOf })).toEqual({
      refused: 'history_differs',
    })
  })
})
