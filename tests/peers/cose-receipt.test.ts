/** Debian's Python reads the COSE receipts of a whole node: cbor2 and cryptography, and none of our code. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  createTreeHasher,
  parseCoseReceipt,
  parseVkey,
  verifyCoseReceipt,
  verifySignaturePortably,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { expectOk } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { sampleNodeMember } from '../../apps/node/src/sample-city/genesis.ts'
import { openSampleNode, type SampleNode } from '../in-process/sample-node.ts'
import { requirePeer } from './require-peer.ts'

const python = '/usr/bin/python3'
const program = join(import.meta.dirname, 'python/cose_receipt.py')
const hasPython = requirePeer(
  'Python with cbor2 and cryptography',
  () => spawnSync(python, ['-c', 'import cbor2, cryptography']).status === 0,
  'apt install python3-cbor2 python3-cryptography',
)

describe.skipIf(!hasPython)('COSE receipts', () => {
  let sample: SampleNode
  let work: string
  let ids: readonly string[]
  let origin: string
  let key: string

  beforeAll(async () => {
    sample = await openSampleNode()
    work = await mkdtemp(join(tmpdir(), 'chengxin-cose-'))
    const group = sample.node.group(sample.ledger.groupId)
    await firstDay(group)
    await group.readModelReached(sample.ledger.head().height)
    const { transactions } = (await group.get('/transactions?limit=100')) as { transactions: { id: string }[] }
    ids = transactions.map(({ id }) => id)
    origin = sample.ledger.genesis.origin
    const own = sample.ledger.genesis.members.find(({ memberId }) => memberId === sampleNodeMember)
    if (!own) throw new Error('The node’s own member is not in the genesis.')
    key = Buffer.from(own.logKey.x, 'base64url').toString('base64')
  })

  afterAll(async () => {
    await sample?.close()
    await rm(work, { recursive: true, force: true })
  })

  async function receiptOf(id: string): Promise<Uint8Array> {
    return sample.node.group(sample.ledger.groupId).getBytes(`/receipts/${id}?format=cose`)
  }

  async function check(receipt: Uint8Array, leaf: Uint8Array, ofOrigin = origin, byKey = key) {
    const [receiptFile, leafFile] = [join(work, 'receipt.cose'), join(work, 'leaf')]
    await writeFile(receiptFile, receipt)
    await writeFile(leafFile, leaf)
    try {
      const { stdout } = await promisify(execFile)(python, [program, receiptFile, leafFile, ofOrigin, byKey])
      return JSON.parse(stdout) as Record<string, unknown>
    } catch (error) {
      return { refused: (error as { stderr: string }).stderr.trim() }
    }
  }

  function leafOf(receipt: Uint8Array): Uint8Array {
    return sample.ledger.leaf(expectOk(parseCoseReceipt(receipt)).index) as Uint8Array
  }

  test('each of a first day’s transactions is proved, against the root of the checkpoint', async () => {
    const [, size, root] = sample.ledger.checkpoint().split('\n')
    for (const id of ids.slice(0, 12)) {
      const receipt = await receiptOf(id)
      expect(await check(receipt, leafOf(receipt))).toMatchObject({ size: Number(size), root })
    }
  })

  test('asked for by media type it is the same, and our own reader agrees', async () => {
    const [id = ''] = ids
    const response = await sample.send(`http://localhost:8080/v1/groups/${sample.ledger.groupId}/receipts/${id}`, {
      headers: { accept: 'application/cose' },
    })
    expect(response.headers.get('content-type')).toBe('application/cose')
    const receipt = new Uint8Array(await response.arrayBuffer())
    const theirs = await check(receipt, leafOf(receipt))
    const keyId = (theirs as { keyId: string }).keyId
    const vkey = `${origin}+${keyId}+${Buffer.concat([Uint8Array.of(1), Buffer.from(key, 'base64')]).toString('base64')}`
    const proved = verifyCoseReceipt(receipt, {
      hasher: createTreeHasher(sha256),
      origin,
      keys: [expectOk(parseVkey(sha256, vkey))],
      verify: verifySignaturePortably,
      leaf: leafOf(receipt),
    })
    expect(expectOk(proved).index).toBe((theirs as { index: number }).index)
  })

  test('another leaf, another log, another key and a changed receipt are refused', async () => {
    const receipt = await receiptOf(ids[0] as string)
    const leaf = leafOf(receipt)
    const invalid = { refused: 'the signature does not hold' }
    expect(await check(receipt, Buffer.from('{}'))).toEqual(invalid)
    expect(await check(receipt, leaf, 'other.example')).toEqual({ refused: 'the receipt is of another log' })
    expect(await check(receipt, leaf, origin, `${'A'.repeat(43)}=`)).toHaveProperty('refused')
    const forged = receipt.slice()
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    expect(await check(forged, leaf)).toEqual(invalid)
  })
})
