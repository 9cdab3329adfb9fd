/**
 * Officers at the counter sign a recovery themselves, each with a DID of their own that the committee has entitled: one asks
 * the ledger for the new key, another agrees, and either may take it back. The bureau's own key can do none of it. What the
 * ledger then says is what the act says.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { changeRecord } from '../vault/face.ts'
import { actMarks } from './acts.ts'
import type { Bureau } from './bureau.ts'
import type { Act } from './records.ts'

/**
 * Hands in what an officer has signed. Refusals: `act_unknown`, `act_not_open`, `act_lacks_key`, `act_own`, `ledger_refused`,
 * `signature_of_another_act`.
 */
export async function signAct(
  bureau: Bureau,
  actId: string,
  { by, jws }: { readonly by: string; readonly jws: string },
): Promise<Refusal | undefined> {
  const { kept, ledger, nowMs } = bureau
  const act = (await kept.acts.get(actId))?.value
  const person = act && (await kept.people.get(act.personId))?.value
  if (act === undefined || person === undefined || act.way !== 'counter') return refuse('act_unknown')
  if (act.status !== 'proposed' && act.status !== 'approved') return refuse('act_not_open')
  if (act.newKey === undefined) return refuse('act_lacks_key')
  const refused = await ledger.handIn(jws)
  const { requestedBy, newKeyId, completableAtMs } = (await ledger.recovery(person.did)) ?? {}
  const runs = requestedBy !== undefined && newKeyId === act.newKey.keyId
  if (refused === undefined && !runs && act.signed === undefined) return refuse('signature_of_another_act')

  const line = { by, atMs: nowMs(), jws }
  await changeRecord<Act, undefined>(kept.acts, actId, (value) => {
    const signed = refused === undefined ? [...(value.signed ?? []), line] : value.signed
    const status = statusNow(value, { runs, isAgreed: completableAtMs !== undefined })
    const decision = status === value.status ? {} : { status, decidedBy: by, decidedAtMs: nowMs() }
    const next: Act = {
      ...{ ...value, ...decision },
      ...(signed === undefined ? {} : { signed }),
      ...(runs && completableAtMs !== undefined ? { completableAtMs } : {}),
    }
    return { value: next, marks: actMarks(next), result: undefined }
  })
  return refused !== undefined && isRefusal(refused) ? refused : undefined
}

/** Begun and gone again: its holder or an officer has stopped it. */
function statusNow(
  { status, signed }: Act,
  { runs, isAgreed }: { readonly runs: boolean; readonly isAgreed: boolean },
): Act['status'] {
  if (runs) return isAgreed ? 'approved' : status
  return signed === undefined ? status : 'declined'
}
