/**
 * The way back into the engine: CometBFT's JSON-RPC, over a unix socket or the loopback address. It is used to hand in
 * transactions and to ask how far the engine is; outcomes come through the driver, out of finalized blocks.
 */
import { Agent, request } from 'node:http'
import type { EngineAnswer } from '../../face.ts'
import { HandIn } from './hand-in.ts'

export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number }

/** `ok`: the engine has it, and asks the application about it. `already_waiting`: it or the same transaction did before. Else the code of a refusal. */
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
  /** Engines that this one is connected to, by their ids (hex). */
  peers(): Promise<readonly string[]>
  /** Any question, as it is: for others who check the answer themselves. */
  ask(method: string, params: object): Promise<EngineAnswer>
  close(): void
}

export class EngineUnreachable extends Error {
  override readonly name = 'EngineUnreachable'
}

/** With the number of the call. */
type NumberedAnswer = EngineAnswer & { readonly id: unknown }

/** Requests under way at a time; the rest wait their turn here and not in the engine. */
const requestsAtOnce = 32
const answerBytes = 1024 * 1024
const answerWithinMs = 15_000

export class CometClient implements EngineClient {
  readonly #address: EngineAddress
  readonly #agent = new Agent({ keepAlive: true, maxSockets: requestsAtOnce })
  readonly #handIn = new HandIn((transactions) => this.#post(transactions))

  constructor(address: EngineAddress) {
    this.#address = address
  }

  broadcast(transaction: string): Promise<BroadcastAnswer> {
    return this.#handIn.hand(transaction)
  }

  async #post(transactions: readonly string[]): Promise<readonly (BroadcastAnswer | Error)[]> {
    const calls = transactions.map((transaction, index) => {
      const tx = Buffer.from(transaction, 'latin1').toString('base64')
      return { jsonrpc: '2.0', id: index + 1, method: 'broadcast_tx_async', params: { tx } }
    })
    const answers = new Map((await this.#ask(calls)).map((answer) => [answer.id, answer]))
    return transactions.map((_transaction, index) => {
      const answer = answers.get(index + 1)
      return answer === undefined ? new EngineUnreachable('The engine left out an answer.') : verdictOf(answer)
    })
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

  async peers(): Promise<readonly string[]> {
    const { peers } = (await this.#result('net_info', {})) as {
      readonly peers: readonly { readonly node_info: { readonly id: string } }[]
    }
    return peers.map(({ node_info: { id } }) => id.toLowerCase())
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

  async #call(method: string, params: object): Promise<EngineAnswer> {
    const [answer] = await this.#ask([{ jsonrpc: '2.0', id: 1, method, params }])
    if (answer === undefined) throw new EngineUnreachable('The engine does not answer: it says nothing')
    // The number is of this connection: whoever passes the answer on has one of their own.
    return 'result' in answer ? { result: answer.result } : { error: answer.error }
  }

  /** Answers in any order: as many as calls where the engine does what it should. */
  #ask(calls: readonly object[]): Promise<readonly NumberedAnswer[]> {
    const body = JSON.stringify(calls.length === 1 ? calls[0] : calls)
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
            const answers = parseAnswers(Buffer.concat(parts).toString('utf8'))
            if (answers === undefined) fail(new Error('what answers is not its RPC'))
            else resolve(answers)
          })
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('it takes too long')))
      sent.on('error', fail)
      sent.end(body)
    })
  }
}

function parseAnswers(text: string): readonly NumberedAnswer[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    const answers = (Array.isArray(parsed) ? parsed : [parsed]).map(answerFrom)
    return answers.every((answer) => answer !== undefined) ? answers : undefined
  } catch {
    return undefined
  }
}

function answerFrom(value: unknown): NumberedAnswer | undefined {
  const { id, result, error } = value as Partial<{
    id: unknown
    result: unknown
    error: { message?: unknown; data?: unknown }
  }>
  if (error !== undefined) return { id, error: { message: textOf(error.message), data: textOf(error.data) } }
  return result === undefined ? undefined : { id, result }
}

function verdictOf(answer: NumberedAnswer): BroadcastAnswer | Error {
  return 'error' in answer ? verdictOfError(answer.error) : { code: 'ok' }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The engine says these in prose. Its limits are set above ours, so what else it says is a fault of the setting. */
function verdictOfError({
  message,
  data,
}: {
  readonly message: string
  readonly data: string
}): BroadcastAnswer | Error {
  const said = `${message} ${data}`
  if (said.includes('already exists in cache')) return { code: 'already_waiting' }
  if (said.includes('mempool is full')) return { code: 'queue_full' }
  return new EngineUnreachable(`The engine did not take a transaction: ${said}`)
}
