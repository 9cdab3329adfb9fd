/**
 * An issuer's right in another group, read from what that group's members signed: that the right was given (a receipt of
 * the transaction), and that it held at a later time (the issuer's row under a signed state). Both are needed: the state
 * alone would not say that it was given there and not accepted from a third group.
 */
import {
  type Did,
  fromBase64url,
  fromUtf8,
  isRefusal,
  type Json,
  type JsonObject,
  limits as kernelLimits,
  parseCanonical,
  type Refusal,
  refuse,
  type TimeMs,
} from '@chengxin/kernel'
import { Fault, type Host, type Infer, keyOf, type PinnedLog } from '@chengxin/module-kit'
import { isEntitledAt, isOpenAt } from './entitlement.ts'
import { authoriseIssuer, type rightProof } from './schema.ts'
import { credentialsTables } from './types.ts'

export interface ForeignRight {
  /** Block time over there up to which it is proved that the right held. */
  readonly heldAtMs: TimeMs
  /** The end that was planned over there. */
  readonly untilMs?: TimeMs
  readonly domain?: string
}

export interface RightClaim {
  readonly group: string
  readonly issuer: Did
  readonly typeId: string
  readonly proof: Infer<typeof rightProof>
}

/**
 * Refusals, in the order they are checked: `proof_receipt_invalid`, `proof_of_other_right`, `proof_state_invalid`,
 * `proof_row_invalid`, `right_not_in_force`.
 */
export function openForeignRight(host: Host, pinned: PinnedLog, claim: RightClaim): ForeignRight | Refusal {
  const givenAtMs = givenAt(host, pinned, claim)
  if (typeof givenAtMs !== 'number') return givenAtMs
  const state = host.openState(textOf(claim.proof.state), pinned)
  if (isRefusal(state)) return refuse('proof_state_invalid')
  const row = provenRow(host, state.root, claim)
  if (isRefusal(row)) return row
  const heldAtMs = state.timeMs as TimeMs
  const period = row.periods.find((one) => one.fromMs === givenAtMs && isOpenAt(one, heldAtMs))
  // A right that was itself accepted from elsewhere is not passed on: trust in one group is not trust in those it trusts.
  if (period === undefined || period.group !== undefined || !isEntitledAt(row.periods, heldAtMs)) {
    return refuse('right_not_in_force')
  }
  const { untilMs } = period
  return {
    heldAtMs,
    ...(untilMs !== undefined && { untilMs }),
    ...(row.domain !== undefined && { domain: row.domain }),
  }
}

/** When the transaction of the receipt gave the right, by block time. */
function givenAt(host: Host, pinned: PinnedLog, { group, issuer, typeId, proof }: RightClaim): number | Refusal {
  const proved = host.openReceipt(textOf(proof.receipt), pinned)
  if (isRefusal(proved)) return refuse('proof_receipt_invalid')
  const leaf = canonicalObject(fromUtf8(proved.leaf), 1)
  const payload = leaf && payloadOf(leaf['jws'])
  const timeMs = leaf?.['timeMs']
  if (leaf?.['code'] !== 'ok' || payload?.['group'] !== group || typeof timeMs !== 'number') {
    return refuse('proof_of_other_right')
  }
  const { actions } = payload
  const gave = Array.isArray(actions) && actions.some((action) => givesRight(action, issuer, typeId))
  return gave ? timeMs : refuse('proof_of_other_right')
}

function givesRight(action: Json, issuer: Did, typeId: string): boolean {
  const { type, args } = action as { readonly type?: Json; readonly args?: JsonObject }
  return type === authoriseIssuer.type && args?.['issuer'] === issuer && args['typeId'] === typeId
}

function payloadOf(jws: Json | undefined): JsonObject | undefined {
  const encoded = typeof jws === 'string' ? jws.split('.')[1] : undefined
  const bytes = encoded === undefined ? undefined : fromBase64url(encoded)
  return bytes && canonicalObject(fromUtf8(bytes), kernelLimits.payloadDepth)
}

function provenRow(host: Host, root: Uint8Array, { issuer, typeId, proof }: RightClaim) {
  const key = `credentials/authorisations/${keyOf(issuer, typeId)}`
  const value = textOf(proof.row)
  const opened = {
    rows: proof.rows.map(({ keyHash, valueHash }) => ({ keyHash: bytesOf(keyHash), valueHash: bytesOf(valueHash) })),
    path: proof.path.map(bytesOf),
  }
  if (!host.holdsInState(root, { key, value }, opened)) return refuse('proof_row_invalid')
  const stored = canonicalObject(value, kernelLimits.payloadDepth)
  const row = stored === undefined ? undefined : credentialsTables.authorisations.row.decode(stored)
  // The other group may run rules that keep rights in another form: what cannot be read proves nothing here.
  return row === undefined || row instanceof Fault ? refuse('proof_row_invalid') : row
}

function canonicalObject(text: string | undefined, depth: number): JsonObject | undefined {
  const value = text === undefined ? undefined : parseCanonical(text, { depth })
  if (value === undefined || isRefusal(value)) return undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

/** Bytes that are no text are no proof either; an empty text is refused by whatever reads it. */
function textOf(encoded: string): string {
  return fromUtf8(bytesOf(encoded)) ?? ''
}

function bytesOf(encoded: string): Uint8Array {
  return fromBase64url(encoded) ?? new Uint8Array()
}
