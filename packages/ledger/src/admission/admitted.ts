/** A transaction whose form and signature have been judged: what execution starts from. */
import type { Did, Refusal, TimeMs, TransactionId } from '@chengxin/kernel'
import { canonicalize, limits, refuse } from '@chengxin/kernel'
import type { Payload, SigningKey } from '@chengxin/module-kit'
import type { RulesIndex } from '../execution/rules-index.ts'
import type { RunAction } from '../execution/transaction-run.ts'

/** What a transaction says, its form judged and its signature perhaps not yet. */
export interface Opened {
  /** The text as it was received and will be logged. */
  readonly jws: string
  readonly id: TransactionId
  readonly signer: Did
  readonly keyId: string
  readonly payload: Payload
  /** Names the key under which the signature was found valid, if it has been. State may have another by now; it is asked again. */
  readonly keyName?: string
}

export interface Admitted extends Opened {
  readonly payloadText: string
  readonly keyName: string
}

/** One text for one way of signing: two keys with the same name accept the same signatures. */
export function keyNameOf({ key, webauthn }: SigningKey): string {
  if (webauthn !== undefined) return canonicalize({ key, webauthn })
  return key.crv === 'P-256' ? `${key.x}.${key.y}` : key.x
}

/** `expired` or `not_after_too_far` at this moment, or undefined: a transaction is valid before `notAfter`, not at it. */
export function refuseAtTime({ notAfter }: Payload, nowMs: TimeMs | number): Refusal | undefined {
  if (notAfter <= nowMs) return refuse('expired')
  if (notAfter > nowMs + limits.notAfterAheadMs) return refuse('not_after_too_far')
  return undefined
}

/** A refusal of the arguments, with the place of the first fault as a JSON pointer into the payload. */
export interface ArgsRefusal extends Refusal {
  readonly at: string
}

/** The actions as the rules know them, or `unknown_action` or `args_malformed` for the first that they do not. */
export function decodeActions(rules: RulesIndex, payload: Payload, signer: Did): readonly RunAction[] | ArgsRefusal {
  const decoded: RunAction[] = []
  const { actions } = payload
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index] as Payload['actions'][number]
    const verb = rules.verbs.get(action.type)
    if (verb === undefined || verb.verb.transaction.door !== 'signed') {
      return { ...refuse('unknown_action'), at: `/actions/${index}/type` }
    }
    const args = verb.verb.transaction.args.decode(action.args)
    if (rules.isFault(args)) return { ...refuse('args_malformed'), at: `/actions/${index}/args${args.at}` }
    decoded.push({ verb, args, principal: action.for ?? signer })
  }
  return decoded
}

/** Used nonces are kept under the DID and the nonce, which contain no space. */
export function nonceKeyOf(signer: Did, nonce: string): string {
  return `${signer} ${nonce}`
}
