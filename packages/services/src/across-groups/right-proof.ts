/**
 * An issuer's right in one group, collected from its nodes as proof for another: the receipt of the transaction that gave
 * it, the state that the members signed last, and the issuer's row under that state. What is collected is not believed
 * here: the other group's rules check it against the keys that its committee pinned.
 */
import type { GroupClient } from '@chengxin/client'
import { parseCheckpointBody, parseNote } from '@chengxin/crypto'
import { type Did, type Hash, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { ListedPeriod } from '../trust-bundle/read-lists.ts'

/** The argument `proof` of `credentials.acceptIssuer`. */
export interface RightProof {
  readonly receipt: string
  readonly state: string
  readonly row: string
  readonly rows: readonly { readonly keyHash: Hash; readonly valueHash: Hash }[]
  readonly path: readonly Hash[]
}

export interface RightWish {
  readonly issuer: Did
  readonly typeId: string
}

interface ServedProof {
  readonly size: number
  readonly value?: string | null
  readonly rows: readonly (readonly [keyHash: Hash, valueHash: Hash])[]
  readonly path: readonly Hash[]
}

interface LoggedEvent {
  readonly type: string
  readonly issuer?: string
  readonly typeId?: string
  readonly fromMs?: number
}

/** What keeps a proof from being made, in one sentence; waiting may help. */
export class RightNotProvable extends Error {
  override readonly name = 'RightNotProvable'
}

export async function collectRightProof(group: GroupClient, wish: RightWish): Promise<RightProof> {
  const { issuer, typeId } = wish
  const query = new URLSearchParams({ issuer, typeId }).toString()
  const { issuers } = (await group.get(`/issuers?${query}`)) as { readonly issuers: readonly ListedPeriod[] }
  const [newest] = issuers
  if (newest === undefined) throw new RightNotProvable('The group never gave this issuer this right.')
  const receipt = await group.getText(`/receipts/${await givenBy(group, wish, newest.fromMs)}`)
  const { proof } = (await group.get(`/state/credentials/authorisations/${issuer}/${typeId}`)) as {
    readonly proof?: ServedProof
  }
  if (proof === undefined) throw new RightNotProvable('The group’s members have agreed on no state root yet.')
  if (typeof proof.value !== 'string') {
    throw new RightNotProvable('The right has changed since the newest agreed state root; wait for the next one.')
  }
  const state = await group.getText('/log/state-checkpoint')
  if (sizeOf(state) !== proof.size) throw new RightNotProvable('A new state root has just been agreed on; ask again.')
  return {
    receipt: textBytes(receipt),
    state: textBytes(state),
    row: textBytes(proof.value),
    rows: proof.rows.map(([keyHash, valueHash]) => ({ keyHash, valueHash })),
    path: proof.path,
  }
}

/** The transaction that began the period. */
async function givenBy(group: GroupClient, { issuer, typeId }: RightWish, fromMs: number): Promise<string> {
  const query = 'type=credentials.authoriseIssuer&limit=200'
  const { transactions } = (await group.get(`/transactions?${query}`)) as {
    readonly transactions: readonly { readonly id: string; readonly timeMs: number }[]
  }
  for (const { id } of transactions.filter(({ timeMs }) => timeMs === fromMs)) {
    const { events } = (await group.get(`/transactions/${id}`)) as { readonly events: readonly LoggedEvent[] }
    const gave = events.some(
      (event) => event.type === 'credentials.issuerAuthorised' && event.issuer === issuer && event.typeId === typeId,
    )
    if (gave) return id
  }
  throw new RightNotProvable('The transaction that gave the right is not among the newest that did so.')
}

function sizeOf(note: string): number | undefined {
  const parsed = parseNote(note)
  const body = isRefusal(parsed) ? parsed : parseCheckpointBody(parsed.text)
  return isRefusal(body) ? undefined : body.size
}

function textBytes(text: string): string {
  return toBase64url(toUtf8(text))
}
