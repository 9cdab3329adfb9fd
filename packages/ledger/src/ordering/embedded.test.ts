/** The embedded driver: the conformance of every ordering, then what is its own. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreFull } from '../storage/face.ts'
import { makeTillDisk, type TillDisk } from '../testing/till-application.ts'
import { ann, bo, eve, payIn, signActions } from '../testing/till-group.ts'
import { orderingConformance, type SubmittedResult } from './conformance.ts'
import { type EmbeddedApplication, EmbeddedOrdering } from './embedded.ts'

type Resolve = (result: SubmittedResult) => void

interface Observed {
  readonly heights: number[]
  readonly events: string[]
}

function drive(application: EmbeddedApplication, clock: () => number) {
  const observed: Observed = { heights: [], events: [] }
  const ordering = new EmbeddedOrdering<Resolve>({
    application,
    clock,
    queue: { transactions: 100, bytes: 1_000_000 },
    observer: {
      onBlock: ({ height, transactions }) => {
        observed.heights.push(height)
        for (const { tickets, result } of transactions) for (const resolve of tickets) resolve(result)
      },
      onRejected: (tickets, code) => {
        for (const resolve of tickets) resolve({ code })
      },
      onFull: () => observed.events.push('full'),
      onRoom: () => observed.events.push('room'),
      onHalt: (error) => observed.events.push(`halt: ${error instanceof Error ? error.message : String(error)}`),
    },
    soon: (step) => setImmediate(step),
    later: (step, milliseconds) => setTimeout(step, milliseconds),
  })
  ordering.start({ timeMs: 0 })
  const submit = (transactions: readonly string[]) =>
    Promise.all(
      transactions.map(
        (transaction) =>
          new Promise<SubmittedResult>((resolve) => {
            const answer = ordering.submit(transaction, resolve)
            if (answer.code !== 'ok') resolve(answer)
          }),
      ),
    )
  return { ordering, observed, submit }
}

let disk: TillDisk
beforeEach(() => {
  disk = makeTillDisk()
})
afterEach(() => disk.remove())

describe('conformance', () => {
  for (const { name, run } of orderingConformance(async (application) => {
    const head = application.info()
    // The log knows the outcome of a known transaction; the face looks it up, so this small driver does as well.
    const { ordering, submit } = drive(application, () => disk.nowMs + head.height)
    return {
      submit: async (transactions) => {
        const results = await submit(transactions)
        return results.map((result) => (result.code === 'known' ? { code: 'ok', leafIndex: 0 } : result))
      },
      rest: () => new Promise((resolve) => setTimeout(resolve, 60)),
      stop: async () => ordering.stop(),
    }
  })) {
    test(name, run)
  }
})

describe('the embedded ordering', () => {
  test('makes one block of everything that waits', async () => {
    const { submit, observed } = drive(disk.open().application, () => disk.nowMs)
    await submit(Array.from({ length: 40 }, () => signActions(ann, [payIn(1n)])))
    await submit([signActions(bo, [payIn(1n)])])
    expect(observed.heights).toEqual([1, 2])
  })

  test('lets time go on by a millisecond where the clock stands still or goes back', async () => {
    const opened = disk.open()
    const { submit } = drive(opened.application, () => disk.nowMs)
    const times: (number | undefined)[] = []
    for (const step of [0, 0, -50, 10, 100]) {
      disk.nowMs += step
      await submit([signActions(ann, [payIn(1n)], { notAfter: disk.nowMs + 60_000 })])
      times.push(opened.executor.head?.timeMs)
    }
    const [first = 0, ...others] = times as number[]
    expect(others.map((time) => time - first)).toEqual([1, 2, 3, 60])
  })

  test('answers what has expired while it waited, and logs nothing of it', async () => {
    const opened = disk.open()
    const { submit } = drive(opened.application, () => disk.nowMs)
    const results = submit([
      signActions(ann, [payIn(1n)], { notAfter: disk.nowMs + 5 }),
      signActions(bo, [payIn(1n)], { notAfter: disk.nowMs + 500 }),
    ])
    disk.nowMs += 5
    expect((await results).map(({ code }) => code)).toEqual(['expired', 'ok'])
    expect(opened.store.head()?.size).toBe(1)
  })

  test('keeps waiting what a block may not hold yet, because the clock was set back', async () => {
    const { submit } = drive(disk.open().application, () => disk.nowMs)
    const early = submit([signActions(ann, [payIn(1n)], { notAfter: disk.nowMs + 600_000 })])
    disk.nowMs -= 2_000
    setTimeout(() => {
      disk.nowMs += 2_000
    }, 80)
    expect((await early).map(({ code }) => code)).toEqual(['ok'])
  })

  test('judges keys and nonces in order, so what was good on its own can fail in its block', async () => {
    const opened = disk.open()
    const { submit } = drive(opened.application, () => disk.nowMs)
    const results = await submit([
      signActions(ann, [payIn(1n)], { nonce: 'one-nonce-of-two' }),
      signActions(ann, [payIn(2n)], { nonce: 'one-nonce-of-two' }),
      signActions(bo, [{ type: 'people.retireKey', args: {} }]),
      signActions(bo, [payIn(1n)]),
      signActions(eve, [payIn(1n)]),
    ])
    expect(results.map(({ code }) => code)).toEqual(['ok', 'nonce_reused', 'ok', 'key_retired', 'ok'])
    expect(opened.store.head()?.size).toBe(3)
  })

  test('a full disk rejects what waits, and the next attempt goes on', async () => {
    const opened = disk.open()
    const store = opened.store as { commit: typeof opened.store.commit }
    const commit = store.commit.bind(store)
    let full = false
    store.commit = (block) => {
      if (full) throw new StoreFull('No space left.')
      commit(block)
    }
    const { submit, observed } = drive(opened.application, () => disk.nowMs)
    await submit([signActions(bo, [payIn(1n)])])
    full = true
    const sent = signActions(ann, [payIn(1n)])
    expect((await submit([sent])).map(({ code }) => code)).toEqual(['disk_full'])
    expect(opened.application.info().height).toBe(1)
    full = false
    expect(await submit([sent])).toMatchObject([{ code: 'ok', leafIndex: 1 }])
    expect(observed.events).toEqual(['full', 'room'])
  })

  test('a disk that is full before the commit leaves nothing of the block either', async () => {
    const opened = disk.open()
    const store = opened.store as { rootAfter: typeof opened.store.rootAfter }
    const rootAfter = store.rootAfter.bind(store)
    let full = false
    store.rootAfter = (leafHashes) => {
      if (full) throw new StoreFull('No space left.')
      return rootAfter(leafHashes)
    }
    const { submit } = drive(opened.application, () => disk.nowMs)
    await submit([signActions(ann, [payIn(5n)])])
    full = true
    const sent = signActions(ann, [payIn(1n)])
    expect((await submit([sent, signActions(ann, [payIn(100n)])])).map(({ code }) => code)).toEqual([
      'disk_full',
      'disk_full',
    ])
    full = false
    expect(await submit([sent])).toMatchObject([{ code: 'ok', leafIndex: 1 }])
    expect(opened.store.row(`till/tills/${ann.did}`)).toContain('"amount":"6"')
  })

  test.each(['throw', 'overflow', 'drop_events', 'swallow_refusal', 'undeclared_event', 'write_row', 'reach'])(
    'a rule that misbehaves (%s) stops the node and never becomes a result',
    async (how) => {
      const opened = disk.open()
      const { submit, observed } = drive(opened.application, () => disk.nowMs)
      await submit([signActions(ann, [payIn(5n)])])
      const settled = opened.application.info()
      const results = await submit([
        signActions(bo, [payIn(1n)]),
        signActions(ann, [{ type: 'shop.misbehave', args: { how } }]),
      ])
      expect(results.map(({ code }) => code)).toEqual(['node_stopped', 'node_stopped'])
      expect(observed.events).toHaveLength(1)
      expect(observed.events[0]).toMatch(/^halt: /)
      expect(opened.application.info()).toEqual(settled)
      expect((await submit([signActions(bo, [payIn(1n)])])).map(({ code }) => code)).toEqual(['node_stopped'])
    },
  )
})
