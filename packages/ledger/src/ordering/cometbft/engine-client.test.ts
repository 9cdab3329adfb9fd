import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CometClient, EngineUnreachable } from './engine-client.ts'
import { handedInAtOnce } from './hand-in.ts'

interface Call {
  readonly method: string
  readonly params: Readonly<Record<string, string>>
}

let directory: string
let server: Server
let client: CometClient
let calls: Call[]
let answer: (response: ServerResponse) => void

/** Answers are as CometBFT 0.38.25 gave them. */
const json = (body: object) => (response: ServerResponse) =>
  response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }))

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-rpc-'))
  calls = []
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      calls.push(JSON.parse(Buffer.concat(parts).toString('utf8')) as Call)
      answer(response)
    })
  })
  const socketPath = join(directory, 'rpc.sock')
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  client = new CometClient({ socketPath })
})

afterEach(async () => {
  client.close()
  await new Promise((resolve) => server.close(resolve))
  rmSync(directory, { recursive: true, force: true })
})

const checked = (code: number, log: string) => ({ result: { code, data: '', log, codespace: '', hash: 'AB' } })
const taken = checked(0, '')
const fault = (data: string) => ({ error: { code: -32603, message: 'Internal error', data } })

describe('handing in', () => {
  test.each<[string, object, string]>([
    ['taken', checked(0, ''), 'ok'],
    ['seen before', fault('tx already exists in cache'), 'already_waiting'],
    ['no room', fault('mempool is full: number of txs 5000 (max: 5000), total txs bytes 1 (max: 2)'), 'queue_full'],
  ])('%s', async (_case, body, code) => {
    answer = json(body)
    expect(await client.broadcast('a.b.c')).toEqual({ code })
    expect(calls).toEqual([
      expect.objectContaining({
        method: 'broadcast_tx_async',
        params: { tx: Buffer.from('a.b.c').toString('base64') },
      }),
    ])
  })

  test('what is handed in together goes together, and each has its own answer', async () => {
    answer = (response) => {
      const asked = calls[0] as unknown as readonly { readonly id: number }[]
      // In another order than asked, as JSON-RPC allows.
      const answers = asked.map(({ id }) => ({ jsonrpc: '2.0', id, ...(id === 2 ? fault('tx too large') : taken) }))
      response.end(JSON.stringify(answers.reverse()))
    }
    const given = await Promise.allSettled(['a.b.c', 'd.e.f', 'g.h.i'].map((text) => client.broadcast(text)))
    expect(given).toEqual([
      { status: 'fulfilled', value: { code: 'ok' } },
      { status: 'rejected', reason: expect.any(EngineUnreachable) },
      { status: 'fulfilled', value: { code: 'ok' } },
    ])
    expect(calls).toHaveLength(1)
  })

  test('more than an engine takes at once goes in parts, and all of it goes', async () => {
    answer = (response) => {
      const asked = [calls.at(-1)].flat() as unknown as readonly { readonly id: number }[]
      expect(asked.length).toBeLessThanOrEqual(handedInAtOnce)
      response.end(JSON.stringify(asked.map(({ id }) => ({ jsonrpc: '2.0', id, ...taken }))))
    }
    const many = Array.from({ length: handedInAtOnce * 6 + 1 }, (_, index) => `a.b.${index}`)
    const given = await Promise.all(many.map((text) => client.broadcast(text)))
    expect(given.every(({ code }) => code === 'ok')).toBe(true)
    const large = Array.from({ length: 20 }, (_, index) => `${'x'.repeat(48 * 1024)}.${index}`)
    calls.length = 0
    await Promise.all(large.map((text) => client.broadcast(text)))
    expect(calls.length).toBeGreaterThan(1)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['an answer to another question', json({ id: 7, ...checked(0, '') })],
    ['a fault that is none of ours', json(fault('tx too large'))],
    ['no JSON', (response) => response.end('<html>')],
    ['neither result nor error', json({})],
    ['an answer without end', (response) => response.end('x'.repeat(2 * 1024 * 1024))],
    ['a connection that breaks', (response) => response.destroy()],
  ])('%s leaves it unknown', async (_case, how) => {
    answer = how
    await expect(client.broadcast('a.b.c')).rejects.toBeInstanceOf(EngineUnreachable)
  })

  test('an engine that is not there leaves it unknown', async () => {
    const nobody = new CometClient({ socketPath: join(directory, 'nobody.sock') })
    await expect(nobody.broadcast('a.b.c')).rejects.toBeInstanceOf(EngineUnreachable)
  })
})

describe('asking', () => {
  test('how far the engine is', async () => {
    answer = json({ result: { sync_info: { latest_block_height: '41', catching_up: true } } })
    expect(await client.status()).toEqual({ height: 41, isCatchingUp: true })
  })

  test('what a header carries, and nothing for one that is not there', async () => {
    const hash = Buffer.alloc(32, 9)
    answer = json({
      result: {
        header: {
          height: '7',
          app_hash: hash.toString('hex').toUpperCase(),
          time: '2026-06-26T00:00:00.5Z',
          proposer_address: 'ABCD',
        },
      },
    })
    expect(await client.header(7)).toEqual({
      height: 7,
      agreedHash: hash.toString('base64url'),
      timeText: '2026-06-26T00:00:00.5Z',
      proposer: 'abcd',
    })
    answer = json(fault('height 8 must be less than or equal to the current blockchain height 7'))
    expect(await client.header(8)).toBeUndefined()
    expect(calls.map(({ params }) => params['height'])).toEqual(['7', '8'])
  })
})

test('any question is answered by what the engine says of it, without the number of our own call', async () => {
  answer = json({ result: { height: '3' } })
  expect(await client.ask('commit', { height: '3' })).toEqual({ result: { height: '3' } })
  answer = json(fault('no such height'))
  const refused = { error: { message: 'Internal error', data: 'no such height' } }
  expect(await client.ask('commit', { height: '9' })).toEqual(refused)
})
