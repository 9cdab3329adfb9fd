/** Blocks for this folder's tests: hashes are real, what they hash is made up. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFrontier, createTreeHasher } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url } from '@chengxin/kernel'
import type { BlockToStore, LeafEntry, StateWrite } from './face.ts'

/** A new directory, in memory where the system has such a place: these tests are about order, not about disks. */
export function makeTestDirectory(): string {
  return fs.mkdtempSync(join(fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'chengxin-store-'))
}

const hasher = createTreeHasher(sha256)
const noBytes = new Uint8Array(0)

export interface BlockPlan {
  readonly leaves: number
  readonly writes?: readonly StateWrite[]
  readonly timeMs?: number
  readonly boundary?: true
  /** Bytes of each leaf's made-up transaction. */
  readonly bytes?: number
}

/** Makes consecutive blocks, as execution would. The salt sets two chains apart. */
export function createBlockMaker(salt = ''): (plan: BlockPlan) => BlockToStore {
  const frontier = createFrontier(hasher)
  let height = -1
  let timeMs = 1_790_000_000_000
  let agreed: Pick<BlockToStore['head'], 'stateHash' | 'agreedHash'> = {
    stateHash: sha256(noBytes),
    agreedHash: sha256(noBytes),
  }
  return (plan) => {
    height++
    timeMs = plan.timeMs ?? timeMs + 1000
    const leaves: LeafEntry[] = []
    for (let position = 0; position < plan.leaves; position++) {
      leaves.push(makeLeaf(salt, frontier.size, { height, timeMs, position }, plan.bytes ?? 100))
      frontier.append((leaves[position] as LeafEntry).leafHash)
    }
    // A block without leaves changes nothing that members agree on.
    if (height === 0 || leaves.length > 0) {
      agreed = {
        stateHash: sha256(Buffer.from(`${salt} state ${height}`)),
        agreedHash: sha256(Buffer.from(`${salt} agreed ${height}`)),
      }
    }
    return {
      head: {
        height,
        timeMs,
        size: frontier.size,
        root: frontier.root(),
        ...agreed,
        rulesetHash: sha256(Buffer.from('rules')),
      },
      leaves,
      writes: plan.writes ?? [],
      ...(plan.boundary && { boundary: true as const }),
      ...(height === 0 && { genesisEvents: Buffer.from('[{"type":"test.founded"}]') }),
    }
  }
}

function makeLeaf(
  salt: string,
  index: number,
  at: { height: number; timeMs: number; position: number },
  bytes: number,
) {
  const did = `did:weid:test:0x${String(index % 7).padStart(40, '0')}`
  const nonce = `nonce${salt}${index}`
  const nonceUntilMs = at.timeMs + 300_000
  const signed = [{ kid: `${did}#key-1` }, { actions: 'x'.repeat(bytes), nonce, notAfter: nonceUntilMs }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const events = Buffer.from(`[{"index":${index},"type":"test.happened"}]`)
  const eventsHash = toBase64url(sha256(events))
  const leaf = Buffer.from(JSON.stringify({ code: 'ok', eventsHash, jws: `${signed}.signature`, ...at, v: 1 }))
  return {
    transactionId: sha256(Buffer.from(signed)),
    leaf,
    leafHash: hasher.leaf(leaf),
    events,
    nonceKey: `${did} ${nonce}`,
    nonceUntilMs,
  }
}
