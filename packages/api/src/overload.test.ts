/** More than the node can take: it says so, forgets nothing, and grows no heap. */
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type ApiScene, type ApiSceneOptions, openApiScene } from '@chengxin/testkit/api-scene'
import { ann } from '@chengxin/testkit/shop'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

let base: ApiScene
let scene: ApiScene
beforeAll(async () => {
  base = await openApiScene({ judge: () => ({ signer: ann, types: ['shop.trade'] }) })
}, 60_000)
afterEach(() => scene.close())
afterAll(() => base.close())

/** The same node with other limits. */
async function openScene(change: Omit<ApiSceneOptions, 'over'> = {}): Promise<ApiScene> {
  return openApiScene({ over: base, ...change })
}

describe('floods', () => {
  test('one address is told to wait and when; others go on; waiting helps', async () => {
    let nowMs = 0
    scene = await openScene({ limits: { requestsPerSecond: 10, requestsAtOnce: 20 }, now: () => nowMs })
    const statusOf = async (from: string) => (await scene.ask('GET', '/v1/groups', { from })).statusCode
    const flood = await Promise.all(Array.from({ length: 50 }, () => statusOf('198.51.100.1')))
    expect(flood.filter((status) => status === 200)).toHaveLength(20)
    expect(flood.filter((status) => status === 429)).toHaveLength(30)
    const refused = await scene.ask('GET', '/v1/groups', { from: '198.51.100.1' })
    expect([refused.json()['code'], refused.headers['retry-after']]).toEqual(['too_many_requests', '1'])
    expect(await statusOf('198.51.100.2')).toBe(200)
    expect(await statusOf('127.0.0.1')).toBe(200)
    nowMs += 1000
    expect(await statusOf('198.51.100.1')).toBe(200)
  })

  test('behind a proxy of this machine each asker has a limit of its own, and nobody can borrow another’s', async () => {
    const limits = { requestsPerSecond: 1, requestsAtOnce: 2 }
    scene = await openScene({ limits, now: () => 0, options: { trustedProxies: ['127.0.0.1', '10.1.0.0/16'] } })
    const statusOf = async (asker: string, from = '127.0.0.1') =>
      (await scene.ask('GET', '/v1/groups', { from, headers: { 'x-forwarded-for': asker } })).statusCode
    const flood = async (asker: string, from?: string) => [await statusOf(asker, from), await statusOf(asker, from)]
    expect(await flood('198.51.100.1')).toEqual([200, 200])
    expect(await statusOf('198.51.100.1')).toBe(429)
    expect(await statusOf('198.51.100.1, 10.1.2.3', '10.1.9.9')).toBe(429)
    expect(await statusOf('198.51.100.2')).toBe(200)
    // What an asker wrote into the header himself stands before what the proxy added.
    expect(await statusOf('127.0.0.1, 198.51.100.1')).toBe(429)
    expect(await statusOf('203.0.113.7, 198.51.100.1')).toBe(429)
    // And whoever is no proxy is not believed at all.
    expect(await flood('203.0.113.7', '198.51.100.9')).toEqual([200, 200])
    expect(await statusOf('203.0.113.8', '198.51.100.9')).toBe(429)
  })

  test('submissions beyond what may be under way are sent away with the outcome unchanged later', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    scene = await openScene({ limits: { submittingTransactions: 10 } })
    const submit = scene.ledger.submit
    scene.ledger.submit = async (texts) => {
      await held
      return submit(texts)
    }
    const send = (name: string, count: number) =>
      scene.ask('POST', `${scene.base}/transactions`, {
        body: { transactions: Array.from({ length: count }, (_, index) => `${name} ${index}`) },
      })
    const first = send('first', 8)
    // The first request is under way once the ledger has been asked.
    const second = await send('second', 8)
    expect([second.statusCode, second.json()['code'], second.headers['retry-after']]).toEqual([
      429,
      'too_many_submissions',
      '1',
    ])
    release()
    expect((await first).statusCode).toBe(200)
    expect((await send('second', 8)).statusCode).toBe(200)
    scene.ledger.submit = submit
  })

  test('bodies announced beyond the budget are not read', async () => {
    scene = await openScene({ limits: { submittingBytes: 1000, submissionBytes: 900 } })
    await scene.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = scene.app.server.address() as AddressInfo
    const open = (length: number) => {
      const headers = { 'content-type': 'application/jose', 'content-length': length }
      const request = httpRequest({ port, method: 'POST', path: `${scene.base}/transactions`, headers })
      request.on('error', () => {})
      return request
    }
    const slow = open(800)
    slow.write('x')
    const statusOfWhole = () => {
      const request = open(300)
      request.end('y'.repeat(300))
      return statusOf(request)
    }
    await expect.poll(statusOfWhole, { interval: 20 }).toBe(429)
    slow.end('x'.repeat(799))
    expect(await statusOf(slow)).toBe(200)
    expect(await statusOfWhole()).toBe(200)
  })
})

