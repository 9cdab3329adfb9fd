/**
 * Bringing residents in: each gets a DID whose key signs that it wants to be here, then the identity bureau states that it
 * has checked the person behind it. The ledger sees the DID and a salted commitment; what was checked stays with the bureau.
 */
import {
  type Action,
  action,
  buildTransaction,
  expectCommitted,
  type GroupClient,
  identity,
  type Outcome,
  proveIdentityKey,
  type Signer,
} from '@chengxin/client'
import { commit } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Did, fromBase64url, type GroupId, type JsonObject, toUtf8 } from '@chengxin/kernel'
import { randomSalt } from '../issuer/random.ts'

/** Actions of one transaction: 64 proofs with their keys stay under the largest transaction. */
const actionsAtOnce = 64

/** Has a registrar bring these in. Each signs the proof for its own key. */
export async function createIdentities(
  group: GroupClient,
  registrar: Signer,
  newcomers: readonly Signer[],
): Promise<readonly Outcome[]> {
  const actions = await Promise.all(
    newcomers.map(async (newcomer) => {
      const proven = await proveIdentityKey(group.groupId as GroupId, newcomer)
      return action(identity.create, { did: newcomer.did, ...proven })
    }),
  )
  return sendAll(group, registrar, actions)
}

/** What a bureau keeps of a person it has checked, with the salt that opens the commitment on the ledger. */
export interface CheckedPerson {
  readonly did: Did
  readonly facts: JsonObject
  readonly salt: string
}

export function checkedPerson(did: Did, facts: JsonObject): CheckedPerson {
  return { did, facts, salt: randomSalt() }
}

/** Has the bureau confirm these. */
export async function confirmIdentities(
  group: GroupClient,
  bureau: Signer,
  people: readonly CheckedPerson[],
): Promise<readonly Outcome[]> {
  const actions = people.map(({ did, facts, salt }) => {
    const opening = { salt: fromBase64url(salt) as Uint8Array, value: toUtf8(canonicalize({ did, facts })) }
    return action(identity.confirm, { did, commitment: commit(sha256, opening) })
  })
  return sendAll(group, bureau, actions)
}

async function sendAll(group: GroupClient, signer: Signer, actions: readonly Action[]): Promise<readonly Outcome[]> {
  const transactions: string[] = []
  for (let start = 0; start < actions.length; start += actionsAtOnce) {
    const part = actions.slice(start, start + actionsAtOnce)
    transactions.push((await buildTransaction({ group: group.groupId as GroupId, actions: part }, signer)).jws)
  }
  const outcomes = await group.submit(transactions)
  for (const outcome of outcomes) expectCommitted(outcome)
  return outcomes
}
