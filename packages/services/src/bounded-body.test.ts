import { expect, test } from 'vitest'
import { boundedBody } from './bounded-body.ts'

test('a body is read whole up to its bound, and no further beyond it', async () => {
  const bytes = new Uint8Array(1000).fill(7)
  expect(await boundedBody(new Response(bytes), 1000)).toEqual(Buffer.from(bytes))
  expect(await boundedBody(new Response(bytes), 999)).toBeUndefined()
  expect(await boundedBody(new Response(null), 0)).toEqual(Buffer.alloc(0))

  let given = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += 100
      controller.enqueue(new Uint8Array(100))
    },
  })
  expect(await boundedBody(new Response(endless), 1000)).toBeUndefined()
  expect(given).toBeLessThan(2000)
})
