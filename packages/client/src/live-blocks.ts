/**
 * Live blocks over server-sent events (WHATWG HTML, section 9.2), read from a fetch so that Node and browsers share it.
 * A broken stream is opened again with the id of the last block seen, so that each block comes once and in order.
 */
import { sleep } from './http.ts'

export interface LiveBlock {
  readonly height: number
  readonly timeMs: number
  /** Leaves in the log after this block. */
  readonly size: number
  readonly transactions: readonly {
    readonly id: string
    readonly code: string
    readonly signer: string
    readonly types: readonly string[]
    readonly leafIndex: number
  }[]
}

export interface ServerEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Opens the stream from after an event on. */
export type OpenStream = (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>

export async function* liveBlocks(
  open: OpenStream,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<LiveBlock> {
  let lastEventId = after === undefined ? undefined : String(after)
  while (!signal.aborted) {
    const before = lastEventId
    try {
      for await (const { id, event, data } of serverEvents(await open(lastEventId, signal))) {
        if (event !== 'block') continue
        lastEventId = id
        yield JSON.parse(data) as LiveBlock
      }
    } catch (error) {
      if (signal.aborted) return
      // A stream that breaks off in the middle is an ordinary day; what `open` throws is an answer.
      if (!(error instanceof StreamBroken)) throw error
    }
    // A stream that ends without a block would otherwise be opened in a tight loop.
    if (lastEventId === before) await sleep(250, signal).catch(() => undefined)
  }
}

class StreamBroken extends Error {}

/** The events of a stream. An event that the end cuts short is not given out: it will come again. */
export async function* serverEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let id = ''
  let event = ''
  let data: string[] = []
  for await (const line of lines(stream)) {
    if (line === '') {
      if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') }
      event = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new StreamBroken()
      })
      if (done) return
      rest += decoder.decode(value, { stream: true })
      // A carriage return at the end may be half of a line break.
      const end = rest.endsWith('\r') ? rest.length - 1 : rest.length
      const parts = rest.slice(0, end).split(/\r\n|\r|\n/)
      rest = (parts.pop() as string) + rest.slice(end)
      yield* parts
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
