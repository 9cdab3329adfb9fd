/**
 * The ABCI socket server: CometBFT opens four connections to it (query, snapshot, mempool, consensus) and asks on each in
 * strict order, without numbering its requests, so that each is answered before the next is looked at. A peer that reads
 * slowly is read from slowly. What cannot be understood is answered by an exception and the end of that connection.
 */
import * as fs from 'node:fs'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { FrameReader } from './framing.ts'
import { type AbciRequest, decodeRequest } from './requests.ts'
import { type AbciResponse, writeResponse } from './responses.ts'
import { removeStaleSocket } from './stale-socket.ts'
import { WireFault, WireWriter } from './wire.ts'

/** Answers one request. A promise holds back what comes after it on the same connection, and there alone. */
export type AbciHandler = (request: AbciRequest) => AbciResponse | Promise<AbciResponse>

export type AbciAddress =
  /** A unix socket, for the same machine: the default. */
  | { readonly path: string }
  /** TCP on an address of this machine or of a private network: whoever reaches it commands the application. */
  | { readonly host: string; readonly port: number }

export interface AbciServerOptions {
  readonly address: AbciAddress
  readonly handle: AbciHandler
  /** A connection ended because of what came over it, or because the handler threw. */
  readonly onFault: (error: unknown) => void
  /** No connection is left after there had been some: the engine is gone. */
  readonly onAbandoned?: () => void
}

/** A block of 4 MiB and a snapshot chunk of 16 MiB fit; an engine sends nothing larger under our consensus parameters. */
const messageBytes = 32 * 1024 * 1024
/** Answers gathered before they are sent on, where more has been asked already. */
const sendBytes = 256 * 1024
/** An engine opens four; more are left for one that is just being replaced. */
const connections = 16

export class AbciServer {
  readonly #options: AbciServerOptions
  readonly #server: Server
  readonly #open = new Set<AbciConnection>()

  constructor(options: AbciServerOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = connections
  }

  /** Resolves when connections are accepted. Fails if somebody else listens there. */
  async listen(): Promise<void> {
    const { address } = this.#options
    if ('path' in address) await removeStaleSocket(address.path)
    const where: ListenOptions = 'path' in address ? { path: address.path } : { ...address }
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(where, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    if ('path' in address) fs.chmodSync(address.path, 0o600)
  }

  /** The port, when it listens on TCP: another than asked for if that was 0. */
  get port(): number | undefined {
    const address = this.#server.address()
    return typeof address === 'object' ? address?.port : undefined
  }

  get connected(): number {
    return this.#open.size
  }

  /** Ends all connections; the engine at the other end stops then. */
  async close(): Promise<void> {
    for (const connection of this.#open) connection.end()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    const connection = new AbciConnection(socket, this.#options)
    this.#open.add(connection)
    socket.once('close', () => {
      this.#open.delete(connection)
      if (this.#open.size === 0) this.#options.onAbandoned?.()
    })
  }
}

class AbciConnection {
  readonly #socket: Socket
  readonly #handle: AbciHandler
  readonly #onFault: (error: unknown) => void
  readonly #frames = new FrameReader(messageBytes)
  readonly #writer = new WireWriter()
  /** An answer is still being made. */
  #isAnswering = false
  /** The other side reads more slowly than we answer. */
  #isFull = false
  #isOver = false

  constructor(socket: Socket, { handle, onFault }: AbciServerOptions) {
    this.#socket = socket
    this.#handle = handle
    this.#onFault = onFault
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#frames.add(chunk)
      this.#work()
    })
    socket.on('drain', () => {
      this.#isFull = false
      this.#goOn()
    })
    // The end of a connection is told by 'close'; why it broke does not matter.
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#isOver = true
    })
  }

  end(): void {
    this.#isOver = true
    this.#socket.destroy()
  }

  /** Answers what is there, one after the other, and sends the answers as one. */
  #work(): void {
    try {
      while (!this.#isAnswering && !this.#isFull && !this.#isOver) {
        const frame = this.#frames.take()
        if (frame === undefined) break
        const answer = this.#handle(decodeRequest(frame))
        if (answer instanceof Promise) this.#wait(answer)
        else this.#answer(answer)
        if (this.#writer.length >= sendBytes) this.#send()
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#send()
  }

  #wait(answer: Promise<AbciResponse>): void {
    this.#isAnswering = true
    answer
      .then(
        (response) => this.#answer(response),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#isAnswering = false
        this.#goOn()
      })
  }

  #goOn(): void {
    if (this.#isAnswering || this.#isFull) return
    this.#socket.resume()
    this.#work()
  }

  #answer(response: AbciResponse): void {
    writeResponse(this.#writer, response)
    // The engine ends itself on an exception, so nothing that follows would be read.
    if (response.call === 'exception') this.#isOver = true
  }

  #send(): void {
    if (this.#writer.length > 0 && !this.#socket.destroyed) {
      this.#isFull = !this.#socket.write(this.#writer.take())
      if (this.#isOver) this.#socket.end()
    }
    if (this.#isAnswering || this.#isFull) this.#socket.pause()
  }

  #fail(error: unknown): void {
    this.#onFault(error)
    // The details of our own faults are for our own log.
    const sentence = error instanceof WireFault ? error.message : 'The application has failed.'
    this.#answer({ call: 'exception', error: sentence })
  }
}
