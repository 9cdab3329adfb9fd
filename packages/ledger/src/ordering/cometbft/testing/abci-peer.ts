/**
 * An engine's end of one ABCI connection, for tests of ours. What it says is encoded, and what it hears decoded, by a codec
 * that the test brings, so that it can be one of others.
 */
import type { Socket } from 'node:net'
import { FrameReader } from '../framing.ts'
import { WireWriter } from '../wire.ts'

/** A request by the names of `tendermint.abci`, one member set. */
export type Asked = Readonly<Record<string, object>>

/** A response by the names of `tendermint.abci`, as far as tests look into it. */
export interface Answered {
  readonly exception?: { readonly error: string } | undefined
  readonly echo?: { readonly message: string } | undefined
  readonly flush?: object | undefined
  readonly commit?: object | undefined
  readonly info?: { readonly lastBlockHeight: bigint; readonly lastBlockAppHash: Uint8Array } | undefined
  readonly initChain?: { readonly appHash: Uint8Array } | undefined
  readonly checkTx?: { readonly code: number; readonly log: string } | undefined
  readonly prepareProposal?: { readonly txs: readonly Uint8Array[] } | undefined
  readonly processProposal?: { readonly status: number } | undefined
  readonly finalizeBlock?: { readonly txResults: readonly unknown[]; readonly appHash: Uint8Array } | undefined
}

export interface AbciCodec {
  encode(request: Asked): Uint8Array
  decode(response: Uint8Array): Answered
}

/** Asks, and reads answers in order. */
export class AbciPeer {
  readonly #socket: Socket
  readonly #codec: AbciCodec
  readonly #frames = new FrameReader(64 * 1024 * 1024)
  #wake: () => void = () => {}
  isClosed = false

  constructor(socket: Socket, codec: AbciCodec) {
    this.#socket = socket
    this.#codec = codec
    socket.on('data', (chunk: Buffer) => {
      this.#frames.add(chunk)
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  ask(...requests: readonly Asked[]): void {
    const writer = new WireWriter()
    for (const request of requests) writer.frame(this.#codec.encode(request))
    this.#socket.write(writer.take())
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next answer; undefined when the connection has ended. */
  async next(): Promise<Answered | undefined> {
    for (;;) {
      const frame = this.#frames.take()
      if (frame !== undefined) return this.#codec.decode(frame)
      if (this.isClosed) return undefined
      await this.#change()
    }
  }

  async ended(): Promise<void> {
    while (!this.isClosed) await this.#change()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.destroy()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
