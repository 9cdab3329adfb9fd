import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { NodeAnswered, NodeUnreachable } from './http.ts'
import { createNodeClient } from './node-client.ts'

type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'hang up'
type Request = { path: string; transactions: string[] }

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server on this machine that answers by a function, and keeps what it was asked. */
async function serve(answer: (request: Request, count: number) => Answer) {
  const requests: Request[] = []
  const respond = async (incoming: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of incoming) text += chunk
    const body = text.startsWith('{') ? (JSON.parse(text) as { transactions: string[] }) : { transactions: [] }
    const request = { path: incoming.url ?? '', transactions: body.transactions }
    requests.push(request)
    const answered = answer(request, requests.length)
    if (answered === 'hang up') return void incoming.socket.destroy()
    response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers })
    response.end(JSON.stringify(answered.body))
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  closing.push(() => server.close())
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  return { requests, url, group: createNodeClient({ url, patienceMs: 5_000 }).group('g') }
}

const committed = (jws: string) => ({ status: 'committed', id: jws })
const outcomes = (list: unknown[]): Answer => ({ status: 200, body: { outcomes: list } })

test('only what found no room is sent again, and outcomes keep their order', async () => {
  const { group, requests } = await serve(({ transactions }, count) =>
    outcomes(
      transactions.map((jws, index) =>
        count === 1 && index % 2 === 1 ? { status: 'rejected', code: 'queue_full', retryAfterMs: 1 } : committed(jws),
      ),
    ),
  )
  expect(await group.submit(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd'].map(committed))
  expect(requests.map(({ transactions }) => transactions)).toEqual([
    ['a', 'b', 'c', 'd'],
    ['b', 'd'],
  ])
})

test('a whole request that is too early comes back, then a final refusal is an outcome', async () => {
  const { group, requests } = await serve((_, count) =>
    count === 1
      ? { status: 429, body: { code: 'too_many_requests' }, headers: { 'retry-after': '0' } }
      : { status: 403, body: { code: 'not_a_registrar', detail: 'The signer is no registrar.', status: 403 } },
  )
  expect(await group.submit(['a'])).toEqual([
    { status: 'rejected', code: 'not_a_registrar', sentence: 'The signer is no registrar.' },
  ])
  expect(requests).toHaveLength(2)
})

test('pending transactions are asked for until they have an outcome', async () => {
  const { group } = await serve(({ path }, count) => {
    if (path.endsWith('/transactions')) return outcomes([{ status: 'pending', id: 'x' }])
    return { status: 200, body: count < 3 ? { status: 'pending', id: 'x' } : committed('x') }
  })
  expect(await group.submit(['x'])).toEqual([committed('x')])
  expect(await group.submit(['x'], { wait: false })).toEqual([{ status: 'pending', id: 'x' }])
})

test('a connection lost after the first answer is no failure; a silent address at once is', async () => {
  const { group, url } = await serve(({ transactions }, count) =>
    count === 2 ? 'hang up' : outcomes(transactions.map(committed)),
  )
  expect(await group.submit(['a'])).toEqual([committed('a')])
  expect(await group.submit(['b'])).toEqual([committed('b')])
  for (const close of closing.splice(0)) close()
  await expect(createNodeClient({ url, patienceMs: 60_000 }).group('g').submit(['c'])).rejects.toThrow(NodeUnreachable)
})

test('many transactions go in requests of 256, large ones in fewer', async () => {
  const { group, requests } = await serve(({ transactions }) => outcomes(transactions.map(committed)))
  const all = Array.from({ length: 600 }, (_, index) => `t${index}`)
  expect((await group.submit(all)).map(({ id }) => id)).toEqual(all)
  expect(requests.map(({ transactions }) => transactions.length)).toEqual([256, 256, 88])
  const large = Array.from({ length: 100 }, () => 'x'.repeat(48 * 1024))
  expect(await group.submit(large)).toHaveLength(100)
  expect(requests).toHaveLength(5)
})

test('a busy node is asked again, a refusal is told, an absence is undefined where that was asked', async () => {
  const { url } = await serve(({ path }, count) => {
    if (path === '/busy') return { status: count < 3 ? 503 : 200, body: { code: 'catching_up', count } }
    return { status: 404, body: { code: 'not_found', title: 'Nothing is here.' } }
  })
  const node = createNodeClient({ url, patienceMs: 5_000 })
  expect(await node.get('/busy')).toEqual({ code: 'catching_up', count: 3 })
  expect(await node.find('/nothing')).toBeUndefined()
  await expect(node.get('/nothing')).rejects.toThrow(NodeAnswered)
})

test('a request ends with its signal', async () => {
  const { group } = await serve(() => outcomes([{ status: 'rejected', code: 'queue_full', retryAfterMs: 60_000 }]))
  const stop = new AbortController()
  const client = createNodeClient({ url: group.url.replace(/\/v1.*/, ''), patienceMs: 600_000 })
  const asked = client.group('g').submit(['a'], { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
})
