/** Issuing and publishing, broken off at every request they make and taken up again: each happens once. */
import { readCertificate } from '@chengxin/audit'
import { type GroupClient, sampleActor } from '@chengxin/client'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSampleNode, type SampleNode } from '../../../../tests/in-process/sample-node.ts'
import { graduationType } from '../demo/graduation-type.ts'
import { ensureAuthorised, ensureType, fillOffices } from '../demo/offices.ts'
import { keptInFile, keptInMemory } from '../kept-file.ts'
import { readAll } from '../trust-bundle/read-lists.ts'
import { type BatchPlan, planBatch } from './batch-plan.ts'
import { vctOf } from './certificate-type.ts'
import { type AnchoredBatch, anchorBatch, signBatch } from './issue-batch.ts'
import { publishStatusList } from './publish-status.ts'
import { type StatusRecord, StatusRegister } from './status-register.ts'

let sample: SampleNode
let group: GroupClient
const { signer } = sampleActor('university')
const { typeId } = graduationType

beforeAll(async () => {
  sample = await openSampleNode()
  group = await sample.node.findGroup()
  await fillOffices(group, 'interrupted')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
}, 300_000)
afterAll(() => sample.close())

/** The group over a connection that breaks at the nth request: before it is sent, or after the node has done its part. */
function breaking(at: number, when: 'before' | 'after'): GroupClient {
  let requests = 0
  const client = sample.clientThrough((send) => async (input, init) => {
    const breaks = requests++ === at
    if (breaks && when === 'before') throw new TypeError('The connection broke.')
    const answer = await send(input, init)
    if (breaks) throw new TypeError('The connection broke.')
    return answer
  })
  return client.group(group.groupId)
}

const cases = [0, 1, 2].flatMap((at) => (['before', 'after'] as const).map((when) => [at, when] as const))

async function batches(): Promise<readonly { readonly batchId: string }[]> {
  await group.readModelReached(sample.ledger.head().height)
  return readAll(group, '/batches', 'batches')
}

describe('a batch', () => {
  test.each(cases)('broken off at request %i, %s', async (at, when) => {
    const batchId = `batch_${at}-${when}` as const
    const register = StatusRegister.create('list_one', 'https://node.example/list', 64)
    const wanted = [{ reference: 'a', holderKey: publicPart(generatePrivateJwk('ES256')), claims: { name: 'A' } }]
    const options = { batchId, typeId, vct: vctOf(group.groupId, typeId), issuer: signer.did, register }
    // Every attempt opens the file anew, as a program does that was started again.
    const kept = () => keptInFile<BatchPlan>(`${sample.directory}/${batchId}.json`)
    await kept().save(planBatch(wanted, { ...options, nowMs: Date.now() }))

    const attempt = (through: GroupClient): Promise<AnchoredBatch> =>
      anchorBatch(kept(), { group: through, signer, nowMs: Date.now })
    const first = await attempt(breaking(at, when)).catch((error: unknown) => error as Error)
    const batch = await attempt(group)
    if (!(first instanceof Error)) expect(batch.outcome.id).toBe(first.outcome.id)
    expect((await batches()).filter((listed) => listed.batchId === batchId)).toHaveLength(1)
    expect((await kept().load())?.sent).toHaveLength(1)
    for await (const { text } of signBatch(batch, signer)) expect(isRefusal(readCertificate(sha256, text))).toBe(false)
  })

  test('whose transaction never arrived in time is sent as another, and still stands once', async () => {
    const batchId = 'batch_late-one'
    const register = StatusRegister.create('list_one', 'https://node.example/list', 64)
    const wanted = [{ reference: 'a', holderKey: publicPart(generatePrivateJwk('ES256')), claims: { name: 'B' } }]
    const kept = keptInMemory<BatchPlan>()
    const options = { batchId, typeId, vct: vctOf(group.groupId, typeId), issuer: signer.did, register } as const
    await kept.save(planBatch(wanted, { ...options, nowMs: Date.now() }))
    const past = () => Date.now() - 3_600_000
    await expect(anchorBatch(kept, { group, signer, nowMs: past })).rejects.toThrow('expired')
    await anchorBatch(kept, { group, signer, nowMs: Date.now })
    expect((await kept.load())?.sent).toHaveLength(2)
    expect((await batches()).filter((listed) => listed.batchId === batchId)).toHaveLength(1)
  })
})

describe('a status list', () => {
  test.each(cases)('broken off at request %i, %s', async (at, when) => {
    const listId = `list_${at}-${when}` as const
    const path = `${sample.directory}/${listId}.json`
    const kept = () => keptInFile<StatusRecord>(path)
    const fresh = StatusRegister.create(listId, 'https://node.example/list', 64)
    const [index] = fresh.take(1) as [number]
    await kept().save(fresh.record())
    const publish = async (through: GroupClient, isRevoked: boolean) => {
      const register = new StatusRegister((await kept().load()) as StatusRecord)
      if (isRevoked) register.set(index, 'revoked')
      return publishStatusList(register, kept(), { group: through, signer, nowMs: Date.now })
    }
    await publish(breaking(at, when), false).catch(() => undefined)
    const { version, hash, token } = await publish(group, true)
    const versions = await readAll<{ version: number; hash: string }>(
      group,
      `/status-lists/${listId}/versions`,
      'versions',
    )
    expect(versions.map((each) => each.version)).toEqual(version === 2 ? [2, 1] : [1])
    expect(versions[0]?.hash).toBe(hash)
    expect(await group.getText(`/documents/${hash}`)).toBe(token)
    expect(new StatusRegister((await kept().load()) as StatusRecord)).toMatchObject({ version, pending: undefined })
  })
})
