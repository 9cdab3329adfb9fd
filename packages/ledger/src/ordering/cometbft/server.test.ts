import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Request, Response } from 'cosmjs-types/tendermint/abci/types'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AbciHandler, AbciServer, type AbciServerOptions } from './server.ts'
import { type AbciCodec, AbciPeer, type Asked } from './testing/abci-peer.ts'
import { WireFault } from './wire.ts'

const codec: AbciCodec = {
  encode: (request) => Request.encode(Request.fromPartial(request as never)).finish(),
  decode: (response) => Response.decode(response),
}

let directory: string
let path: string
const closing: (() => void | Promise<void>)[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-abci-'))
  path = join(directory, 'abci.sock')
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  rmSync(directory, { recursive: true, force: true })
})

async function serve(handle: AbciHandler, change: Partial<AbciServerOptions> = {}) {
  const faults: unknown[] = []
  const server = new AbciServer({ address: { path }, handle, onFault: (error) => faults.push(error), ...change })
  await server.listen()
  closing.push(() => server.close())
  return { server, faults }
}

async function dial(port?: number): Promise<AbciPeer> {
  const socket = port === undefined ? connect(path) : connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const peer = new AbciPeer(socket, codec)
  closing.push(() => peer.end())
  return peer
}

const echoing: AbciHandler = (request) => {
  if (request.call === 'echo') return request
  if (request.call === 'checkTx') return { call: 'checkTx', code: 1, log: request.transaction, info: '' }
  return { call: 'flush' }
}
const checkTx = (text: string): Asked => ({ checkTx: { tx: Buffer.from(text), type: 0 } })

describe('the ABCI socket', () => {
  test('answers in the order of asking, however much is asked at once', async () => {
    await serve(echoing)
    const peer = await dial()
    const texts = Array.from({ length: 500 }, (_none, index) => `${index} ${'x'.repeat(index)}`)
    peer.ask(...texts.map(checkTx), { flush: {} })
    for (const text of texts) expect((await peer.next())?.checkTx?.log).toBe(text)
    expect((await peer.next())?.flush).toBeDefined()
  })

  test('a slow answer holds back its own connection and no other', async () => {
    let finish: (message: string) => void = () => {}
    const slow: AbciHandler = (request) => {
      if (request.call !== 'echo' || request.message !== 'slow') return echoing(request)
      return new Promise((resolve) => {
        finish = (message) => resolve({ call: 'echo', message })
      })
    }
    await serve(slow)
    const [held, free] = [await dial(), await dial()]
    held.ask(checkTx('before'), { echo: { message: 'slow' } }, checkTx('after'))
    expect((await held.next())?.checkTx?.log).toBe('before')
    free.ask({ echo: { message: 'quick' } })
    expect((await free.next())?.echo?.message).toBe('quick')
    finish('at last')
    expect((await held.next())?.echo?.message).toBe('at last')
    expect((await held.next())?.checkTx?.log).toBe('after')
  })

  test('a peer that does not read is not answered into memory', async () => {
    let answered = 0
    const large = 'x'.repeat(64 * 1024)
    await serve((request) => {
      answered++
      return request.call === 'flush' ? request : { call: 'echo', message: large }
    })
    const peer = await dial()
    peer.pause()
    const asked = 200
    peer.ask(...Array.from({ length: asked }, () => ({ echo: { message: '' } })))
    // Enough turns for the server to answer all of it, if nothing held it back.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(answered).toBeLessThan(asked)
    peer.resume()
    for (let index = 0; index < asked; index++) expect((await peer.next())?.echo?.message.length).toBe(large.length)
    expect(answered).toBe(asked)
  })

  test.each<[string, Uint8Array]>([
    ['a message that calls nothing', Buffer.from([0])],
    ['a call that does not exist', Buffer.from([2, 0x3a, 0])],
    ['an announcement of 2 GB', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07])],
    ['HTTP', Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Long: header\r\n'.repeat(9)}\r\n`)],
  ])('%s is answered by an exception and the end', async (_case, bytes) => {
    const { faults } = await serve(echoing)
    const [peer, other] = [await dial(), await dial()]
    peer.write(bytes)
    expect((await peer.next())?.exception?.error).toMatch(/\.$/)
    await peer.ended()
    expect(faults).toHaveLength(1)
    expect(faults[0]).toBeInstanceOf(WireFault)
    other.ask({ flush: {} })
    expect((await other.next())?.flush).toBeDefined()
  })

  test.each<[string, AbciHandler]>([
    [
      'throws',
      () => {
        throw new Error('secret detail')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
  ])('a handler that %s ends the connection and says nothing of why', async (_case, handle) => {
    const { faults } = await serve(handle)
    const peer = await dial()
    peer.ask({ flush: {} }, { flush: {} })
    expect((await peer.next())?.exception?.error).toBe('The application has failed.')
    expect(await peer.next()).toBeUndefined()
    expect(faults).toHaveLength(1)
  })

  test('an engine that is gone is noticed when its last connection is', async () => {
    let abandoned = 0
    await serve(echoing, { onAbandoned: () => abandoned++ })
    const [first, second] = [await dial(), await dial()]
    first.ask({ flush: {} })
    second.ask({ flush: {} })
    await Promise.all([first.next(), second.next()])
    first.end()
    second.ask({ flush: {} })
    await second.next()
    expect(abandoned).toBe(0)
    second.end()
    while (abandoned === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(abandoned).toBe(1)
  })

  test('a socket left by a process that was killed is taken over, one in use is not, another file neither', async () => {
    const { server } = await serve(echoing)
    await expect(serve(echoing)).rejects.toThrow('Another process')
    await server.close()
    expect(existsSync(path)).toBe(false)
    writeFileSync(path, '')
    await expect(serve(echoing)).rejects.toThrow('in the way')
  })

  test('serves TCP where it is asked to', async () => {
    const { server } = await serve(echoing, { address: { host: '127.0.0.1', port: 0 } })
    const peer = await dial(server.port)
    peer.ask({ echo: { message: 'over TCP' } })
    expect((await peer.next())?.echo?.message).toBe('over TCP')
  })
})
