/**
 * An engine of one validator, without network or disk: it makes the calls that CometBFT makes, over a real socket and by
 * a codec that the test brings, in the order and at the moments that CometBFT has. For tests of what stands at the other end.
 */
import { connect } from 'node:net'
import type { EngineAnswer } from '../../../face.ts'
import type { BroadcastAnswer, EngineClient, EngineHeader, EngineStatus } from '../engine-client.ts'
import { EngineUnreachable } from '../engine-client.ts'
import { type AbciCodec, AbciPeer, type Answered, type Asked } from './abci-peer.ts'

export interface LoneEngineOptions {
  readonly path: string
  readonly codec: AbciCodec
  readonly chainId: string
  readonly genesisTimeMs: number
  /** The time of the next block. */
  readonly clock: () => number
}

type Connection = 'query' | 'mempool' | 'consensus'

const maxTxBytes = 1_000_000n

export class LoneEngine implements EngineClient {
  readonly #options: LoneEngineOptions
  readonly #peers = new Map<Connection, AbciPeer>()
  #mempool: string[] = []
  #height = 0
  #timeMs = 0
  #appHash = ''
  #isAwaitingProof = false
  readonly #lines = new Map<Connection, Promise<void>>()
  /** Blocks are made one after the other. */
  #turn: Promise<void> = Promise.resolve()
  isOver = false
  /** Awaited before each block, for tests that look between two. */
  beforeBlock: (height: number) => Promise<void> = () => Promise.resolve()

  constructor(options: LoneEngineOptions) {
    this.#options = options
  }

  /** Connects, shakes hands, and founds the chain if the application stands at its beginning. */
  async start(): Promise<void> {
    for (const name of ['query', 'mempool', 'consensus'] as const) {
      const socket = connect(this.#options.path)
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      this.#peers.set(name, new AbciPeer(socket, this.#options.codec))
    }
    const { info } = await this.#call('query', { info: { version: '0.38.25' } })
    this.#height = Number(info?.lastBlockHeight)
    this.#appHash = hex(info?.lastBlockAppHash)
    this.#timeMs = this.#options.genesisTimeMs
    if (this.#height > 0) return
    const { chainId, genesisTimeMs } = this.#options
    const request = { chainId, time: timestamp(genesisTimeMs), initialHeight: 1n, validators: [] }
    const { initChain } = await this.#call('consensus', { initChain: request })
    this.#appHash = hex(initChain?.appHash)
  }

  async broadcast(transaction: string): Promise<BroadcastAnswer> {
    if (this.#mempool.includes(transaction)) return { code: 'already_waiting' }
    const { checkTx } = await this.#call('mempool', { checkTx: { tx: Buffer.from(transaction, 'latin1'), type: 0 } })
    if (checkTx === undefined) return { code: 'node_stopped' }
    // What the application refuses is dropped, and whoever handed it in is told nothing of that here.
    if (checkTx.code !== 0) return { code: 'ok' }
    this.#mempool.push(transaction)
    this.#wake()
    return { code: 'ok' }
  }

  async status(): Promise<EngineStatus> {
    if (this.isOver || this.#peers.size < 3) throw new EngineUnreachable('The engine is not there.')
    return { height: this.#height, isCatchingUp: false }
  }

  async peers(): Promise<readonly string[]> {
    return []
  }

  async ask(): Promise<EngineAnswer> {
    return { error: { message: 'It has no RPC.', data: '' } }
  }

  async header(): Promise<EngineHeader | undefined> {
    return undefined
  }

  /** Resolves when nothing waits and the last change has been confirmed. */
  async rest(): Promise<void> {
    let turn: Promise<void>
    do {
      turn = this.#turn
      await turn
    } while (turn !== this.#turn)
  }

  close(): void {
    this.isOver = true
    for (const peer of this.#peers.values()) peer.end()
  }

  #wake(): void {
    this.#turn = this.#turn.then(() => this.#makeBlocks()).catch(() => this.close())
  }

  /** While transactions wait, and once more after the agreed hash has changed. */
  async #makeBlocks(): Promise<void> {
    while (!this.isOver && (this.#mempool.length > 0 || this.#isAwaitingProof)) await this.#makeBlock()
  }

  async #makeBlock(): Promise<void> {
    const height = this.#height + 1
    await this.beforeBlock(height)
    const timeMs = Math.max(this.#timeMs + 1, this.#options.clock())
    const moment = { height: BigInt(height), time: timestamp(timeMs) }
    const offered = this.#mempool.map((transaction) => Buffer.from(transaction, 'latin1'))
    const prepared = await this.#call('consensus', { prepareProposal: { ...moment, txs: offered, maxTxBytes } })
    const txs = prepared.prepareProposal?.txs ?? []
    const processed = await this.#call('consensus', { processProposal: { ...moment, txs } })
    if (processed.processProposal?.status !== 1) throw new Error('An own proposal was rejected.')
    const finalized = (await this.#call('consensus', { finalizeBlock: { ...moment, txs } })).finalizeBlock
    if (finalized?.txResults.length !== txs.length) throw new Error('Results and transactions differ in number.')
    const committed = await this.#call('consensus', { commit: {} })
    if (committed.commit === undefined) throw new Error('The block was not committed.')

    this.#height = height
    this.#timeMs = timeMs
    this.#isAwaitingProof = hex(finalized.appHash) !== this.#appHash
    this.#appHash = hex(finalized.appHash)
    await this.#recheck(new Set(txs.map((tx) => Buffer.from(tx).toString('latin1'))))
  }

  async #recheck(logged: ReadonlySet<string>): Promise<void> {
    const left: string[] = []
    for (const transaction of this.#mempool) {
      if (logged.has(transaction)) continue
      const request = { tx: Buffer.from(transaction, 'latin1'), type: 1 }
      if ((await this.#call('mempool', { checkTx: request })).checkTx?.code === 0) left.push(transaction)
    }
    this.#mempool = left
  }

  /** Asks when everything asked before on this connection has been answered. */
  #call(name: Connection, request: Asked): Promise<Answered> {
    const answer = (this.#lines.get(name) ?? Promise.resolve()).then(() => this.#ask(name, request))
    this.#lines.set(
      name,
      answer.then(
        () => {},
        () => {},
      ),
    )
    return answer
  }

  async #ask(name: Connection, request: Asked): Promise<Answered> {
    const peer = this.#peers.get(name)
    if (peer === undefined || this.isOver) throw new EngineUnreachable('The engine has ended.')
    peer.ask(request, { flush: {} })
    const response = await peer.next()
    if (response === undefined || response.exception !== undefined) {
      this.close()
      throw new EngineUnreachable(`The engine has ended: ${response?.exception?.error ?? 'its connection broke'}`)
    }
    await peer.next()
    return response
  }
}

function timestamp(timeMs: number): { readonly seconds: bigint; readonly nanos: number } {
  return { seconds: BigInt(Math.floor(timeMs / 1000)), nanos: (timeMs % 1000) * 1_000_000 }
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex')
}
