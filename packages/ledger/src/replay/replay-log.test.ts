/** A log replayed is the log; a log that was changed is found out where it was changed; a lost state comes back. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checksum } from '../storage/checksum.ts'
import { type OpenedTill, openTill } from '../testing/open-till.ts'
import { ann, bo, eve, move, payIn, signActions, startMs, tillIndex } from '../testing/till-group.ts'
import { rebuildState, replayLog } from './replay-log.ts'

const rulesOf = () => tillIndex

let till: OpenedTill
beforeEach(async () => {
  till = await openTill()
})
afterEach(() => till.remove())

async function live(blocks: number): Promise<void> {
  for (let block = 0; block < blocks; block++) {
    till.nowMs += 100
    const change = { notAfter: till.nowMs + 60_000 }
    await till.ledger.submit([
      signActions(ann, [payIn(10n), move(ann.did, 3n)], change),
      signActions(bo, [payIn(2n, 'rent')], change),
      signActions(eve, [move(bo.did, 1_000n)], change),
      signActions(ann, [move(bo.did, 1n)], change),
    ])
  }
}

test('a log replayed comes out equal, state roots and refusals included, and leaves nothing behind', async () => {
  await live(20)
  const { height, size, stateHash, agreedHash, stateRoot } = till.ledger.head()
  expect(stateRoot?.size).toBeGreaterThan(0)
  const heights: number[] = []
  const report = replayLog(till.directory, { rulesOf, onProgress: ({ height: at }) => heights.push(at) })
  expect(report).toEqual({ height, size, stateHash, agreedHash, equal: true })
  expect(heights).toEqual(Array.from({ length: height + 1 }, (_, at) => at))
  expect(fs.existsSync(join(till.directory, 'replay.tmp'))).toBe(false)
})

test('other rules are found out at the first transaction that they treat otherwise', async () => {
  await live(2)
  const till2 = tillIndex.domains.get('till')
  if (till2 === undefined) throw new Error('The till is gone.')
  const generous = {
    ...tillIndex,
    domains: new Map(tillIndex.domains).set('till', {
      ...till2,
      apply: (write, event) =>
        till2.apply(write, event.type === 'paidIn' ? Object.assign({ ...event }, { amount: 11n }) : event),
    }),
  }
  const verbs = new Map(
    [...tillIndex.verbs].map(([type, verb]) => [
      type,
      { ...verb, rules: generous.domains.get(verb.domain) ?? verb.rules },
    ]),
  )
  const report = replayLog(till.directory, { rulesOf: () => ({ ...generous, verbs }) })
  expect(report).toMatchObject({ equal: false, height: 0, firstDifference: { height: 1, leafIndex: 0, what: 'leaf' } })
})

test('a state that is lost is made anew from the log, and the ledger goes on', async () => {
  await live(12)
  const head = till.ledger.head()
  const rows = [ann, bo].map(({ did }) => till.ledger.row('till/tills', did))
  await till.ledger.close()
  for (const part of ['state', 'tiles']) fs.rmSync(join(till.directory, part), { recursive: true })

  await expect(openTill({}, till.directory, till.nowMs)).rejects.toThrow('rebuild')
  expect(rebuildState(till.directory, { rulesOf })).toMatchObject({ equal: true, size: head.size })
  till = await openTill({}, till.directory, till.nowMs)
  expect(till.ledger.head()).toEqual(head)
  expect([ann, bo].map(({ did }) => till.ledger.row('till/tills', did))).toEqual(rows)
  await live(1)
  expect(till.ledger.head().size).toBe(head.size + 4)
  expect(fs.readdirSync(till.directory).sort()).toEqual(['genesis.json', 'log', 'state', 'tiles'])
})

test('a torn last block is cut, a damaged one before it is named', async () => {
  await live(3)
  const head = till.ledger.head()
  await till.ledger.close()
  const path = join(till.directory, 'log', '000000000000.seg')
  const whole = fs.readFileSync(path)
  fs.writeFileSync(path, whole.subarray(0, -5))
  expect(replayLog(till.directory, { rulesOf })).toMatchObject({ equal: true, height: head.height - 1 })
  const flipped = Buffer.from(whole)
  flipped[Math.floor(whole.length / 2)] = (flipped[Math.floor(whole.length / 2)] as number) ^ 1
  fs.writeFileSync(path, flipped)
  expect(() => replayLog(till.directory, { rulesOf })).toThrow('log_damaged')
  fs.writeFileSync(path, whole)
  till = await openTill({}, till.directory, till.nowMs)
})

test('a leaf that was changed together with its checksum is found out', async () => {
  await live(2)
  await till.ledger.close()
  const path = join(till.directory, 'log', '000000000000.seg')
  const bytes = fs.readFileSync(path)
  const at = bytes.indexOf('"code":"till_too_low"')
  if (at < 0) throw new Error('The log has no refused transaction.')
  bytes.write('"code":"till_too_bad"', at)
  sealFrameAround(bytes, at)
  fs.writeFileSync(path, bytes)
  expect(replayLog(till.directory, { rulesOf })).toMatchObject({ equal: false, firstDifference: { what: 'leaf' } })
  bytes.write('"code":"till_too_low"', at)
  sealFrameAround(bytes, at)
  fs.writeFileSync(path, bytes)
  till = await openTill({}, till.directory, till.nowMs)
})

/** Frames follow each other: length, checksum, payload. */
function sealFrameAround(bytes: Buffer, at: number): void {
  for (let start = 0; start < bytes.length; ) {
    const length = bytes.readUInt32LE(start)
    const end = start + 8 + length
    if (at < end) {
      bytes.writeUInt32LE(checksum(bytes.subarray(start + 8, end), length), start + 4)
      return
    }
    start = end
  }
}

