/**
 * Four members over a network that is slow, and that parts: whoever is among three goes on, two and two wait for each
 * other, and when the parts meet again all hold the same, with nothing lost that anybody was told.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bo, eve } from '../../packages/ledger/src/testing/till-group.ts'
import { Books, payments } from './books.ts'
import { type Consortium, type Member, startConsortium } from './consortium.ts'
import { enginePath, hasEngine } from './engine.ts'
import type { Outcome } from './member.ts'

/** Far longer than a block takes on this network: a decision that did not come by then comes when the parts meet. */
const longEnoughMs = 5_000

/** What was answered so far. */
function watched(answer: Promise<readonly Outcome[]>) {
  const seen: { outcomes?: readonly Outcome[] } = {}
  void answer.then((outcomes) => {
    seen.outcomes = outcomes
  })
  return { seen, answer }
}

describe.skipIf(!hasEngine)('a network of 80 ms there and back', () => {
  let consortium: Consortium
  let [first, second, third, fourth] = [] as unknown as readonly [Member, Member, Member, Member]
  const books = new Books()

  beforeAll(async () => {
    consortium = await startConsortium(enginePath(), 4)
    consortium.links.travel(40)
    ;[first, second, third, fourth] = consortium.members as unknown as readonly [Member, Member, Member, Member]
    await Promise.all(consortium.members.map((member) => member.ready()))
  })

  afterAll(async () => {
    await consortium?.remove()
  })

  test('carries transactions to a decision, one member after the other', async () => {
    const took: number[] = []
    for (const member of [first, second, third, fourth, first, second, third, fourth]) {
      const startedMs = performance.now()
      await books.commit(member, payments(ann, 1))
      took.push(Math.round(performance.now() - startedMs))
    }
    // Three rounds of messages and a second block to confirm the first; told, and held to nothing.
    console.log(`from submission to outcome at 80 ms there and back: ${took.join(', ')} ms`)
    await books.expectEqual(consortium.members)
  })

  test('one member alone decides nothing while three go on, and has it all when it is back', async () => {
    consortium.links.part([0, 1, 2], [3])
    const alone = watched(books.submit(fourth, payments(eve, 1)))
    await books.commit(first, payments(ann, 10))
    await books.commit(third, payments(bo, 10))
    await delay(longEnoughMs)
    expect(alone.seen.outcomes).toBeUndefined()
    consortium.links.heal()
    const outcomes = await alone.answer
    expect(outcomes).toMatchObject([{ code: 'ok' }])
    await books.expectEqual(consortium.members)
  })

  test('two and two decide nothing, fork nothing, and go on by themselves when they meet', async () => {
    const before = await books.expectEqual(consortium.members)
    consortium.links.part([0, 1], [2, 3])
    // What was on its way when the network parted may still come through.
    await delay(1_000)
    const here = watched(books.submit(first, payments(ann, 5)))
    const there = watched(books.submit(fourth, payments(eve, 5)))
    await delay(longEnoughMs)
    expect([here.seen.outcomes, there.seen.outcomes]).toEqual([undefined, undefined])
    for (const member of consortium.members) {
      expect((await member.position()).size).toBe(before[0]?.size)
    }
    consortium.links.heal()
    for (const outcomes of [await here.answer, await there.answer]) {
      for (const { code } of outcomes) expect(code).toBe('ok')
    }
    await books.expectEqual(consortium.members)
  })
})
