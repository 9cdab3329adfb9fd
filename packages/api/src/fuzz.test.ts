/** Whatever is asked, the node answers with what it documents and never with an error of its own. */
import { Agent, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiScene, openApiScene } from '@chengxin/testkit/api-scene'
import { ann, storeShopEvent } from '@chengxin/testkit/shop'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let scene: ApiScene
beforeAll(async () => {
  scene = await openApiScene({
    judge: (text) =>
      text.length % 2 === 0
        ? { signer: ann, types: ['shop.trade'] }
        : { status: 'rejected', code: 'envelope_malformed' },
    limits: { requestsAtOnce: 1e9 },
  })
  scene.ledger.append([
    {
      signer: ann,
      types: ['shop.open'],
      events: [storeShopEvent({ type: 'opened', account: 'acct_fuzz', owner: 'x', about: '' })],
    },
  ])
  await scene.projection.reached(1)
  await scene.app.listen({ port: 0, host: '127.0.0.1' })
}, 60_000)
afterAll(async () => {
  agent.destroy()
  await scene.close()
})

const anyText = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '..',
    '.',
    '%',
    '%00',
    '%2f',
    '%ff',
    '__proto__',
    'constructor',
    '-1',
    '9'.repeat(400),
    "';--",
    ann,
    'a'.repeat(43),
  ),
)
const encoded = anyText.map((text) => encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, '')))
const known = () => Object.keys(scene.openApi.paths)
const path = fc.oneof(
  fc
    .array(
      fc.oneof(
        encoded,
        anyText.map((text) => text.replaceAll(/[^\x21-\x7e]|[?#]/g, '')),
      ),
      { maxLength: 8 },
    )
    .map((parts) => `/${parts.join('/')}`),
  fc
    .tuple(fc.nat(), fc.array(encoded, { minLength: 6, maxLength: 6 }), fc.boolean())
    .map(([index, parts, rightGroup]) => {
      const template = known()[index % known().length] ?? '/'
      return template.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) =>
        name === 'group' && rightGroup ? scene.ledger.groupId : (parts.pop() ?? 'x'),
      )
    }),
)
const query = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom('limit', 'before', 'did', 'type', 'q', 'after', 'owner'), encoded), encoded),
  { maxLength: 4 },
)
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc
    .array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 5 })
    .map((transactions) => JSON.stringify({ transactions })),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)
const mediaType = fc.constantFrom(
  'application/json',
  'application/jose',
  'text/plain',
  'application/json; charset=latin1',
  'x',
  '',
)

/** Over a socket, where a path is whatever the client writes and nothing has put it right before. */
function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  payload: string | Buffer,
): Promise<number | undefined> {
  const { port } = scene.app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    })
    request.once('error', reject)
    request.end(payload)
  })
}

test('random paths, queries, headers and bodies', async () => {
  const headers = fc.record(
    {
      accept: fc.constantFrom('text/html', '*/*', 'application/did+json', ';;;'),
      'if-none-match': fc.constantFrom('*', '"x"', ','),
      authorization: fc.constantFrom('Bearer x', 'Bearer a.b.c', 'x'),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
      path,
      query,
      headers,
      body,
      mediaType,
      async (method, where, pairs, given, payload, type) => {
        const search = pairs.map(([name, value]) => `${name}=${value}`).join('&')
        const url = search === '' ? where : `${where}?${search}`
        // A live stream has no end to wait for; it has tests of its own.
        if (where.endsWith('/events')) return
        const hasBody = method === 'POST' || method === 'PUT'
        const contentType = hasBody && type !== '' ? { 'content-type': type } : {}
        const status = await send(method, url, { ...given, ...contentType }, hasBody ? payload : '')
        expect(status, `${method} ${url}`).toBeLessThan(500)
      },
    ),
    // The first counterexample is told as it is: shrinking these shapes can take longer than anybody waits.
    { numRuns: 2000, endOnFailure: true },
  )
  expect(scene.logged.filter(({ level }) => level === 'error')).toEqual([])
}, 120_000)

test('random bodies to a good address get a documented answer', async () => {
  await fc.assert(
    fc.asyncProperty(body, mediaType, async (payload, type) => {
      const answer = await scene.ask('POST', `${scene.base}/transactions`, {
        body: payload,
        headers: type === '' ? {} : { 'content-type': type },
      })
      expect([200, 400, 413, 415]).toContain(answer.statusCode)
    }),
    { numRuns: 500, endOnFailure: true },
  )
}, 60_000)
