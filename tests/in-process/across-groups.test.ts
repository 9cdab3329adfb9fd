/**
 * A right given in one group and used in another, over two whole nodes: the city's licences group says who may issue a
 * licence, the university's group believes it by proof, while it holds and no longer.
 */
import { openBundle } from '@chengxin/audit'
import {
  type Action,
  action,
  buildTransaction,
  credentials,
  type GroupClient,
  governance,
  type SampleName,
  sampleActor,
} from '@chengxin/client'
import { expectOk, type GroupId, type Hash, limits } from '@chengxin/kernel'
import { collectRightProof, pinFromBundle, publishBundle, RightNotProvable } from '@chengxin/services'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleNodeMember } from '../../apps/node/src/sample-city/genesis.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const issuer = sampleActor('transport')
const typeId = 'type_driving-licence'
const right = { issuer: issuer.did, typeId } as const
const hash = `${'h'.repeat(42)}A` as Hash

let licences: SampleNode
let campus: SampleNode
let [there, here]: GroupClient[] = []
let sent = 0

beforeAll(async () => {
  const genesis = { stateRootEvery: 16, origin: 'localhost/groups/licences', name: 'Licences' }
  licences = await openSampleNode({ genesis })
  campus = await openSampleNode({ genesis: { origin: 'localhost/groups/campus', name: 'Campus' } })
  there = licences.node.group(licences.ledger.groupId)
  here = campus.node.group(campus.ledger.groupId)
  for (const group of [there, here]) {
    const did = sampleActor('issuer-authority').did
    await decide(group, { kind: 'grantRole', role: 'issuer_authority', did, member: 'member_city_office' })
    const type = { typeId, schemaHash: hash, displayHash: hash } as const
    await done(group, 'issuer-authority', action(credentials.defineType, type))
  }
})
afterAll(async () => {
  await licences.close()
  await campus.close()
})

async function send(group: GroupClient | undefined, name: SampleName, ...actions: readonly Action[]) {
  if (group === undefined) throw new Error('The group is not open.')
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, sampleActor(name).signer)
  const [outcome] = await group.submit([jws])
  if (outcome?.status === 'committed') await group.readModelReached(outcome.height ?? 0)
  return { outcome: outcome && ('code' in outcome ? outcome.code : outcome.status), bytes: jws.length }
}

async function done(group: GroupClient | undefined, name: SampleName, ...actions: readonly Action[]): Promise<void> {
  expect(await send(group, name, ...actions)).toMatchObject({ outcome: 'committed' })
}

async function decide(group: GroupClient | undefined, change: object): Promise<void> {
  const proposalId = `proposal_across-${String(++sent).padStart(4, '0')}` as const
  await done(group, 'city-office-admin', action(governance.proposeChange, { proposalId, change: change as never }))
  await done(group, 'university-admin', action(governance.approveChange, { proposalId }))
}

const accept = async () => {
  const proof = await collectRightProof(there as GroupClient, right)
  const group = licences.ledger.groupId as Hash
  return send(here, 'transport', action(credentials.acceptIssuer, { group, ...right, proof }))
}

test('a right is accepted by proof, and lost with the right', async () => {
  await done(there, 'issuer-authority', action(credentials.authoriseIssuer, right))
  await expect(collectRightProof(there as GroupClient, right)).rejects.toThrow(RightNotProvable)
  await grow(there)

  await publishBundle(there as GroupClient, {
    directory: licences.directory,
    publicGroupUrl: there?.url ?? '',
    nowMs: Date.now(),
  })
  const pins = { group: licences.ledger.groupId as GroupId }
  const bundle = expectOk(await openBundle((await there?.getText('/trust-bundle')) ?? '', { pins }))
  const trusted = { maxAgeMs: 3_600_000, typeIds: [typeId], memberIds: [sampleNodeMember] }
  await decide(here, pinFromBundle(bundle, trusted))

  const accepted = await accept()
  expect(accepted).toMatchObject({ outcome: 'committed' })
  expect(accepted.bytes).toBeLessThan(limits.transactionBytes / 4)
  expect(await here?.get(`/issuers?issuer=${issuer.did}`)).toMatchObject({
    issuers: [{ typeId, fromGroup: licences.ledger.groupId }],
  })
  const batch = { batchId: 'batch_across', typeId, root: hash, count: 1 } as const
  await done(here, 'transport', action(credentials.anchorBatch, batch))

  await done(there, 'issuer-authority', action(credentials.withdrawIssuer, right))
  await grow(there)
  expect(await accept()).toMatchObject({ outcome: 'right_not_in_force' })
})

/** Enough entries for the members to agree on the next state root. */
async function grow(group: GroupClient | undefined): Promise<void> {
  for (let entry = 0; entry < 40; entry++) {
    const proposalId = `proposal_grow-${String(++sent).padStart(4, '0')}` as const
    const change = { kind: 'freezeRole', role: 'issuer_authority', did: issuer.did } as never
    // Refused, and an entry all the same.
    const { outcome } = await send(group, 'city-office-admin', action(governance.proposeChange, { proposalId, change }))
    expect(outcome).toBe('role_not_held')
  }
}
