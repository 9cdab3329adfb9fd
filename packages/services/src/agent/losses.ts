/**
 * What follows when a resident's keys were lost. After a recovery, which the ledger tells of, keys that the agent holds pass
 * to the new passkey as they are; the resident's own vault is lost, and what was in it queues at its issuers; whatever
 * lies elsewhere is revoked. Each step is written down before it is done, and done again after an interruption without harm.
 */
import { publicPart, thumbprint } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import type { Did } from '@chengxin/kernel'
import type { RenewalBook } from '../issuer/renewals.ts'
import type { CompletedRecovery, RecoveriesAfter } from '../recoveries.ts'
import { changeRecord } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { Agent } from './agent.ts'
import { asJson, type LossRecord, type OwnVault } from './records.ts'

export interface LossesOptions {
  readonly recoveries: RecoveriesAfter
  /** The account that a DID belongs to. */
  readonly accountOf: (did: Did) => Promise<string | undefined>
  /** Offices of this node that issue; known once all desks are open. */
  readonly issuers: () => readonly RenewalBook[]
}

const cursorId = 'cursor'

/** Looks what the ledger has completed since, and goes on with everything that is open. */
export async function followLosses(agent: Agent, options: LossesOptions): Promise<void> {
  const { kept } = agent
  const seen = (await kept.recoveriesSeen.get(cursorId))?.value.seq
  for (const recovery of await options.recoveries(seen)) {
    const account = await options.accountOf(recovery.did as Did)
    if (account !== undefined) await noteRecovery(agent, account, recovery)
    const cursor = asJson({ seq: recovery.seq })
    if (await kept.recoveriesSeen.insert(cursorId, cursor)) continue
    await changeRecord(kept.recoveriesSeen, cursorId, () => ({ value: cursor, result: undefined }))
  }
  for await (const { id, value } of everyRecord(kept.losses, ['state', 'open'])) {
    for (const issuer of options.issuers()) {
      const { account, lost, lostAtMs, isRecovery } = value
      const keeps = isRecovery === true ? { kept: await keysThatPass(agent, account) } : {}
      await issuer.take({ accountId: account, lost, lostAtMs, ...keeps })
    }
    await kept.losses.erase(id)
  }
}

async function noteRecovery(agent: Agent, account: string, { seq, atMs }: CompletedRecovery): Promise<void> {
  const { kept } = agent
  const vault = await kept.ownVaults.get(account)
  const isOld = vault !== undefined && vault.value.begunAtMs <= atMs
  const loss: LossRecord = {
    account,
    lost: isOld ? vault.value.index.flatMap(({ holder }) => holder) : [],
    lostAtMs: atMs,
    isRecovery: true,
  }
  await kept.losses.insert(`recovery_${seq}`, asJson(loss), { account, state: 'open' })
  if (!isOld) return
  await changeRecord(kept.ownVaults, account, (value) => ({
    value: asJson<OwnVault>({ ...value, index: [], lostAtMs: atMs }),
    result: undefined,
  }))
}

/** Keys that need no renewing: the agent's, and those of a vault that was begun after the recovery. */
async function keysThatPass({ kept }: Agent, account: string): Promise<readonly string[]> {
  const vault = (await kept.ownVaults.get(account))?.value
  const prints: string[] = vault?.lostAtMs === undefined ? (vault?.index.flatMap(({ holder }) => holder) ?? []) : []
  for await (const { value } of everyRecord(kept.holdings, ['account', account])) {
    for (const { key } of value.copies) prints.push(thumbprint(sha256, publicPart(key)))
  }
  return prints
}

const followEveryMs = 15_000

/** Runs by itself until it is stopped; what fails is tried again. */
export function startFollowing(agent: Agent, options: LossesOptions, failed: (error: unknown) => void) {
  let round: Promise<void> = Promise.resolve()
  const turn = () => {
    round = round.then(() => followLosses(agent, options)).catch(failed)
    return round
  }
  const timer = setInterval(() => void turn(), followEveryMs).unref()
  return {
    turn,
    async stop() {
      clearInterval(timer)
      await round
    },
  }
}
