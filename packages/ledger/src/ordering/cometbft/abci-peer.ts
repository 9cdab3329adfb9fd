/** An engine's end of one ABCI connection, with the codec of others (cosmjs-types): for tests of ours. */
import type { Socket } from 'node:net'
import { BinaryReader, BinaryWriter } from 'cosmjs-types/binary'
import { Request, Response } from 'cosmjs-types/tendermint/abci/types'

/** A request as cosmjs-types has it, one member set. */
export type Asked = Readonly<Record<string, object>>

/** Asks, and reads answers in order. */
export class AbciPeer {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}
  isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  ask(...requests: readonly Asked[]): void {
    const frames = requests.map((request) => {
      const message = Request.encode(Request.fromPartial(request as never)).finish()
      return Buffer.from(BinaryWriter.create().bytes(message).finish())
    })
    this.#socket.write(Buffer.concat(frames))
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next answer; undefined when the connection has ended. */
  async next(): Promise<Response | undefined> {
    for (;;) {
      const answer = this.#take()
      if (answer !== undefined || this.isClosed) return answer
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async ended(): Promise<void> {
    while (!this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
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

  #take(): Response | undefined {
    try {
      const reader = new BinaryReader(this.#bytes)
      const length = reader.uint32()
      if (this.#bytes.length - reader.pos < length) return undefined
      const end = reader.pos + length
      const response = Response.decode(this.#bytes.subarray(reader.pos, end))
      this.#bytes = this.#bytes.subarray(end)
      return response
    } catch {
      return undefined
    }
  }
}
