/** Admission (CheckTx): may these bytes enter? Pure: what it must know of the moment and of state is handed in. */
import type { VerifySignature } from '@chengxin/crypto'
import { type Did, isRefusal, type Refusal, type TimeMs, type TransactionId } from '@chengxin/kernel'
import type { Payload, SigningKey } from '@chengxin/module-kit'
import type { RulesIndex } from '../execution/rules-index.ts'
import { type Admitted, actionsTextOf, decodeActions, keyNameOf, nonceKeyOf, refuseAtTime } from './admitted.ts'
import { openEnvelope } from './envelope.ts'
import { refuseEnvelopeSignature } from './signature.ts'

/** What admission asks of the moment and of committed state. */
export interface AdmissionView {
  readonly group: string
  /** The node's clock. */
  readonly nowMs: number
  readonly rules: RulesIndex
  readonly verify: VerifySignature
  activeKey(signer: Did, keyId: string, nowMs: TimeMs): SigningKey | Refusal
  /** The transaction that has used this pair of DID and nonce and is still remembered. */
  usedBy(nonceKey: string): TransactionId | undefined
}

export interface Rejected extends Refusal {
  /** A JSON pointer into the payload, where that helps. */
  readonly at?: string
  /** Absent when the bytes could not even be named. */
  readonly id?: TransactionId
}

/** The same transaction is in the log already: its first outcome is the answer. */
export interface Known {
  readonly known: TransactionId
}

/**
 * Refusals, in the order they are checked: those of `openEnvelope`; `expired`, `not_after_too_far`; `key_unknown`,
 * `key_retired`, `identity_deactivated`; `signature_invalid` or a `webauthn_*` code; `nonce_reused`; `unknown_action`,
 * `args_malformed`.
 */
export function admit(jws: string, view: AdmissionView): Admitted | Rejected | Known {
  const signed = admitSigned(jws, view)
  if (isRefusal(signed)) return signed
  return refuseNonce(signed.admitted, view) ?? refuseActions(signed, view) ?? signed.admitted
}

/** What a first half of admission has found good, with the payload that it parsed on the way. */
export interface Signed {
  readonly admitted: Admitted
  readonly payload: Payload
}

/** The part of admission before the nonce: what is found here needs no second look before execution. */
export function admitSigned(jws: string, view: AdmissionView): Signed | Rejected {
  const envelope = openEnvelope(jws, view.group)
  if (isRefusal(envelope)) return envelope
  const { id, payload, signer, keyId, payloadText } = envelope
  const late = refuseAtTime(payload, view.nowMs)
  if (late !== undefined) return { ...late, id }
  const key = view.activeKey(signer, keyId, view.nowMs as TimeMs)
  if (isRefusal(key)) return { ...key, id }
  const forged = refuseEnvelopeSignature(envelope, key, view.verify)
  if (forged !== undefined) return { ...forged, id }
  const { notAfter, nonce } = payload
  const nonceKey = nonceKeyOf(signer, nonce)
  const actionsText = actionsTextOf(payloadText)
  return { admitted: { jws, id, signer, keyId, notAfter, nonceKey, actionsText, keyName: keyNameOf(key) }, payload }
}

/** `nonce_reused`, or that this very transaction is known. */
export function refuseNonce(
  { id, nonceKey }: Admitted,
  { usedBy }: Pick<AdmissionView, 'usedBy'>,
): Rejected | Known | undefined {
  const user = usedBy(nonceKey)
  if (user === undefined) return undefined
  return user === id ? { known: id } : { refused: 'nonce_reused', id }
}

/** `unknown_action` or `args_malformed`. */
export function refuseActions(
  { admitted, payload }: Signed,
  { rules }: Pick<AdmissionView, 'rules'>,
): Rejected | undefined {
  const actions = decodeActions(rules, payload.actions, admitted.signer)
  return isRefusal(actions) ? { ...actions, id: admitted.id } : undefined
}
