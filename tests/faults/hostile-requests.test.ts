/** Requests that no client of ours would make: answered with something documented, or hung up on; never an error of ours. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createNodeClient } from '@chengxin/client'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'

const data = temporaryData()
let node: RunningNode
let group: string
let halfRequest: Promise<string>

beforeAll(async () => {
  node = await startNode({ data: data.path })
  group = (await createNodeClient({ url: node.url }).findGroup()).groupId
  // Opened first and awaited last: the node hangs up only after its patience has ended.
  halfRequest = answerToHalf('POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
})

afterAll(async () => {
  await node?.stop()
  data.remove()
})

test('random bytes for a path, a query or a body never bring an error of ours', async () => {
  const target = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => `/${text}`),
    fc.constantFrom(
      '//',
      '/%00',
      '/%ff',
      '/..%2f..%2fetc/passwd',
      '/v1/groups/../../keys/log.json',
      `/v1/groups/${'a'.repeat(9000)}`,
      '/1.0/identifiers/did:weid:sample:0x%00',
      '/v1/groups?x[__proto__]=1',
    ),
    fc
      .tuple(
        fc.constantFrom('transactions', 'blocks', 'search', 'state', 'log/tile', 'documents', 'dids'),
        fc.webPath(),
        fc.webQueryParameters(),
      )
      .map(([what, path, query]) => `/v1/groups/${group}/${what}${path}?${query}`),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'TRACE', 'x'),
      target,
      fc.uint8Array({ maxLength: 200 }),
      async (method, where, body) => {
        const line = `${method} ${where.replaceAll(/[\r\n]/g, '')} HTTP/1.1\r\n`
        const headers = `host: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
        const answer = await answerTo(Buffer.concat([Buffer.from(line + headers, 'latin1'), body]))
        expect(answer, `${method} ${where}`).toMatch(/^HTTP\/1\.1 [234]\d\d /)
        expect(answer).not.toContain('root:')
      },
    ),
    { numRuns: 300 },
  )
})

test('headers without end are cut off', async () => {
  const answer = await answerTo(`GET /health HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(200_000)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
})

test('a body that grows when it is unpacked is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024))
  const response = await fetch(`${node.url}/v1/groups/${group}/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: bomb,
  })
  expect([400, 415]).toContain(response.status)
  expect((await response.json()) as object).toHaveProperty('code')
})

test('one who sends half a request is hung up on, and others never notice', async () => {
  expect((await fetch(`${node.url}/health`)).status).toBe(200)
  expect(await halfRequest).toMatch(/^HTTP\/1\.1 408 /)
})

/** Sends bytes and reads until the node closes the connection. */
function answerTo(bytes: string | Buffer): Promise<string> {
  return readAll((socket) => socket.write(bytes))
}

/** Sends a beginning and then a byte now and then, as one does who wants to hold a connection for ever. */
async function answerToHalf(beginning: string): Promise<string> {
  let isOpen = true
  const answer = readAll((socket) => {
    socket.write(beginning)
    void (async () => {
      while (isOpen) {
        await delay(1000)
        if (socket.writable) socket.write('x')
      }
    })()
  })
  return answer.finally(() => {
    isOpen = false
  })
}

function readAll(write: (socket: Socket) => void): Promise<string> {
  return new Promise((done) => {
    const socket = connect(node.port, 'localhost', () => write(socket))
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    // A node that hangs up while we still write resets the connection: what it said before counts.
    socket.on('error', () => undefined)
    socket.on('close', () => done(text))
  })
}
