import { toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { liveBlocks, type ServerEvent, serverEvents } from './live-blocks.ts'

function streamOf(chunks: readonly Uint8Array[], end: 'close' | 'error' = 'close'): ReadableStream<Uint8Array> {
  const rest = [...chunks]
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift()
      if (chunk !== undefined) controller.enqueue(chunk)
      else if (end === 'close') controller.close()
      else controller.error(new Error('reset'))
    },
  })
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of source) list.push(item)
  return list
}

const text =
  ': heartbeat\n\nid: 1\nevent: block\ndata: {"a":"信"}\n\nid: 2\r\ndata:x\rdata: y\r\n\r\nid: 3\nevent: block\ndata: cut'
const events: ServerEvent[] = [
  { id: '1', event: 'block', data: '{"a":"信"}' },
  { id: '2', event: 'message', data: 'x\ny' },
]

test('events are the same however the bytes are cut', async () => {
  const bytes = toUtf8(text)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const places = [0, ...cuts.sort((left, right) => left - right), bytes.length]
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
      expect(await all(serverEvents(streamOf(chunks)))).toEqual(events)
    }),
  )
})

const block = (height: number) => toUtf8(`id: ${height}\nevent: block\ndata: {"height":${height}}\n\n`)

test('a broken stream is opened again after the last block seen, so that each block comes once', async () => {
  const opened: (string | undefined)[] = []
  const streams = [
    streamOf([block(5), block(6), toUtf8('id: 7\nevent: bl')], 'error'),
    streamOf([]),
    streamOf([block(7)]),
  ]
  const stop = new AbortController()
  const heights: number[] = []
  const open = async (lastEventId: string | undefined) => {
    opened.push(lastEventId)
    return streams.shift() as ReadableStream<Uint8Array>
  }
  for await (const { height } of liveBlocks(open, 4, stop.signal)) {
    heights.push(height)
    if (height === 7) stop.abort()
  }
  expect(heights).toEqual([5, 6, 7])
  expect(opened).toEqual(['4', '6', '6'])
})

test('what opening answers is an error of the caller', async () => {
  const open = () => Promise.reject(new Error('forbidden'))
  await expect(all(liveBlocks(open, undefined, new AbortController().signal))).rejects.toThrow('forbidden')
})
