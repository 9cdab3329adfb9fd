/** Pieces of shared memory: nobody's overlap, and what is over is used again. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteSlab } from './byte-slab.ts'

test('pieces keep what was written into them until they are all over, however many and large', () => {
  const round = fc.array(fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.constantFrom(262_144, 262_145, 200_000)), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.array(round, { maxLength: 4 }), (rounds) => {
      const slab = new ByteSlab()
      for (const lengths of rounds) {
        const pieces = lengths.map((length, index) => slab.take(length).fill(index + 1))
        for (const [index, piece] of pieces.entries()) {
          expect(piece.length).toBe(lengths[index])
          expect(piece.every((byte) => byte === index + 1)).toBe(true)
        }
        slab.clear()
      }
    }),
    { numRuns: 30 },
  )
})

test('what is over is used again: a long run of blocks takes no more memory than its largest', () => {
  const slab = new ByteSlab()
  const memory = new Set<ArrayBufferLike>()
  for (let block = 0; block < 50; block++) {
    for (let piece = 0; piece < 1_000; piece++) memory.add(slab.take(2_000).buffer)
    slab.clear()
  }
  expect(memory.size).toBe(Math.ceil((1_000 * 2_000) / (256 * 1024 - ((256 * 1024) % 2_000))))
})
