/** What every function of the interface works with. */
import {
  type Action,
  buildTransaction,
  type GroupClient,
  type Outcome,
  type Signer,
  sentenceOf,
} from '@chengxin/client'
import type { GroupId, Json, JsonObject, Refusal } from '@chengxin/kernel'
import type { Book } from './book.ts'
import type { ServiceKeys } from './service-keys.ts'

export interface ServiceAccount {
  /** Letters, digits and hyphens. */
  readonly name: string
  /** Whether it may make WeIDs and say who issues. */
  readonly isAuthority?: boolean
  /** Each WeID is a write to the ledger, and a key that is kept here. */
  readonly mostWeids: number
}

export interface WeidService {
  readonly group: GroupClient
  readonly book: Book
  readonly keys: ServiceKeys
  /** The account of an access token. */
  readonly accountOf: (token: string) => ServiceAccount | undefined
  /** False where an account has called too often. */
  readonly admits: (account: ServiceAccount) => boolean
  /** Brings WeIDs in (role `registrar`); absent where this node has no such key. */
  readonly registrar?: Signer
  /** Says who issues (role `issuer_authority`); absent where this node has no such key. */
  readonly authority?: Signer
  readonly nowMs: () => number
}

/** One call, as far as it has been read. */
export interface WeidCall {
  readonly args: JsonObject
  /** Absent for functions that only read. */
  readonly account?: ServiceAccount
  /** The key that `invokerWeId` names, where the function needs one. */
  readonly invoker?: Signer
}

export type WeidResult = { readonly respBody: Json; readonly warnings?: readonly string[] } | WeidRefusal

/** A refusal, with the ledger's own code where it was the ledger that refused. */
export interface WeidRefusal extends Refusal {
  readonly ledgerCode?: string
}

/** Sends one transaction, and waits until queries know it. */
export async function send(
  { group }: WeidService,
  signer: Signer,
  actions: readonly Action[],
): Promise<Outcome | WeidRefusal> {
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions }, signer)
  const [outcome] = (await group.submit([jws])) as [Outcome]
  if (outcome.status !== 'committed') return { refused: 'ledger_refused', ledgerCode: outcome.code ?? outcome.status }
  await group.readModelReached(outcome.height as number)
  return outcome
}

export function ledgerSentence(code: string): string {
  return sentenceOf(code) ?? code
}
