/**
 * The mix that is measured: owners of points accounts pay one point to the next account, each transaction signed by the
 * owner with Ed25519. Everything is signed before the clock starts.
 */
import { createHash } from 'node:crypto'
import {
  action,
  buildTransaction,
  credentials,
  identity,
  points,
  proveIdentityKey,
  type SampleActor,
  sampleActor,
  sampleActorNamed,
} from '@chengxin/client'
import { joinJws, jwsSigningInput, transactionHeaderText } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { canonicalize, type GroupId, limits, toUtf8 } from '@chengxin/kernel'
import type { Action } from '@chengxin/module-kit'

export interface Owner {
  readonly actor: SampleActor
  readonly accountId: `account_${string}`
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

export interface Answered {
  readonly status: string
  readonly code?: string
}

export type Submit = (transactions: readonly string[]) => Promise<readonly Answered[]>

const programId = 'program_bench'
const issuingAccountId = 'account_bench-issuing'

/** Brings owners into the group, each with an account of points that no run can spend. */
export async function settleOwners(group: GroupId, submit: Submit, count: number): Promise<readonly Owner[]> {
  const owners = makeOwners(count)
  const registrar = sampleActor('registrar')
  const operator = sampleActor('points-operator')
  const send = async (actor: SampleActor, actions: readonly Action[]): Promise<void> => {
    const { jws } = await buildTransaction({ group, actions }, actor.signer)
    const [answer] = await submit([jws])
    if (answer?.status !== 'committed') throw new Error(`Setting up the benchmark was refused: ${answer?.code}`)
  }
  for (const part of partsOf(owners, 32)) {
    const proven = await Promise.all(part.map(({ actor }) => proveIdentityKey(group, actor.signer)))
    await send(
      registrar,
      part.map(({ actor }, index) =>
        action(identity.create, { did: actor.did, ...(proven[index] as (typeof proven)[number]) }),
      ),
    )
  }
  await send(operator, [action(points.createProgram, { programId, unit: 'BENCH', issuingAccountId })])
  // All at once: where members agree on every block, one after the other would take a block each.
  await Promise.all(
    owners.map(({ actor, accountId }) => send(actor, [action(points.openAccount, { accountId, programId })])),
  )
  for (const part of partsOf(owners, 32)) {
    await send(
      operator,
      part.map(({ accountId }) => action(points.issue, { programId, to: accountId, amount: 1_000_000_000n })),
    )
  }
  return owners
}

/** Their keys, where no ledger needs to know them. */
export function makeOwners(count: number): readonly Owner[] {
  return Array.from({ length: count }, (_, index) => ownerOf(index))
}

function ownerOf(index: number): Owner {
  const actor = sampleActorNamed(`bench owner ${index}`, 'member_city_office', 'EdDSA')
  return { actor, accountId: `account_bench-${index}`, sign: createSigner(actor.privateJwk).sign }
}

/** Signed transfers, `actions` of them to a transaction, walking round the owners. */
export function signTransfers(
  group: GroupId,
  owners: readonly Owner[],
  transactions: number,
  actions: number,
): string[] {
  const notAfter = Date.now() + limits.notAfterAheadMs - 60_000
  const run = Math.floor(performance.now() * 1000).toString(36)
  return Array.from({ length: transactions }, (_, index) => {
    const owner = owners[index % owners.length] as Owner
    const pays: Action[] = Array.from({ length: actions }, (_unused, step) => ({
      type: points.transfer.type,
      args: { from: owner.accountId, to: (owners[(index + step + 1) % owners.length] as Owner).accountId, amount: '1' },
    }))
    const payload = canonicalize({
      v: 1,
      group,
      actions: pays,
      notAfter,
      nonce: `${run}-${String(index).padStart(9, '0')}`,
    })
    const { did, signer } = owner.actor
    const signingInput = jwsSigningInput(transactionHeaderText('EdDSA', did, signer.keyId), toUtf8(payload))
    return joinJws(signingInput, owner.sign(toUtf8(signingInput)))
  })
}

/** Anchors of certificate batches, each a transaction of the university's. */
export async function signAnchors(group: GroupId, transactions: number): Promise<string[]> {
  const university = sampleActor('university')
  const signed: string[] = []
  for (let index = 0; index < transactions; index++) {
    const root = createHash('sha256').update(`bench root ${index} ${performance.now()}`).digest('base64url') as never
    const batch = action(credentials.anchorBatch, {
      batchId: `batch_bench-${index}`,
      typeId: 'type_bench',
      root,
      count: 1000,
    })
    signed.push((await buildTransaction({ group, actions: [batch] }, university.signer)).jws)
  }
  return signed
}

/** Lets the committee and the authority make the university an issuer of a type for the benchmark. */
export async function settleIssuer(group: GroupId, submit: Submit): Promise<void> {
  const authority = sampleActor('issuer-authority')
  const hash = 'A'.repeat(43) as never
  const actions = [
    action(credentials.defineType, { typeId: 'type_bench', schemaHash: hash, displayHash: hash }),
    action(credentials.authoriseIssuer, { issuer: sampleActor('university').did, typeId: 'type_bench' }),
  ]
  const { jws } = await buildTransaction({ group, actions }, authority.signer)
  const [answer] = await submit([jws])
  if (answer?.status !== 'committed') throw new Error(`Setting up the issuer was refused: ${answer?.code}`)
}

function partsOf<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size))
  return parts
}
