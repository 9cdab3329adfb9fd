/**
 * What the resident alone can do, on the ledger and with the resident's own key: let the agent act, name who helps to recover,
 * end either, stop a recovery. Built and signed here; no desk takes part in it.
 */
import {
  type Action,
  action,
  buildTransaction,
  createNodeClient,
  identity,
  type Outcome,
  type Signer,
} from '@chengxin/client'
import { type Did, type GroupId, type TimeMs, toBase64url } from '@chengxin/kernel'
import { ApiProblem } from '../../api/http.ts'

const dayMs = 86_400_000
const scope = ['credentials.*'] as const

export interface LedgerActor {
  readonly groupId: string
  readonly signer: Signer
}

function randomWord(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(12))).replaceAll(/[^A-Za-z0-9]/g, '0')
}

async function act({ groupId, signer }: LedgerActor, actions: readonly Action[]): Promise<void> {
  const { jws } = await buildTransaction({ group: groupId as GroupId, actions }, signer)
  const group = createNodeClient({ url: location.origin }).group(groupId)
  const [outcome] = await group.submit([jws])
  if (outcome?.status !== 'committed') throw problemOf(outcome)
  // Lists follow the ledger by a moment; whoever looks next should see what was done.
  await group.readModelReached(outcome.height ?? 0)
}

function problemOf(outcome: Outcome | undefined): ApiProblem {
  return new ApiProblem(409, outcome?.code ?? 'unreachable', outcome?.sentence ?? '')
}

/** The agent may take, show and print certificates from now on, each time asking again. */
export async function authoriseAgent(
  actor: LedgerActor,
  options: { readonly agent: string; readonly days: number; readonly counterWaitDays?: number | undefined },
): Promise<void> {
  const { agent, days, counterWaitDays } = options
  const delegationId = `delegation_${randomWord().toLowerCase()}` as const
  const untilMs = (Date.now() + days * dayMs) as TimeMs
  await act(actor, [
    action(identity.delegate, { delegationId, to: agent as Did, scope: [...scope], untilMs }),
    ...(counterWaitDays === undefined ? [] : [counterAs('open', counterWaitDays)]),
  ])
}

export type CounterStanding = 'open' | 'closed'

function counterAs(standing: CounterStanding, waitDays: number): Action {
  return action(identity.setCounter, { standing, delayMs: waitDays * dayMs })
}

/** Lets the bureau's counter help after a loss, or takes it out. */
export async function setCounter(actor: LedgerActor, standing: CounterStanding, waitDays: number): Promise<void> {
  await act(actor, [counterAs(standing, waitDays)])
}

export async function setRecovery(
  actor: LedgerActor,
  options: { readonly guardians: readonly string[]; readonly threshold: number; readonly waitDays: number },
): Promise<void> {
  const { guardians, threshold, waitDays } = options
  await act(actor, [
    action(identity.setRecovery, { guardians: guardians as Did[], threshold, delayMs: waitDays * dayMs }),
  ])
}

export async function endAuthorisation(actor: LedgerActor, delegationId: string): Promise<void> {
  await act(actor, [action(identity.revokeDelegation, { delegationId: delegationId as `delegation_${string}` })])
}

export async function cancelRecovery(actor: LedgerActor): Promise<void> {
  await act(actor, [action(identity.cancelRecovery, {})])
}
