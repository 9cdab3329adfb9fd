/** Admission (CheckTx): may these bytes enter? Pure: what it must know of the moment and of state is handed in. */
import type { VerifySignature } from '@chengxin/crypto'
import { type Did, isRefusal, type Refusal, type TimeMs, type TransactionId } from '@chengxin/kernel'
import type { SigningKey } from '@chengxin/module-kit'
import type { RulesIndex } from '../execution/rules-index.ts'
import { type Admitted, decodeActions, keyNameOf, nonceKeyOf, refuseAtTime } from './admitted.ts'
import { type Envelope, openEnvelope } from './envelope.ts'
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

export function isKnown(verdict: Admitted | Rejected | Known): verdict is Known {
  return 'known' in verdict
}

/**
 * Refusals, in the order they are checked: those of `openEnvelope`; `expired`, `not_after_too_far`; `key_unknown`,
 * `key_retired`, `identity_deactivated`; `signature_invalid` or a `webauthn_*` code; `nonce_reused`; `unknown_action`,
 * `args_malformed`.
 */
export function admit(jws: string, view: AdmissionView): Admitted | Rejected | Known {
  const signed = admitSigned(jws, view)
  return isRefusal(signed) ? signed : (refuseNonceOrActions(signed, view) ?? signed)
}

/** The part of admission before the nonce: what is found here needs no second look before execution. */
export function admitSigned(jws: string, view: AdmissionView): Admitted | Rejected {
  const envelope = openEnvelope(jws, view.group)
  if (isRefusal(envelope)) return envelope
  const { id, payload, signer, keyId } = envelope
  const late = refuseAtTime(payload, view.nowMs)
  if (late !== undefined) return { ...late, id }
  const key = view.activeKey(signer, keyId, view.nowMs as TimeMs)
  if (isRefusal(key)) return { ...key, id }
  const forged = refuseEnvelopeSignature(envelope, key, view.verify)
  if (forged !== undefined) return { ...forged, id }
  return admittedOf(envelope, key)
}

/** The rest: the nonce, then the schema of every action. Nonces are dearer to look up, so schemas go first where the order cannot be seen. */
export function refuseNonceOrActions(
  { id, signer, payload }: Admitted,
  view: Pick<AdmissionView, 'rules' | 'usedBy'>,
): Rejected | Known | undefined {
  const user = view.usedBy(nonceKeyOf(signer, payload.nonce))
  if (user === id) return { known: id }
  if (user !== undefined) return { refused: 'nonce_reused', id }
  const actions = decodeActions(view.rules, payload, signer)
  return isRefusal(actions) ? { ...actions, id } : undefined
}

function admittedOf({ jws, id, signer, keyId, payload, payloadText }: Envelope, key: SigningKey): Admitted {
  return { jws, id, signer, keyId, payload, payloadText, keyName: keyNameOf(key) }
}