test('whatever was done, the money is what was paid in, at every height, and the replay is equal', async () => {
  const people = [ann, bo, eve]
  const action = fc.oneof(
    fc.record({ who: fc.nat({ max: 2 }), pay: fc.bigInt({ min: 1n, max: 50n }) }),
    fc.record({ who: fc.nat({ max: 2 }), to: fc.nat({ max: 2 }), amount: fc.bigInt({ min: 1n, max: 60n }) }),
    fc.record({ who: fc.nat({ max: 2 }), from: fc.nat({ max: 2 }), price: fc.bigInt({ min: 1n, max: 60n }) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), { maxLength: 8 }),
      async (blocks) => {
        const own = await openTill()
        try {
          for (const block of blocks) {
            own.nowMs += 7
            await own.ledger.submit(
              block.map((actions) => {
                const who = actions[0]?.who ?? 0
                const signer = people[who] as typeof ann
                const list = actions.map((one) => {
                  if ('pay' in one) return payIn(one.pay)
                  if ('to' in one) return move((people[one.to] as typeof ann).did, one.amount)
                  return {
                    type: 'shop.buy',
                    args: { from: (people[one.from] as typeof ann).did, price: String(one.price) },
                  }
                })
                return signActions(signer, list, { notAfter: startMs + 500_000 })
              }),
            )
            expectConserved(own)
          }
          expect(replayLog(own.directory, { rulesOf })).toMatchObject({
            equal: true,
            agreedHash: own.ledger.head().agreedHash,
          })
        } finally {
          await own.remove()
        }
      },
    ),
    { numRuns: 12 },
  )
})

function expectConserved({ ledger }: OpenedTill): void {
  let paidIn = 0n
  for (let height = 1; height <= ledger.head().height; height++) {
    for (const { events } of ledger.block(height)?.transactions ?? []) {
      for (const event of events) if (event.type === 'till.paidIn') paidIn += BigInt(event['amount'] as string)
    }
  }
  const held = [ann, bo, eve].map(({ did }) => ledger.row('till/tills', did) as { amount: string } | undefined)
  expect(held.reduce((sum, row) => sum + BigInt(row?.amount ?? '0'), 0n)).toBe(paidIn)
  for (const row of held) if (row) expect(BigInt(row.amount) >= 0n).toBe(true)
}