describe('live streams', () => {
  const startServer = async (): Promise<number> => {
    await scene.app.listen({ port: 0, host: '127.0.0.1' })
    return (scene.app.server.address() as AddressInfo).port
  }
  const sell = (count = 1) => {
    for (let done = 0; done < count; done++) scene.ledger.append([{ signer: ann, types: ['shop.trade'] }])
  }
  /** Heights as if the stream's first block were number one. */
  const since = (start: number, stream: OpenedStream) => stream.heights().map((height) => height - start)

  test('begin with what comes, resume after what was seen, and say they are there', async () => {
    scene = await openScene({ limits: { heartbeatMs: 20 } })
    const port = await startServer()
    const start = scene.ledger.headHeight()
    sell(3)
    const live = await openStream(port, `${scene.base}/events`)
    await expect.poll(() => live.text()).toContain('retry: 1000')
    sell()
    await expect.poll(() => since(start, live)).toEqual([4])
    const resumed = await openStream(port, `${scene.base}/events`, { 'last-event-id': String(start + 1) })
    await expect.poll(() => since(start, resumed)).toEqual([2, 3, 4])
    sell(2)
    await expect.poll(() => since(start, resumed)).toEqual([2, 3, 4, 5, 6])
    expect(resumed.text()).toContain(`"size":${scene.ledger.head().size}`)
    const after = await openStream(port, `${scene.base}/events?after=${start + 5}`)
    await expect.poll(() => since(start, after)).toEqual([6])
    await expect.poll(() => live.text()).toContain(': still here')
    for (const stream of [live, resumed, after]) stream.socket.destroy()
  })

  test('a reader that takes nothing is let go; writers and other readers never wait', async () => {
    // Long enough for a reader that reads on a busy machine: only who takes nothing is to be let go.
    scene = await openScene({ limits: { slowReaderMs: 5_000 } })
    const port = await startServer()
    const slow = await openStream(port, `${scene.base}/events`, {}, { reads: false })
    const quick = await openStream(port, `${scene.base}/events`)
    await expect.poll(() => gauge('chengxin_live_streams')).toBe('2')
    // Far more than sockets hold: 200 blocks of some 120 kB.
    const types = Array.from({ length: 64 }, (_, index) => `shop.${'x'.repeat(80)}${index}`)
    const many = Array.from({ length: 20 }, () => ({ signer: ann, types }))
    for (let count = 0; count < 200; count++) scene.ledger.append(many)
    await expect.poll(() => quick.heights().length, { timeout: 120_000 }).toBe(200)
    await expect.poll(() => gauge('chengxin_live_streams'), { timeout: 120_000 }).toBe('1')
    quick.socket.destroy()
    slow.socket.destroy()
  }, 300_000)

  test('there are so many and no more; one address has its share', async () => {
    scene = await openScene({ limits: { liveStreams: 3, liveStreamsPerAddress: 2 } })
    const port = await startServer()
    const first = await openStream(port, `${scene.base}/events`)
    const second = await openStream(port, `${scene.base}/events`)
    await expect.poll(() => gauge('chengxin_live_streams')).toBe('2')
    const third = await openStream(port, `${scene.base}/events`)
    await expect.poll(() => third.text()).toContain('too_many_listeners')
    expect(third.text()).toMatch(/^HTTP\/1\.1 429/)
    first.socket.destroy()
    await expect.poll(() => gauge('chengxin_live_streams')).toBe('1')
    const fourth = await openStream(port, `${scene.base}/events`)
    await expect.poll(() => fourth.text()).toContain('retry: 1000')
    for (const stream of [second, third, fourth]) stream.socket.destroy()
  })

  test('a malformed place is refused; one that is yet to come begins with the next', async () => {
    scene = await openScene()
    const port = await startServer()
    const start = scene.ledger.headHeight()
    const malformed = await openStream(port, `${scene.base}/events`, { 'last-event-id': 'x' })
    await expect.poll(() => malformed.text()).toMatch(/^HTTP\/1\.1 400/)
    const ahead = await openStream(port, `${scene.base}/events`, { 'last-event-id': '100000000' })
    await expect.poll(() => ahead.text()).toContain('retry: 1000')
    sell()
    await expect.poll(() => since(start, ahead)).toEqual([1])
    for (const stream of [malformed, ahead]) stream.socket.destroy()
  })

  const gauge = async (name: string) =>
    new RegExp(`^${name} ([0-9]+)$`, 'm').exec((await scene.app.inject('/metrics')).body)?.[1]
})

function statusOf(request: ReturnType<typeof httpRequest>): Promise<number | undefined> {
  return new Promise((resolve) => request.once('response', (response) => resolve(response.resume().statusCode)))
}

interface OpenedStream {
  readonly socket: Socket
  /** The last that came. */
  text(): string
  heights(): readonly number[]
}

/** A reader by hand, because one that does not read is part of the test. */
async function openStream(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  { reads = true } = {},
): Promise<OpenedStream> {
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on('error', () => {})
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  let text = ''
  let rest = ''
  const heights: number[] = []
  const take = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4000)
    const whole = (rest + chunk.toString()).split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) if (line.startsWith('id: ')) heights.push(Number(line.slice(4)))
  }
  if (reads) socket.on('data', take)
  else socket.pause()
  return { socket, text: () => text, heights: () => heights }
}
