/** An index of runs against a plain map: whatever was added, merged, interrupted or opened again. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Environment } from './lmdb-tables.ts'
import { runKeyBytes, SortedRuns } from './sorted-runs.ts'

const recordBytes = runKeyBytes + 6
let directory: string
let environment: Environment

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
  mkdirSync(join(directory, 'state', 'test'), { recursive: true })
  environment = new Environment(directory, 'test', true)
})

afterEach(() => {
  environment.close()
  rmSync(directory, { recursive: true, force: true })
})

function open(name: string): SortedRuns {
  return new SortedRuns(environment.bytes(name), name, 'test', {
    recordBytes,
    fanout: 3,
    blockRecords: 5,
    leastMerged: 7,
  })
}

/** Keys that share their first bytes often, so that what follows decides. */
function keyOf(number: number): Buffer {
  const key = Buffer.alloc(runKeyBytes)
  key[number % 3] = 7
  key.writeUInt32BE(number, number % 2 === 0 ? 4 : 12)
  return key
}

function recordsOf(numbers: readonly number[], firstLeaf: number): Buffer {
  const records = Buffer.alloc(numbers.length * recordBytes)
  for (const [index, number] of numbers.entries()) {
    records.set(keyOf(number), index * recordBytes)
    records.writeUIntLE(firstLeaf + index, index * recordBytes + runKeyBytes, 6)
  }
  return records
}

function leafOf(record: Buffer | undefined): number | undefined {
  return record?.readUIntLE(runKeyBytes, 6)
}

test('what was added last under a key is found, and nothing else', () => {
  const batch = fc.array(fc.nat({ max: 400 }), { maxLength: 40 })
  let round = 0
  fc.assert(
    fc.property(fc.array(fc.record({ batch, isLost: fc.boolean() }), { maxLength: 60 }), (steps) => {
      const name = `index-${round++ % 8}`
      const runs = open(name)
      const known = new Map<number, number>()
      let leaf = 0
      environment.transact(() => runs.clear())
      for (const { batch: numbers, isLost } of steps) {
        const records = recordsOf(numbers, leaf)
        try {
          environment.transact(() => {
            runs.add(records)
            if (isLost && numbers.length > 20) throw new Error('lost')
          })
        } catch (error) {
          expect((error as Error).message).toBe('lost')
          continue
        }
        for (const [index, number] of numbers.entries()) known.set(number, leaf + index)
        leaf += numbers.length
      }
      environment.renew()
      const reader = open(name)
      for (let number = 0; number <= 401; number++) {
        expect(leafOf(reader.find(keyOf(number)))).toBe(known.get(number))
        expect(reader.findOnly(keyOf(number)) === undefined).toBe(!known.has(number))
      }
    }),
    { numRuns: 40 },
  )
}, 120_000)

test('merging keeps the number of runs small', () => {
  const table = environment.bytes('many')
  const runs = new SortedRuns(table, 'many', 'test', { recordBytes, fanout: 4, blockRecords: 50 })
  for (let batch = 0; batch < 300; batch++) {
    const numbers = Array.from({ length: 64 }, (_, index) => batch * 64 + index)
    environment.transact(() => runs.add(recordsOf(numbers, batch * 64)))
  }
  const listed = JSON.parse((table.get(Buffer.from([0])) as Buffer).subarray(4).toString()) as { runs: unknown[] }
  expect(listed.runs.length).toBeLessThan(32)
  for (const number of [0, 5_000, 19_199]) expect(leafOf(runs.findOnly(keyOf(number)))).toBe(number)
  // Blocks of runs that were merged are gone.
  expect(table.keys({ start: Buffer.from([1]) }).length).toBeLessThan(3 * (19_200 / 50))
}, 120_000)

test('a block that was changed on disk is named and not read', () => {
  const table = environment.bytes('torn')
  const runs = new SortedRuns(table, 'torn', 'test', { recordBytes })
  environment.transact(() => runs.add(recordsOf([1, 2, 3], 0)))
  const [key] = table.keys({ start: Buffer.from([1]) }) as [Buffer]
  const block = Buffer.from(table.get(key) as Buffer)
  block[9] = (block[9] as number) ^ 1
  environment.transact(() => table.put(key, block))
  environment.renew()
  expect(() => runs.find(keyOf(2))).toThrow('A block of this index is damaged.')
})
