import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isParcel, packParcel, parcelBytes, parcelTransactions, unpackParcel } from './parcel.ts'
import { ParcelSender } from './parcel-sender.ts'

const texts = (count: number, length = 600) =>
  Array.from({ length: count }, (_unused, index) => `${index}.`.padEnd(length, 'x'))

describe('a parcel', () => {
  test('holds what was packed, and one alone goes as it is', () => {
    const letters = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\n'))
    fc.assert(
      fc.property(fc.uniqueArray(letters, { minLength: 1, maxLength: parcelTransactions }), (packed) => {
        expect(unpackParcel(packParcel(packed))).toEqual(packed)
      }),
    )
    expect(packParcel(['a.b.c'])).toBe('a.b.c')
    expect(isParcel('a.b.c')).toBe(false)
  })

  test.each<[string, string]>([
    ['an empty line', 'a\n\nb'],
    ['nothing but lines', '\n\n'],
    ['the same twice', 'a\nb\na'],
    ['one too many', texts(parcelTransactions + 1, 8).join('\n')],
    ['more letters than a transaction may have', `a\n${'b'.repeat(parcelBytes - 1)}`],
  ])('is none with %s', (_case, entry) => {
    expect(isParcel(entry)).toBe(true)
    expect(unpackParcel(entry)).toBeUndefined()
  })
})

/** A sender whose time goes on when the test says so. */
function makeSender() {
  const entries: string[] = []
  const steps: (() => void)[] = []
  const sender = new ParcelSender<{ jws: string; sponsor: string }>({
    broadcast: async (entry) => {
      entries.push(entry)
      return { code: 'ok' }
    },
    onAnswer: () => {},
    onFault: () => {},
    later: (step) => steps.push(step),
  })
  return {
    sender,
    entries,
    send: (jws: string, sponsor = 'one') => sender.send({ jws, sponsor }),
    turn: () => Promise.resolve(),
    pass: () => {
      for (const step of steps.splice(0)) step()
    },
    waits: () => steps.length > 0,
  }
}

describe('sending parcels', () => {
  test('the first goes at once, what follows goes together, and an idle sender is silent', async () => {
    const { send, entries, turn, pass, waits } = makeSender()
    send('a')
    await turn()
    expect(entries).toEqual(['a'])
    for (const one of ['b', 'c', 'd']) {
      send(one)
      await turn()
    }
    expect(entries).toEqual(['a'])
    pass()
    expect(entries).toEqual(['a', 'b\nc\nd'])
    pass()
    expect(waits()).toBe(false)
    send('e')
    await turn()
    expect(entries.at(-1)).toBe('e')
  })

  test('what is sent again before it has gone is sent once', async () => {
    const { entries, turn, sender } = makeSender()
    const one = { jws: 'a', sponsor: 'one' }
    for (const each of [one, { jws: 'b', sponsor: 'one' }, one]) sender.send(each)
    await turn()
    expect(entries).toEqual(['a\nb'])
  })

  test('sponsors travel apart', async () => {
    const { send, entries, turn } = makeSender()
    for (const [jws, sponsor] of ['a1', 'b2', 'c1', 'd2'].map((text) => [text, text.slice(1)])) send(jws ?? '', sponsor)
    await turn()
    expect(entries).toEqual(['a1\nc1', 'b2\nd2'])
  })

  test('every entry is one that may be unpacked, and nothing is lost or changes its order', async () => {
    const sizes = fc.array(fc.integer({ min: 8, max: parcelBytes }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(300), async (lengths, more) => {
        const { send, entries, turn } = makeSender()
        const all = [...lengths.map((length, index) => `${index}.`.padEnd(length, 'y')), ...texts(more, 16)]
        for (const jws of all) send(jws)
        await turn()
        expect(entries.flatMap((entry) => (isParcel(entry) ? (unpackParcel(entry) ?? ['damaged']) : [entry]))).toEqual(
          all,
        )
      }),
    )
  })
})
