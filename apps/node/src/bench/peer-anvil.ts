/**
 * Signed value transfers on anvil, an Ethereum node in memory: nothing is flushed, one key type, one block producer.
 * Transactions are signed beforehand; the clock covers sending them over JSON-RPC in batches until the last is mined.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { toHex } from '@chengxin/kernel'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { freePort } from './free-port.ts'
import type { BenchRow, MissingRow } from './row.ts'

const chainId = 31_337n
const accounts = 50
const batchSize = 200

export async function benchAnvil(transfers: number): Promise<BenchRow | MissingRow> {
  const program = resolve('node_modules/.bin/anvil')
  if (!existsSync(program)) return { name: 'peer.anvil', missing: 'anvil (installed by npm ci as @foundry-rs/anvil)' }
  const port = await freePort()
  const child = spawn(
    program,
    [
      '--port',
      String(port),
      '--silent',
      '--block-time',
      '1',
      '--order',
      'fifo',
      '--accounts',
      '0',
      '--gas-limit',
      '30000000000',
      '--prune-history',
    ],
    // What npm puts on the path starts the real program, which must end with it: so both are a group of their own.
    { stdio: 'ignore', detached: true },
  )
  const rpc = jsonRpc(`http://127.0.0.1:${port}`)
  try {
    await untilUp(rpc)
    const senders = Array.from({ length: accounts }, (_, index) => senderOf(index))
    await rpc(senders.map(({ address }) => ['anvil_setBalance', [address, '0xde0b6b3a7640000']]))
    const signed = signTransfers(senders, transfers)
    const started = performance.now()
    for (let at = 0; at < signed.length; at += batchSize) {
      await rpc(signed.slice(at, at + batchSize).map((raw) => ['eth_sendRawTransaction', [raw]]))
    }
    await untilMined(rpc, senders, transfers)
    const seconds = (performance.now() - started) / 1000
    return {
      name: 'peer.anvil',
      perSecond: signed.length / seconds,
      how: `in memory, ${transfers} signed value transfers from ${accounts} senders, JSON-RPC batches of ${batchSize}, blocks of one second`,
    }
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
}

interface Sender {
  readonly secret: Uint8Array
  readonly address: string
}

function senderOf(index: number): Sender {
  const secret = keccak_256(new TextEncoder().encode(`chengxin bench sender ${index}`))
  const point = secp256k1.getPublicKey(secret, false)
  return { secret, address: `0x${toHex(keccak_256(point.slice(1)).slice(12))}` }
}

function signTransfers(senders: readonly Sender[], transfers: number): string[] {
  return Array.from({ length: transfers }, (_, index) => {
    const from = senders[index % senders.length] as Sender
    const to = senders[(index + 1) % senders.length] as Sender
    return signLegacy(from.secret, BigInt(Math.floor(index / senders.length)), to.address)
  })
}

/** A legacy transaction with replay protection (EIP-155). */
function signLegacy(secret: Uint8Array, nonce: bigint, to: string): string {
  const fields = [
    quantity(nonce),
    quantity(10_000_000_000n),
    quantity(21_000n),
    bytesOf(to),
    quantity(1n),
    new Uint8Array(),
  ]
  const digest = keccak_256(rlpList([...fields, quantity(chainId), new Uint8Array(), new Uint8Array()]))
  const recovered = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' })
  const v = chainId * 2n + 35n + BigInt(recovered[0] as number)
  const r = trimmed(recovered.slice(1, 33))
  const s = trimmed(recovered.slice(33, 65))
  return `0x${toHex(rlpList([...fields, quantity(v), r, s]))}`
}

function rlpList(items: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(items.map(rlpString))
  return Buffer.concat([rlpLength(body.length, 0xc0), body])
}

function rlpString(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && (bytes[0] as number) < 0x80) return bytes
  return Buffer.concat([rlpLength(bytes.length, 0x80), bytes])
}

function rlpLength(length: number, offset: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length)
  const size = quantity(BigInt(length))
  return Uint8Array.of(offset + 55 + size.length, ...size)
}

function quantity(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array()
  const hex = value.toString(16)
  return bytesOf(hex.length % 2 === 0 ? hex : `0${hex}`)
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'))
}

function trimmed(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  return bytes.slice(Math.max(0, first))
}

type Rpc = (calls: readonly (readonly [method: string, params: readonly unknown[]])[]) => Promise<unknown[]>

function jsonRpc(url: string): Rpc {
  return async (calls) => {
    const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answers = (await response.json()) as { id: number; result?: unknown; error?: { message: string } }[]
    const failed = answers.find((answer) => answer.error !== undefined)
    if (failed !== undefined) throw new Error(`anvil refused: ${failed.error?.message}`)
    return answers.sort((left, right) => left.id - right.id).map((answer) => answer.result)
  }
}

async function untilUp(rpc: Rpc): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await rpc([['eth_chainId', []]]).catch(() => undefined)
    if (up !== undefined) return
    await delay(100)
  }
  throw new Error('anvil did not start within ten seconds')
}

async function untilMined(rpc: Rpc, senders: readonly Sender[], transfers: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const counts = await rpc(senders.map(({ address }) => ['eth_getTransactionCount', [address, 'latest']]))
    if (counts.reduce<number>((sum, count) => sum + Number(count), 0) >= transfers) return
    await delay(50)
  }
  throw new Error('anvil did not mine all transfers within thirty seconds')
}
