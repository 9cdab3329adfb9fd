/** Residents on the ledger who lose their keys and recover with the help of a guardian. The transport office is everybody's. */
import { action, type GroupClient, identity, proveIdentityKey, type Signer, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { deriveDid } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import type { Did, GroupId } from '@chengxin/kernel'
import type { Person } from '@chengxin/services'
import { sendAs, sendSigned } from './send-as.ts'

export interface Holder {
  readonly did: Did
  readonly person: Person
}

const delayMs = 3_600_000

/** Somebody new on the ledger, who has a guardian. */
export async function newHolder(group: GroupClient): Promise<Holder> {
  const key = generatePrivateJwk('ES256')
  const did = deriveDid(sha256, 'sample', createSigner(key).jwk)
  const signer: Signer = nativeSigner(key, { did })
  const proven = await proveIdentityKey(group.groupId as GroupId, signer)
  await sendAs(group, 'registrar', [action(identity.create, { did, ...proven })])
  const guardians = [sampleActor('transport').did]
  await sendSigned(group, signer, [action(identity.setRecovery, { guardians, threshold: 1, delayMs })])
  const person: Person = { accountId: `account_${did.slice(-8)}`, kind: 'resident', roles: [], did, signedInAtMs: 0 }
  return { did, person }
}

let recoveries = 0

/** The whole recovery as the ledger sees it; `pass` turns the clock that the ledger goes by. */
export async function recover(group: GroupClient, { did }: Holder, pass: (ms: number) => void): Promise<void> {
  recoveries++
  const signer: Signer = nativeSigner(generatePrivateJwk('ES256'), { did })
  const proven = await proveIdentityKey(group.groupId as GroupId, signer, did)
  await sendAs(group, 'transport', [
    action(identity.requestRecovery, { did, keyId: `key-${recoveries + 1}`, ...proven }),
  ])
  pass(delayMs + 100_000)
  await sendAs(group, 'transport', [action(identity.completeRecovery, { did })])
}
