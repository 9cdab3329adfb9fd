/**
 * The way back into the engine: CometBFT's JSON-RPC, over a unix socket or the loopback address. It is used to hand in
 * transactions and to ask how far the engine is; outcomes come through the driver, out of finalized blocks.
 */
import { Agent, request } from 'node:http'
import type { EngineAnswer } from '../../face.ts'

export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number }

/** `ok`: waits in the mempool. `already_waiting`: it or the same transaction did before. Else the code of a refusal. */
export interface BroadcastAnswer {
  readonly code: string
  readonly at?: string
}

export interface EngineStatus {
  readonly height: number
  readonly isCatchingUp: boolean
}

export interface EngineHeader {
  readonly height: number
  /** What members agreed on after the block before this one (base64url). */
  readonly agreedHash: string
  readonly timeText: string
  readonly proposer: string
}

export interface EngineClient {
  /** Rejects with `EngineUnreachable` when it is unknown whether the engine has the transaction. */
  broadcast(transaction: string): Promise<BroadcastAnswer>
  status(): Promise<EngineStatus>
  /** Undefined for a height that the engine has not reached. */
  header(height: number): Promise<EngineHeader | undefined>
  /** Engines that this one is connected to. */
  peers(): Promise<number>
  /** Any question, as it is: for others who check the answer themselves. */
  ask(method: string, params: object): Promise<EngineAnswer>
  close(): void
}

export class EngineUnreachable extends Error {
  override readonly name = 'EngineUnreachable'
}

/** Requests under way at a time; the rest wait their turn here and not in the engine. */
const requestsAtOnce = 32
const answerBytes = 1024 * 1024
const answerWithinMs = 15_000

export class CometClient implements EngineClient {
  readonly #address: EngineAddress
  readonly #agent = new Agent({ keepAlive: true, maxSockets: requestsAtOnce })

  constructor(address: EngineAddress) {
    this.#address = address
  }

  async broadcast(transaction: string): Promise<BroadcastAnswer> {
    const answer = await this.#call('broadcast_tx_sync', { tx: Buffer.from(transaction, 'latin1').toString('base64') })
    if ('error' in answer) return { code: codeOfError(answer.error) }
    const result = answer.result as { readonly code: number; readonly log: string }
    return { code: result.code === 0 ? 'ok' : result.log }
  }

  async status(): Promise<EngineStatus> {
    const { sync_info: sync } = (await this.#result('status', {})) as {
      readonly sync_info: { readonly latest_block_height: string; readonly catching_up: boolean }
    }
    return { height: Number(sync.latest_block_height), isCatchingUp: sync.catching_up }
  }

  async header(height: number): Promise<EngineHeader | undefined> {
    const answer = await this.#call('header', { height: String(height) })
    if ('error' in answer) return undefined
    const { header } = answer.result as {
      readonly header: {
        readonly height: string
        readonly app_hash: string
        readonly time: string
        readonly proposer_address: string
      }
    }
    return {
      height: Number(header.height),
      agreedHash: Buffer.from(header.app_hash, 'hex').toString('base64url'),
      timeText: header.time,
      proposer: header.proposer_address.toLowerCase(),
    }
  }

  async peers(): Promise<number> {
    const { n_peers: count } = (await this.#result('net_info', {})) as { readonly n_peers: string }
    return Number(count)
  }

  ask(method: string, params: object): Promise<EngineAnswer> {
    return this.#call(method, params)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #result(method: string, params: object): Promise<unknown> {
    const answer = await this.#call(method, params)
    if ('error' in answer) throw new EngineUnreachable(`The engine answers ${method} by: ${answer.error.message}`)
    return answer.result
  }

  #call(method: string, params: object): Promise<EngineAnswer> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new EngineUnreachable(`The engine does not answer: ${error.message}`))
      const sent = request(
        {
          ...this.#address,
          method: 'POST',
          path: '/',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          timeout: answerWithinMs,
        },
        (response) => {
          const parts: Buffer[] = []
          let length = 0
          response.on('error', fail)
          response.on('data', (part: Buffer) => {
            parts.push(part)
            length += part.length
            if (length > answerBytes) response.destroy(new Error('its answer is too long'))
          })
          response.on('end', () => {
            const answer = parseAnswer(Buffer.concat(parts).toString('utf8'))
            if (answer === undefined) fail(new Error('what answers is not its RPC'))
            else resolve(answer)
          })
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('it takes too long')))
      sent.on('error', fail)
      sent.end(body)
    })
  }
}

function parseAnswer(text: string): EngineAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<{ result: unknown; error: { message?: unknown; data?: unknown } }>
    if (answer.error !== undefined) {
      const { message, data } = answer.error
      return { error: { message: textOf(message), data: textOf(data) } }
    }
    return answer.result === undefined ? undefined : { result: answer.result }
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The engine says these in prose. Its limits are set above ours, so what else it says is a fault of the setting. */
function codeOfError({ message, data }: { readonly message: string; readonly data: string }): string {
  const said = `${message} ${data}`
  if (said.includes('already exists in cache')) return 'already_waiting'
  if (said.includes('mempool is full')) return 'queue_full'
  throw new EngineUnreachable(`The engine did not take a transaction: ${said}`)
}
