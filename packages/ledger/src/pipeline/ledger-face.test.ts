/** The whole way of a transaction, in one thread: submitted, logged, proved, read again after a restart. */
import {
  createTreeHasher,
  openStateCheckpoint,
  parseVkey,
  stateKey,
  verifyConsistency,
  verifyStateProof,
  verifyTlogProof,
} from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { expectOk, fromBase64url, isRefusal, type TransactionId, toBase64url } from '@chengxin/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashText } from '../execution/leaf.ts'
import type { Outcome } from '../face.ts'
import { type OpenedTill, openTill, tillKeys } from '../testing/open-till.ts'
import { ann, bo, eve, move, payIn, signActions, startMs, tillGenesis } from '../testing/till-group.ts'
import { cosignerVkey, logVkey } from './checkpoints.ts'
import type { StateProofJson } from './ledger-face.ts'

let till: OpenedTill

beforeEach(async () => {
  till = await openTill()
})
afterEach(() => till.remove())

function statusOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'unknown'
  return 'code' in outcome ? `${outcome.status} ${outcome.code}` : outcome.status
}

describe('a ledger', () => {
  test('begins with the genesis block and no leaves', () => {
    expect(till.ledger.head()).toMatchObject({ height: 0, size: 0, timeMs: startMs })
    expect(till.ledger.block(0)?.genesisEvents).toHaveLength(3)
    expect(till.ledger.block(0)?.transactions).toEqual([])
    expect(till.ledger.block(1)).toBeUndefined()
  })

  test('answers one outcome per transaction, in order', async () => {
    const outcomes = await till.ledger.submit([
      signActions(ann, [payIn(100n)]),
      'nonsense',
      signActions(ann, [move(bo.did, 1n)]),
      signActions(bo, [payIn(5n)]),
      signActions(ann, [move(bo.did, 30n)]),
      signActions(eve, [move(ann.did, 1n)]),
    ])
    expect(outcomes.map(statusOf)).toEqual([
      'committed',
      'rejected envelope_malformed',
      'refused till_not_found',
      'committed',
      'committed',
      'refused till_too_low',
    ])
    expect(till.ledger.head()).toMatchObject({ height: 1, size: 5, timeMs: startMs + 1_000 })
    expect(till.ledger.row('till/tills', ann.did)).toEqual({ amount: '70', notes: [], owner: ann.did })
    expect(outcomes[4]).toMatchObject({
      height: 1,
      position: 3,
      leafIndex: 3,
      events: [{ type: 'till.moved', from: ann.did, to: bo.did, amount: '30' }],
    })
  })

  test('gives the first outcome to the same transaction again, waiting or logged', async () => {
    const jws = signActions(ann, [payIn(7n)])
    const [first, twin] = await till.ledger.submit([jws, jws])
    const [again] = await till.ledger.submit([jws])
    expect(first).toMatchObject({ status: 'committed', leafIndex: 0 })
    expect(twin).toEqual(first)
    expect(again).toEqual(first)
    expect(till.ledger.head().size).toBe(1)
    expect(till.ledger.row('till/tills', ann.did)).toMatchObject({ amount: '7' })
  })

  test('knows a transaction that waits, and none that it has never seen', async () => {
    const jws = signActions(ann, [payIn(7n)])
    const id = hashText(jws.slice(0, jws.lastIndexOf('.'))) as string as TransactionId
    expect(till.ledger.outcome(id)).toBeUndefined()
    const submitted = till.ledger.submit([jws])
    expect(till.ledger.outcome(id)).toEqual({ status: 'pending', id })
    const [outcome] = await submitted
    expect(till.ledger.outcome(id)).toEqual(outcome)
    expect(till.ledger.outcome('not an id' as TransactionId)).toBeUndefined()
  })

  test('proves rows, and that there are none, under the newest agreed state root', async () => {
    expect(till.ledger.stateProof('till/tills', ann.did)).toBeUndefined()
    for (let block = 0; block < 26; block++) await till.ledger.submit([signActions(ann, [payIn(1n)])])
    for (const [did, amount] of [
      [ann.did, '16'],
      [bo.did, undefined],
    ] as const) {
      const proof = till.ledger.stateProof('till/tills', did) as StateProofJson
      expect(proof.size).toBe(16)
      expect(proof.root).toBe(till.ledger.head().stateRoot?.root)
      // The row has changed since; what it was then is known here, and the proof holds for that and for nothing else.
      const value = amount && `{"amount":"${amount}","notes":[],"owner":"${did}"}`
      const opened = {
        rows: proof.rows.map(([keyHash = '', valueHash = '']) => ({
          keyHash: fromBase64url(keyHash) as Uint8Array,
          valueHash: fromBase64url(valueHash) as Uint8Array,
        })),
        path: proof.path.map((hash) => fromBase64url(hash) as Uint8Array),
      }
      const holds = (held: string | undefined) =>
        verifyStateProof(sha256, fromBase64url(proof.root) as Uint8Array, { key: proof.key, value: held }, opened)
      expect([holds(value), holds('{}')]).toEqual([true, false])
    }
  })

  test('tells its blocks to listeners and to feeds, from any height and as they come', async () => {
    const heard: number[] = []
    till.ledger.onCommit(({ height }) => heard.push(height))
    await till.ledger.submit([signActions(ann, [payIn(1n)])])
    const stop = new AbortController()
    const fed: (readonly [number, number])[] = []
    const feeding = (async () => {
      for await (const block of till.ledger.blocks(0, stop.signal)) {
        fed.push([block.height, block.transactions.length])
        if (block.height === 3) stop.abort()
      }
    })()
    till.nowMs += 10
    await till.ledger.submit([signActions(ann, [payIn(1n)]), signActions(bo, [payIn(1n)])])
    await till.ledger.submit([signActions(ann, [payIn(1n)])])
    await feeding
    expect(heard).toEqual([1, 2, 3])
    expect(fed).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 1],
    ])
  })

  test('says the same of its blocks after a restart as when they were made', async () => {
    const made: unknown[] = []
    till.ledger.onCommit((block) => made.push(JSON.parse(JSON.stringify(block))))
    await till.ledger.submit([signActions(ann, [payIn(9n, 'rent')]), signActions(bo, [move(eve.did, 1n)])])
    await till.ledger.submit([
      signActions(ann, [{ type: 'people.nameAgent', args: { agent: bo.did, untilMs: startMs * 2 } }]),
    ])
    await till.ledger.submit([signActions(bo, [{ ...payIn(4n), for: ann.did }])])
    const head = till.ledger.head()
    till = await till.reopen()
    expect(till.ledger.head()).toEqual(head)
    const read = [1, 2, 3].map((height) => JSON.parse(JSON.stringify(till.ledger.block(height))))
    expect(read).toEqual(made)
    expect(read[2].transactions[0]).toMatchObject({ signer: bo.did, principals: [ann.did], types: ['till.payIn'] })
  })

  test('refuses a directory that holds another group', async () => {
    const other = { ...tillGenesis, name: 'Another till' }
    await expect(till.reopen({ genesis: other })).rejects.toThrow('another group')
    till = await openTill({}, till.directory)
  })

  test('signs a checkpoint, and receipts that verify against it', async () => {
    const [outcome] = await till.ledger.submit([signActions(ann, [payIn(1n)]), signActions(ann, [payIn(2n)])])
    const tree = { size: till.ledger.head().size, note: till.ledger.checkpoint() }
    const receipt = till.ledger.receipt(outcome?.id as TransactionId, tree) as string
    const cosigner = tillKeys.cosigner as NonNullable<typeof tillKeys.cosigner>
    const logKey = expectOk(parseVkey(sha256, logVkey(tillGenesis.origin, tillKeys.log.jwk)))
    const cosignerKey = expectOk(parseVkey(sha256, cosignerVkey(tillGenesis.origin, 'member_first', cosigner.jwk)))
    expect(till.ledger.checkpoint()).toContain(`${tillGenesis.origin}\n2\n`)
    const proved = verifyTlogProof(receipt, {
      hasher: createTreeHasher(sha256),
      policy: {
        origin: tillGenesis.origin,
        logKeys: [logKey],
        logThreshold: 1,
        cosignerKeys: [cosignerKey],
        cosignerThreshold: 1,
      },
      verify: createVerifier().verify,
    })
    expect(isRefusal(proved) ? proved : 'proved').toBe('proved')
  })

  test('links every size that it had to the newest, and gives receipts against an older tree', async () => {
    const sizes: number[] = []
    till.ledger.onCommit(() => sizes.push(till.ledger.head().size))
    const [first] = await till.ledger.submit([signActions(ann, [payIn(1n)])])
    const older = { size: till.ledger.head().size, note: till.ledger.checkpoint() }
    const [second] = await till.ledger.submit([signActions(ann, [payIn(2n)]), signActions(bo, [payIn(3n)])])
    const hasher = createTreeHasher(sha256)
    const head = (size: number) => ({ size, root: till.ledger.rootAt(size) as Uint8Array })
    const linked = [0, 1, 2, 3].map((size) =>
      verifyConsistency(hasher, head(size), head(3), till.ledger.consistency(size, 3) ?? [new Uint8Array(1)]),
    )
    expect([linked, sizes]).toEqual([
      [true, true, true, true],
      [1, 3],
    ])
    expect([till.ledger.rootAt(4), till.ledger.consistency(2, 4), till.ledger.consistency(3, 2)]).toEqual(
      Array(3).fill(undefined),
    )
    expect(till.ledger.receipt(first?.id as TransactionId, older)).toContain(older.note)
    expect(till.ledger.receipt(second?.id as TransactionId, older)).toBeUndefined()
  })

  test('signs the newest agreed state root with the time of its block', async () => {
    expect(till.ledger.stateCheckpoint()).toBeUndefined()
    for (let block = 0; block < 13; block++) {
      till.nowMs += 1_000
      await till.ledger.submit([signActions(ann, [payIn(1n)]), signActions(bo, [payIn(1n)])])
    }
    const { stateRoot } = till.ledger.head()
    const policy = {
      origin: tillGenesis.origin,
      keys: [stateKey(sha256, tillGenesis.origin, tillKeys.log.jwk)],
      threshold: 1,
    }
    const opened = openStateCheckpoint(till.ledger.stateCheckpoint() ?? '', policy, createVerifier().verify)
    expect(opened).toMatchObject({ size: 16, timeMs: till.ledger.block(8)?.timeMs })
    expect(stateRoot).toMatchObject({ size: 16, root: toBase64url(expectOk(opened).root) })
  })
})
