/** A transaction in the name of somebody of the sample city, committed and in the read model when it resolves. */
import {
  type Action,
  buildTransaction,
  expectCommitted,
  type GroupClient,
  type SampleName,
  type Signer,
  sampleActor,
} from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'

export function sendAs(group: GroupClient, name: SampleName, actions: readonly Action[]): Promise<void> {
  return sendSigned(group, sampleActor(name).signer, actions)
}

/** The same in the name of somebody else. */
export async function sendSigned(group: GroupClient, signer: Signer, actions: readonly Action[]): Promise<void> {
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome === undefined) throw new Error('The node answered nothing.')
  expectCommitted(outcome)
  await group.readModelReached(outcome.height ?? 0)
}
