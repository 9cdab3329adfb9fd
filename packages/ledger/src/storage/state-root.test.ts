import * as fs from 'node:fs'
import { join } from 'node:path'
import {
  emptyBucketHash,
  stateBucketHash,
  stateBucketOf,
  stateBuckets,
  stateNodeHash,
  verifyStateProof,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { StateWrite } from './face.ts'
import { openStore } from './store.ts'
import { createBlockMaker, makeTestDirectory } from './test-blocks.ts'

// Disks and machines differ; nothing here is about time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let directory: string
beforeAll(() => {
  directory = makeTestDirectory()
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

/** The root as its definition reads, level by level, skipping only what is empty. */
function rootByDefinition(rows: ReadonlyMap<string, string>): Buffer {
  const buckets = new Map<number, Buffer[]>()
  for (const [key, value] of rows) {
    const keyHash = sha256(Buffer.from(key))
    const entry = Buffer.concat([keyHash, sha256(Buffer.from(value))])
    const bucket = stateBucketOf(keyHash)
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), entry])
  }
  let level = new Map<number, Uint8Array>()
  for (const [bucket, entries] of buckets) {
    level.set(bucket, stateBucketHash(sha256, Buffer.concat(entries.sort(Buffer.compare))))
  }
  let empty: Uint8Array = emptyBucketHash
  for (let width = stateBuckets; width > 1; width /= 2) {
    const above = new Map<number, Uint8Array>()
    for (const index of level.keys()) {
      const parent = index >> 1
      above.set(parent, stateNodeHash(sha256, level.get(2 * parent) ?? empty, level.get(2 * parent + 1) ?? empty))
    }
    empty = stateNodeHash(sha256, empty, empty)
    level = above
  }
  return Buffer.from(level.get(0) ?? empty)
}

const key = fc.nat(60).map((number) => `points/accounts/account_${number}`)
const writes = fc.uniqueArray(
  fc.record({
    key,
    value: fc.option(
      fc.nat(5).map((n) => `{"n":${n}}`),
      { nil: undefined },
    ),
  }),
  { selector: (write) => write.key, maxLength: 20 },
)
const blocks = fc.array(fc.record({ writes, boundary: fc.boolean(), isSettled: fc.boolean() }), {
  minLength: 1,
  maxLength: 14,
})

test('at every boundary the root is the one of its definition, and proves every row and every absence', () => {
  let run = 0
  fc.assert(
    fc.property(blocks, (history) => {
      const store = openStore(join(directory, String(run++)), { createFresh: true })
      const make = createBlockMaker()
      const rows = new Map<string, string>()
      const roots = new Map<number, { root: Buffer; rows: Map<string, string> }>()
      for (const { writes, boundary, isSettled } of history) {
        const block = make({ leaves: 1, writes, ...(boundary && { boundary: true as const }) })
        store.commit(block)
        apply(rows, writes)
        if (boundary) roots.set(block.head.size, { root: rootByDefinition(rows), rows: new Map(rows) })
        if (isSettled) store.settle()
      }
      store.settle()
      for (const [size, { root }] of roots) expect(Buffer.from(store.stateRootAt(size) ?? [])).toEqual(root)
      const sizes = [...roots.keys()]
      for (const size of sizes.slice(-2)) {
        for (let number = 0; number <= 61; number++) {
          const key = `points/accounts/account_${number}`
          const proven = store.proveRow(size, key)
          const { root, rows } = roots.get(size) as { root: Buffer; rows: Map<string, string> }
          if (!proven) throw new Error('No proof was made.')
          const check = (value: string | undefined) => verifyStateProof(sha256, root, { key, value }, proven.proof)
          expect(check(rows.get(key))).toBe(true)
          expect(check(rows.has(key) ? undefined : '{"n":0}')).toBe(false)
          expect(check('{"n":9}')).toBe(false)
          if (proven.value !== undefined) expect(proven.value ?? undefined).toBe(rows.get(key))
          else expect(store.row(key)).not.toBe(rows.get(key))
        }
      }
      for (const size of sizes.slice(0, -2)) expect(store.proveRow(size, 'points/accounts/account_1')).toBeUndefined()
      store.close()
    }),
    { numRuns: 25 },
  )
})

function apply(rows: Map<string, string>, writes: readonly StateWrite[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) rows.delete(key)
    else rows.set(key, value)
  }
}

test('the root of no rows is that of empty buckets, whatever was there before', () => {
  const store = openStore(join(directory, 'empty'), { createFresh: true })
  const make = createBlockMaker()
  store.commit(make({ leaves: 1, boundary: true }))
  store.settle()
  store.commit(make({ leaves: 1, writes: [{ key: 'a/b/c', value: '1' }], boundary: true }))
  store.settle()
  store.commit(make({ leaves: 1, writes: [{ key: 'a/b/c', value: undefined }], boundary: true }))
  store.settle()
  const empty = rootByDefinition(new Map())
  expect([1, 2, 3].map((size) => empty.equals(store.stateRootAt(size) ?? Buffer.alloc(0)))).toEqual([true, false, true])
  store.close()
})

test('a proof that lists its rows twice, out of order or from elsewhere holds nothing', () => {
  const store = openStore(join(directory, 'forged'), { createFresh: true })
  const make = createBlockMaker()
  const key = 'a/b/c'
  store.commit(make({ leaves: 1, writes: [{ key, value: '1' }], boundary: true }))
  store.settle()
  const proven = store.proveRow(1, key)
  if (!proven) throw new Error('No proof was made.')
  const { root, proof } = proven
  const [row] = proof.rows
  if (!row) throw new Error('The bucket is empty.')
  const holds = (value: string | undefined, change: Partial<typeof proof>) =>
    verifyStateProof(sha256, root, { key, value }, { ...proof, ...change })
  const foreign = {
    keyHash: Uint8Array.from(row.keyHash, (byte, at) => (at === 0 ? byte ^ 1 : byte)),
    valueHash: row.valueHash,
  }
  expect(holds('1', {})).toBe(true)
  expect(holds(undefined, {})).toBe(false)
  expect(holds('2', {})).toBe(false)
  expect(holds('1', { rows: [row, row] })).toBe(false)
  expect(holds('1', { rows: [foreign, row] })).toBe(false)
  expect(holds(undefined, { rows: [] })).toBe(false)
  expect(holds('1', { path: proof.path.slice(1) })).toBe(false)
  expect(holds('1', { path: [...proof.path, new Uint8Array(32)] })).toBe(false)
  expect(holds('1', { rows: [{ ...row, valueHash: new Uint8Array(31) }] })).toBe(false)
  store.close()
})
