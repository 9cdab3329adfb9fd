/** What every part of the user agent works with. */

import type { RelyingParty } from '@chengxin/crypto'
import type { LedgerView, Wallet } from '@chengxin/holder'
import { type Did } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import type { Vault } from '../vault/face.ts'
import type { LossesOptions } from './losses.ts'
import { type AgentVault, agentVault, asJson, type Use } from './records.ts'

export interface AgentOptions {
  /** The DID that residents delegate to. */
  readonly did: Did
  readonly groupId: string
  readonly ledger: LedgerView
  readonly vault: Vault
  /** How issuers and verifiers are reached. */
  readonly send: Wallet['send']
  /** Whose passkeys count: this node's pages. */
  readonly relyingParty: RelyingParty
  readonly nowMs: () => number
  /** Where it is known who has lost keys and who issues here; absent where this node has no issuer. */
  readonly losses?: LossesOptions
  /** A failure that nobody waits for; it is tried again. */
  readonly failed?: (error: unknown) => void
}

export interface Agent extends Omit<AgentOptions, 'vault'> {
  readonly kept: AgentVault
  /** Goes on at once with what was lost, instead of with the next round. */
  follow(): Promise<void>
}

export function createAgent({ vault, ...options }: AgentOptions): Agent {
  return { ...options, kept: agentVault(vault), follow: async () => {} }
}

/** Everything that is done with a resident's certificates is written down for the resident. */
export async function logUse({ kept, nowMs }: Agent, use: Omit<Use, 'atMs'>): Promise<void> {
  const line: Use = { ...use, atMs: nowMs() }
  await kept.uses.insert(randomId('use'), asJson(line), { account: use.account })
}
