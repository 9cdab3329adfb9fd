/**
 * A validator that signs two things at once, made with its own key: two precommits for one height, round and step, which an
 * engine takes as evidence once it has verified both (CometBFT 0.38, `DuplicateVoteEvidence`). What is signed is the
 * canonical vote of its specification, behind its length.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'

const precommit = 2

/** Asks the RPC of a member's engine. Rejects with what it says where it refuses. */
export async function askEngine(socketPath: string, method: string, params: object): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request({ socketPath, method: 'POST', path: '/', headers }, (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        answer += part
      })
      response.on('end', () => resolve(answer))
    })
    sent.on('error', reject)
    sent.end(body)
  })
  const { result, error } = JSON.parse(text) as { readonly result?: unknown; readonly error?: object }
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}

interface ValidatorKey {
  readonly address: string
  readonly priv_key: { readonly value: string }
}

export interface DoubleSignature {
  /** The engine's folder of the member that signs twice. */
  readonly engineHome: string
  readonly chainId: string
  /** The RPC of another member's engine. */
  readonly rpc: string
}

/** Signs twice about the newest block, and hands both to another member's engine. Answers the height. */
export async function signTwice({ engineHome, chainId, rpc }: DoubleSignature): Promise<number> {
  const key = JSON.parse(readFileSync(join(engineHome, 'config/priv_validator_key.json'), 'utf8')) as ValidatorKey
  const { sync_info: sync } = (await askEngine(rpc, 'status', {})) as {
    readonly sync_info: { readonly latest_block_height: string }
  }
  const height = sync.latest_block_height
  const { header } = (await askEngine(rpc, 'header', { height })) as { readonly header: { readonly time: string } }
  const { validators } = (await askEngine(rpc, 'validators', { height })) as {
    readonly validators: readonly { readonly address: string; readonly voting_power: string }[]
  }
  const index = validators.findIndex(({ address }) => address === key.address)
  const votes = [1, 2].map((byte) => {
    const hash = Buffer.alloc(32, byte)
    return {
      type: precommit,
      height,
      round: 0,
      block_id: { hash: hexOf(hash), parts: { total: 1, hash: hexOf(hash) } },
      timestamp: header.time,
      validator_address: key.address,
      validator_index: index,
      signature: signatureOf(key, canonicalVote({ height, hash, time: header.time, chainId })).toString('base64'),
    }
  })
  const [first, second] = votes
  const total = validators.reduce((sum, { voting_power: power }) => sum + Number(power), 0)
  const value = {
    vote_a: first,
    vote_b: second,
    TotalVotingPower: String(total),
    ValidatorPower: validators[index]?.voting_power,
    Timestamp: header.time,
  }
  await askEngine(rpc, 'broadcast_evidence', { evidence: { type: 'tendermint/DuplicateVoteEvidence', value } })
  return Number(height)
}

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase()
}

function signatureOf({ priv_key: { value } }: ValidatorKey, bytes: Buffer): Buffer {
  // RFC 8410: the 32 bytes of an Ed25519 key behind their fixed head.
  const head = Buffer.from('302e020100300506032b657004220420', 'hex')
  const der = Buffer.concat([head, Buffer.from(value, 'base64').subarray(0, 32)])
  return sign(null, bytes, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
}

interface Vote {
  readonly height: string
  readonly hash: Buffer
  readonly time: string
  readonly chainId: string
}

function canonicalVote({ height, hash, time, chainId }: Vote): Buffer {
  const sfixed64 = Buffer.alloc(8)
  sfixed64.writeBigInt64LE(BigInt(height))
  const parts = Buffer.concat([Buffer.from([0x08, 1]), field(2, hash)])
  const vote = Buffer.concat([
    Buffer.from([0x08, precommit]),
    Buffer.from([0x11]),
    sfixed64,
    field(4, Buffer.concat([field(1, hash), field(2, parts)])),
    field(5, timestamp(time)),
    field(6, Buffer.from(chainId)),
  ])
  return Buffer.concat([varint(BigInt(vote.length)), vote])
}

function timestamp(time: string): Buffer {
  const [whole = '', fraction = ''] = time.replace('Z', '').split('.')
  const seconds = BigInt(Date.parse(`${whole}Z`) / 1_000)
  const nanos = BigInt(fraction.padEnd(9, '0') || '0')
  return Buffer.concat([
    Buffer.from([0x08]),
    varint(seconds),
    ...(nanos === 0n ? [] : [Buffer.from([0x10]), varint(nanos)]),
  ])
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(BigInt(bytes.length)), bytes])
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
