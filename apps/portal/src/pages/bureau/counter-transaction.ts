/** What an officer at the counter signs for the ledger. Fetched when somebody first does. */
import { type Action, action, buildTransaction, identity, type Signer } from '@chengxin/client'
import type { Did, GroupId } from '@chengxin/kernel'
import type { ActRow } from '../../api/bureau.ts'

export async function counterTransaction(
  { groupId, signer }: { readonly groupId: string; readonly signer: Signer },
  row: Pick<ActRow, 'did' | 'newKey'>,
  step: 'request' | 'approve' | 'withdraw',
): Promise<string> {
  const { jws } = await buildTransaction({ group: groupId as GroupId, actions: [actionOf(row, step)] }, signer)
  return jws
}

function actionOf({ did, newKey }: Pick<ActRow, 'did' | 'newKey'>, step: 'request' | 'approve' | 'withdraw'): Action {
  const subject = { did: did as Did }
  if (step === 'approve') return action(identity.approveAtCounter, subject)
  if (step === 'withdraw') return action(identity.withdrawAtCounter, subject)
  if (newKey === undefined) throw new Error('A recovery is signed once the new key is there.')
  const { keyId, key, proof, webauthn } = newKey
  return action(identity.requestAtCounter, { ...subject, keyId, key: key as never, proof, webauthn: webauthn as never })
}
