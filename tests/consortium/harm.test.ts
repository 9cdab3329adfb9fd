/**
 * What befalls one member of four, and what the others notice of it: nothing but its absence. A flood, clocks that are
 * wrong, a disk that is full or damaged, and restarts of all, one after the other.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, bo, eve, payIn, signActions } from '../../packages/ledger/src/testing/till-group.ts'
import { Books, payments } from './books.ts'
import { type Consortium, type Member, startConsortium } from './consortium.ts'
import { enginePath, hasEngine } from './engine.ts'

const tenSecondsMs = 10_000
const aMinuteMs = 60_000

describe.skipIf(!hasEngine)('harm to one of four', () => {
  let consortium: Consortium
  let [first, second, third, fourth] = [] as unknown as readonly [Member, Member, Member, Member]
  const books = new Books()

  beforeAll(async () => {
    // What a clock decides is who may enter: blocks have the time that the engines agree on.
    consortium = await startConsortium(enginePath(), 4, { clockOffsetsMs: [0, tenSecondsMs, -tenSecondsMs, 0] })
    ;[first, second, third, fourth] = consortium.members as unknown as readonly [Member, Member, Member, Member]
    await Promise.all(consortium.members.map((member) => member.ready()))
  })

  afterAll(async () => {
    await consortium?.remove()
  })

  test('clocks ten seconds wrong: transactions of ordinary length enter everywhere, and all hold the same', async () => {
    for (const member of consortium.members) await books.commit(member, payments(bo, 3))
    await books.expectEqual(consortium.members)
    // The one whose clock is ahead takes a short-lived one for late; nothing of that reaches the others.
    const short = signActions(bo, [payIn(1n)], { notAfter: Date.now() + tenSecondsMs / 2 })
    expect(await second.submit(short)).toEqual({ code: 'expired' })
    await books.commit(first, [short])
    // The one whose clock is behind takes for too far ahead what the others take.
    const long = signActions(bo, [payIn(1n)], { notAfter: Date.now() + 10 * aMinuteMs - tenSecondsMs / 2 })
    expect(await third.submit(long)).toEqual({ code: 'not_after_too_far' })
    await books.commit(first, [long])
    await books.expectEqual(consortium.members)
  })

  test('a member that fills the mempool leaves room for the transactions of others', async () => {
    // Its engine holds five thousand; of those, one sponsor gets its share and no more.
    const flood = books.submit(fourth, payments(ann, 4_000))
    await books.commit(first, payments(eve, 20))
    await books.commit(second, payments(eve, 20))
    const codes = (await flood).map(({ code }) => code)
    expect(codes).toContain('ok')
    const expected = ['ok', 'sponsor_quota', 'queue_full']
    expect(codes.filter((code) => !expected.includes(code))).toEqual([])
    await books.expectEqual(consortium.members)
  })

  test('a disk that is full stops its member until there is room, and nobody else', async () => {
    await third.fillDisk(true)
    await books.commit(first, payments(ann, 5))
    expect(await third.submit(payments(bo, 1)[0] as string)).toEqual({ code: 'disk_full' })
    await books.commit(second, payments(bo, 5))
    await third.fillDisk(false)
    await books.expectEqual(consortium.members)
    for (;;) {
      const [outcome] = await books.submit(third, payments(bo, 1))
      if (outcome?.code === 'ok') break
      expect(outcome?.code).toBe('disk_full')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await books.expectEqual(consortium.members)
  })

  test('a flipped byte is named and never served, and its member is back when the file is restored', async () => {
    await fourth.kill()
    const log = join(fourth.ledgerDirectory, 'log')
    const newest = join(log, fs.readdirSync(log).sort().at(-1) as string)
    const whole = fs.readFileSync(newest)
    const damaged = Buffer.from(whole)
    damaged[damaged.length - 20] = (damaged[damaged.length - 20] as number) ^ 1
    fs.writeFileSync(newest, damaged)
    fourth.start()
    expect(await fourth.partEnded()).toMatch(/^the application: log_damaged: .* at /)
    await books.commit(first, payments(ann, 5))
    fs.writeFileSync(newest, whole)
    await fourth.ready()
    await books.commit(fourth, payments(eve, 2))
    await books.expectEqual(consortium.members)
  })

  test('all are restarted, one after the other, while transactions go in', async () => {
    let isOver = false
    let restarting: Member | undefined
    let asked: Promise<void> = Promise.resolve()
    const going = (async () => {
      for (let turn = 0; !isOver; turn++) {
        // Whoever is being restarted is not asked, as a client would turn to another.
        const others = consortium.members.filter((member) => member !== restarting)
        asked = books.commit(others[turn % others.length] as Member, payments(ann, 2))
        await asked
      }
    })()
    for (const member of consortium.members) {
      restarting = member
      // What it was handed before it was restarted is answered first.
      await asked
      await member.stop()
      member.start()
      await member.ready()
    }
    isOver = true
    await going
    await books.expectEqual(consortium.members)
  })
})
