import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAssembler, framesOf } from './frames.ts'

test('any text, its frames in any order and some read twice, is put together again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', minLength: 0, maxLength: 4000 }),
      fc.infiniteStream(fc.nat()),
      async (text, numbers) => {
        const frames = await framesOf(text)
        const read = createAssembler()
        const order = frames.map((frame) => ({ frame, rank: numbers.next().value as number }))
        const shuffled = order.toSorted((one, other) => one.rank - other.rank).map(({ frame }) => frame)
        let last = await read(shuffled[0] as string)
        for (const frame of [...shuffled.slice(1, 3), ...shuffled.slice(1)]) last = await read(frame)
        expect(last).toEqual({ have: frames.length, of: frames.length, text })
      },
    ),
    { numRuns: 50 },
  )
})

test('parts of two texts make none, and one that was changed is found out', async () => {
  const [one, other] = ['a'.repeat(2000), 'b'.repeat(2000)]
  const read = createAssembler()
  const first = await framesOf(one)
  const second = await framesOf(other)
  expect(await read(first[0])).toEqual({ have: 1, of: 3 })
  expect(await read(second[1])).toEqual({ have: 1, of: 3 })
  for (const frame of first.slice(0, 2)) await read(frame)
  expect(await read(first[2].replace(/a$/, 'c'))).toEqual({ have: 0, of: 3 })
  for (const frame of first.slice(0, 2)) await read(frame)
  expect(await read(first[2])).toEqual({ have: 3, of: 3, text: one })
})

test.each(['CXQ1:aaaaaaaaaaa:3:3:x', 'CXQ1:aaaaaaaaaaa:0:0:x', 'CXQ1:aaaaaaaaaaa:0:99:x'])(
  '%s is no part of anything',
  async (frame) => {
    expect(await createAssembler()(frame)).toEqual({ have: 0, of: 0 })
  },
)
