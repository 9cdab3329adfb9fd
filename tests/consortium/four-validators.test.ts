/**
 * Four members on loopback with a real CometBFT each: they agree on every block, none shows an outcome that another does
 * not, and whoever is killed comes back to where the others are.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bo, eve, move, payIn } from '../../packages/ledger/src/testing/till-group.ts'
import { Books, payments, settled, sign } from './books.ts'
import { type Consortium, type Member, startConsortium } from './consortium.ts'
import { enginePath, hasEngine } from './engine.ts'
import type { CrashPoint, Position } from './member.ts'

describe.skipIf(!hasEngine)('four validators', () => {
  let consortium: Consortium
  let [first, second, third, fourth] = [] as unknown as readonly [Member, Member, Member, Member]
  const books = new Books()
  const submitTo = (member: Member, transactions: readonly string[]) => books.submit(member, transactions)

  beforeAll(async () => {
    consortium = await startConsortium(enginePath(), 4)
    const [one, two, three, four] = consortium.members
    if (!one || !two || !three || !four) throw new Error('Four members were asked for.')
    ;[first, second, third, fourth] = [one, two, three, four]
    await Promise.all(consortium.members.map((member) => member.ready()))
  })

  afterAll(async () => {
    await consortium?.remove()
  })

  test('what is submitted to any of them is committed once, and all hold the same', async () => {
    const all = await Promise.all([
      submitTo(first, payments(ann, 60)),
      submitTo(second, payments(bo, 20)),
      submitTo(third, payments(eve, 20)),
    ])
    for (const { code } of all.flat()) expect(code).toBe('ok')
    await books.expectEqual(consortium.members)
  })

  test('a refusal of the rules is logged, and what cannot enter is refused at the door', async () => {
    const tooMuch = sign(ann, [move(bo.did, 10n ** 9n)])
    const known = sign(ann, [payIn(1n)])
    expect((await submitTo(first, [tooMuch]))[0]).toMatchObject({ code: 'till_too_low', leafIndex: expect.any(Number) })
    expect((await submitTo(first, [known]))[0]).toMatchObject({ code: 'ok' })
    expect(await first.submit('no transaction')).toEqual({ code: 'envelope_malformed' })
    expect(await first.submit(sign(ann, [{ type: 'till.none', args: {} }]))).toEqual({ code: 'unknown_action' })
    expect(await first.submit(known)).toEqual({ code: 'known' })
    await books.expectEqual(consortium.members)
  })

  test('the same transaction at two members has one outcome', async () => {
    const payment = sign(bo, [payIn(5n)])
    const [here, there] = await Promise.all([first.submit(payment), second.submit(payment)])
    books.enter([here])
    expect(here).toMatchObject({ code: 'ok' })
    // The second may have heard of it from the first and have it logged before it was asked.
    if (there.code !== 'known') expect(there).toEqual(here)
    await books.expectEqual(consortium.members)
  })

  test('each header carries the hash that the members agreed on one block before', async () => {
    const [{ height, hashes }] = (await settled([first, second, third, fourth])) as [Position]
    for (let at = 1; at <= height; at++) {
      const header = await second.header(at)
      expect(header?.agreedHash).toBe(hashes[at - 1])
    }
  })

  test('a member that is killed catches up, and the others went on without it', async () => {
    const during = submitTo(first, payments(ann, 30))
    await fourth.kill()
    const after = submitTo(second, payments(bo, 30))
    for (const { code } of [...(await during), ...(await after)]) expect(code).toBe('ok')
    fourth.start()
    await fourth.ready()
    for (const { code } of await submitTo(fourth, payments(eve, 10))) expect(code).toBe('ok')
    await books.expectEqual(consortium.members)
  })

  test.each<CrashPoint>(['in FinalizeBlock', 'before the commit', 'after the commit'])(
    'a member whose application ends %s comes back to what the others have',
    async (at) => {
      const { gone } = await fourth.crash(at)
      const others = submitTo(first, payments(ann, 8))
      await gone
      for (const { code } of await others) expect(code).toBe('ok')
      await fourth.kill()
      fourth.start()
      await fourth.ready()
      for (const { code } of await submitTo(fourth, payments(eve, 2))) expect(code).toBe('ok')
      await books.expectEqual(consortium.members)
    },
  )

  test('an engine that is killed alone is started again, and its application with it', async () => {
    third.killEngine()
    expect(await third.partEnded()).toMatch(/^CometBFT/)
    const others = submitTo(first, payments(ann, 10))
    await third.ready()
    for (const { code } of [...(await others), ...(await submitTo(third, payments(eve, 10)))]) expect(code).toBe('ok')
    await books.expectEqual(consortium.members)
  })

  test('two of four down: nothing is decided until one is back', async () => {
    await Promise.all([third.kill(), fourth.kill()])
    let isDecided = false
    const waiting = submitTo(first, payments(ann, 5)).then((outcomes) => {
      isDecided = true
      return outcomes
    })
    // Far longer than a block takes; a decision of two among four would come in that time or never.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(isDecided).toBe(false)
    third.start()
    for (const { code } of await waiting) expect(code).toBe('ok')
    fourth.start()
    await Promise.all([third.ready(), fourth.ready()])
    await books.expectEqual(consortium.members)
  })

  test('votes follow the ledger: a validator’s update reaches all engines', async () => {
    for (const { code } of await submitTo(first, [sign(eve, [payIn(101n)])])) expect(code).toBe('ok')
    // An update acts two blocks later and shows in the commit after that.
    for (let blocks = 0; blocks < 3; blocks++) await submitTo(second, payments(bo, 1))
    const positions = await books.expectEqual(consortium.members)
    for (const { powers } of positions) expect(powers).toEqual([1, 1, 1, 2])
  })

  test('a member that comes to another hash stops alone, says why, and shows nothing of it', async () => {
    const { stopped } = await third.differ()
    const [here, there] = [payments(ann, 1), payments(eve, 1)]
    const shown = third.submit(here[0] as string)
    for (const { code } of await submitTo(first, there)) expect(code).toBe('ok')
    expect(await stopped).toMatch(/^CometBFT: The others agreed on another hash/)
    // What the others agreed on is an outcome there; here, where it could not be confirmed, it is none.
    expect((await shown).leafIndex).toBeUndefined()
    expect(await submitTo(second, payments(bo, 3))).toHaveLength(3)
  })
})
