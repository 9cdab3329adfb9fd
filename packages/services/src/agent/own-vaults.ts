/**
 * Vaults of residents who keep their certificates themselves. The node keeps ciphertext and, beside it, of which issuer each
 * certificate is and by which keys' thumbprints it is known: enough to ask for it anew after a loss, and not what it says.
 */
import type { OwnIndexEntry, SealedVault } from '@chengxin/holder'
import { type Refusal, refuse } from '@chengxin/kernel'
import type { Agent } from './agent.ts'
import { asJson, type OwnVault } from './records.ts'

/** Fits fifty certificates with their copies. */
export const sealedCharacters = 1_500_000

export interface VaultChange extends Pick<SealedVault, 'sealed' | 'keys'> {
  /** The version that was opened; 0 for the first. */
  readonly version: number
  readonly index: readonly OwnIndexEntry[]
  /** The vault before cannot be opened any more: what was in it is to be issued anew. */
  readonly anew?: boolean
}

export async function ownVaultOf({ kept }: Agent, account: string): Promise<OwnVault | undefined> {
  return (await kept.ownVaults.get(account))?.value
}

/**
 * Keeps the next version. Refusals: `own_vault_changed` where another browser was faster or the vault is not the one that was
 * opened, `own_vault_lost` where only a new one can follow.
 */
export async function keepOwnVault(agent: Agent, account: string, change: VaultChange): Promise<number | Refusal> {
  const { kept, nowMs } = agent
  const { sealed, keys, index, anew = false } = change
  const version = change.version + 1
  const before = await kept.ownVaults.get(account)
  if ((before?.value.version ?? 0) !== change.version) return refuse('own_vault_changed')
  if (before?.value.lostAtMs !== undefined && !anew) return refuse('own_vault_lost')
  const isFirst = before === undefined || anew
  // The loss is written down first: a vault that took the old one's place would leave nobody to ask for what was in it.
  if (before !== undefined && anew) await noteLoss(agent, account, before.value)
  const value: OwnVault = {
    ...{ account, version, sealed, keys, index, changedAtMs: nowMs() },
    begunAtMs: isFirst ? nowMs() : before.value.begunAtMs,
  }
  const isKept =
    before === undefined
      ? await kept.ownVaults.insert(account, asJson(value))
      : await kept.ownVaults.replace(account, before.version, asJson(value))
  return isKept ? version : refuse('own_vault_changed')
}

/** Erases the vault, for good; what its certificates are is the issuers' to say. False where there was none. */
export async function eraseOwnVault({ kept }: Agent, account: string): Promise<boolean> {
  return kept.ownVaults.erase(account)
}

/** Once for each vault, whatever is told twice. */
export async function noteLoss(
  { kept, nowMs }: Agent,
  account: string,
  { begunAtMs, index }: Pick<OwnVault, 'begunAtMs' | 'index'>,
): Promise<void> {
  if (index.length === 0) return
  const loss = { account, lost: index.flatMap(({ holder }) => holder), lostAtMs: nowMs() }
  await kept.losses.insert(`vault_${account}_${begunAtMs}`, asJson(loss), { account, state: 'open' })
}
