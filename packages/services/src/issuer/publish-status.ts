/**
 * A new version of a status list: signed, anchored by its hash, then published. The ledger counts the versions, so that a
 * list can be neither skipped nor put back; a version that was interrupted is finished before another is made.
 */
import { action, credentials, expectCommitted, type GroupClient } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type Hash, type TimeMs, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import { sendOnce } from '../once.ts'
import type { IssuerSigner } from './sign-jwt.ts'
import { type Pending, type StatusRecord, type StatusRegister, signStatusToken } from './status-register.ts'

export interface PublishOptions {
  readonly group: GroupClient
  readonly signer: IssuerSigner
  readonly nowMs: () => number
  /** A week if absent. */
  readonly validForMs?: number
  /** Twelve hours if absent. */
  readonly ttlMs?: number
}

export interface PublishedList {
  readonly version: number
  readonly hash: Hash
  readonly token: string
  readonly transactionId: string
}

const weekMs = 7 * 86_400_000
const halfDayMs = 12 * 3_600_000

/** Publishes what stands in the register, which is kept at every step. */
export async function publishStatusList(
  register: StatusRegister,
  kept: Kept<StatusRecord>,
  options: PublishOptions,
): Promise<PublishedList> {
  const { signer, nowMs, validForMs = weekMs, ttlMs = halfDayMs } = options
  // What an interruption left behind was signed before the changes of today.
  if (register.pending) await finish(register, kept, register.pending, options)
  const token = await signStatusToken(register, signer, { nowMs: nowMs(), validForMs, ttlMs })
  const pending = { token, validUntilMs: nowMs() + validForMs, sent: [] }
  register.notePending(pending)
  await kept.save(register.record())
  return finish(register, kept, pending, options)
}

async function finish(
  register: StatusRegister,
  kept: Kept<StatusRecord>,
  pending: Pending,
  { group, signer, nowMs }: PublishOptions,
): Promise<PublishedList> {
  const { token, validUntilMs } = pending
  const version = register.version + 1
  const hash = toBase64url(sha256(toUtf8(token))) as Hash
  const args = { listId: register.listId, version, hash, validUntilMs: validUntilMs as TimeMs }
  const actions = [action(credentials.anchorStatusList, args)]
  const remember = (sent: Pending['sent']) => {
    register.notePending({ ...pending, sent })
    return kept.save(register.record())
  }
  const outcome = await sendOnce({ group, signer, actions, sent: pending.sent, remember, nowMs })
  expectCommitted(outcome)
  // A node takes a document once its queries know the anchor, which follow the ledger at a distance.
  await group.readModelReached(outcome.height as number)
  await group.putDocument(hash, token, 'application/statuslist+jwt')
  register.notePublished()
  await kept.save(register.record())
  return { version, hash, token, transactionId: outcome.id as string }
}
