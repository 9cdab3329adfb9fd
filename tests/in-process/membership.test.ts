/** What the committee decides about the members counts from the next block on, in what a node tells of them. */
import { action, buildTransaction, governance, type SampleName, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import type { Action } from '@chengxin/module-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSampleNode, type SampleNode } from './sample-node.ts'

let city: SampleNode
let decided = 0

beforeAll(async () => {
  city = await openSampleNode()
})
afterAll(() => city.close())

async function send(name: SampleName, sent: Action): Promise<void> {
  const { ledger } = city
  const { jws } = await buildTransaction(
    { group: ledger.groupId as GroupId, actions: [sent] },
    sampleActor(name).signer,
  )
  expect(await ledger.submit([jws])).toMatchObject([{ status: 'committed' }])
}

async function decide(change: object): Promise<void> {
  const proposalId = `proposal_membership-${++decided}` as const
  await send('city-office-admin', action(governance.proposeChange, { proposalId, change: change as never }))
  await send('university-admin', action(governance.approveChange, { proposalId }))
}

function consortium(): Promise<unknown> {
  return city.node.group(city.ledger.groupId).get('/consortium')
}

test('the quorum of receipts, and who is suspended', async () => {
  const member = (status: string) => expect.objectContaining({ memberId: 'member_identity_bureau', status })
  expect(await consortium()).toMatchObject({
    quorum: { needed: 1 },
    members: expect.arrayContaining([member('active')]),
  })
  await decide({ kind: 'setReceiptQuorum', cosignatures: 2 })
  expect(await consortium()).toMatchObject({ quorum: { needed: 2 } })
  await decide({ kind: 'suspendMember', memberId: 'member_identity_bureau' })
  expect(await consortium()).toMatchObject({ members: expect.arrayContaining([member('suspended')]) })
})
