/**
 * A transaction that must happen once, whatever is interrupted: it is written down, signed, before it is sent, and after
 * an interruption the one written down is looked for and sent again, never another one in its place.
 */
import { type Action, buildTransaction, type GroupClient, type Outcome, type Signer } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'

export interface Sent {
  readonly jws: string
  readonly id: string
  readonly notAfterMs: number
}

export interface OnceOptions {
  readonly group: GroupClient
  readonly signer: Signer
  readonly actions: readonly Action[]
  /** What was written down at earlier attempts, oldest first. */
  readonly sent: readonly Sent[]
  /** Writes down; resolves once it would survive a crash. */
  readonly remember: (sent: readonly Sent[]) => Promise<void>
  readonly nowMs: () => number
}

const lifetimeMs = 5 * 60 * 1000

/** The outcome of the transaction, from this attempt or an earlier one. */
export async function sendOnce(options: OnceOptions): Promise<Outcome> {
  const { group, sent } = options
  for (const { id } of sent) {
    const known = await group.outcome(id)
    if (known?.status === 'committed' || known?.status === 'refused') return known
  }
  const last = sent.at(-1)
  // Before its time limit the old one can still enter; a second one beside it could not be told from a second wish.
  const current = last && last.notAfterMs > options.nowMs() ? last : await writeDown(options)
  const [outcome] = await group.submit([current.jws])
  if (!outcome) throw new Error('The node answered without an outcome.')
  return outcome
}

async function writeDown({ group, signer, actions, sent, remember, nowMs }: OnceOptions): Promise<Sent> {
  const notAfterMs = nowMs() + lifetimeMs
  const request = { group: group.groupId as GroupId, actions, notAfterMs }
  const current = { ...(await buildTransaction(request, signer)), notAfterMs }
  await remember([...sent, current])
  return current
}
