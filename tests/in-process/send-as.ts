/** A transaction in the name of somebody of the sample city, committed and in the read model when it resolves. */
import {
  type Action,
  buildTransaction,
  expectCommitted,
  type GroupClient,
  type SampleName,
  sampleActor,
} from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'

export async function sendAs(group: GroupClient, name: SampleName, actions: readonly Action[]): Promise<void> {
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, sampleActor(name).signer)
  const [outcome] = await group.submit([jws])
  if (outcome === undefined) throw new Error('The node answered nothing.')
  expectCommitted(outcome)
  await group.readModelReached(outcome.height ?? 0)
}
