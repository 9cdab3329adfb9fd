/** A transaction whose form and signature have been judged: what execution starts from. */
import type { Did, Refusal, TransactionId } from '@chengxin/kernel'
import { canonicalize, limits, refuse } from '@chengxin/kernel'
import type { Payload, SigningKey } from '@chengxin/module-kit'
import type { RulesIndex } from '../execution/rules-index.ts'
import type { RunAction } from '../execution/transaction-run.ts'

/** What a transaction says, its form judged and its signature perhaps not yet. */
export interface Opened {
  /** The text as it was received and will be logged. */
  readonly jws: string
  /** Letters of that text, and the text written as bytes: for a form that does not hold it as a text. */
  readonly length?: number
  writeTo?(to: Buffer, at: number): void
  readonly id: TransactionId
  readonly signer: Did
  readonly keyId: string
  /** Of the payload, like the nonce: what is asked of it before it is run. */
  readonly notAfter: number
  /** What the nonce is used under: nonces belong to the DID that signs. */
  readonly nonceKey: string
  /** The payload's list of actions, canonical and of its form. It is parsed when it is run: while it waits, a text is the cheapest form. */
  readonly actionsText: string
  /** Names the key under which the signature was found valid, if it has been. State may have another by now; it is asked again. */
  readonly keyName?: string
}

export interface Admitted extends Opened {
  readonly keyName: string
}

/** One text for one way of signing: two keys with the same name accept the same signatures. */
export function keyNameOf({ key, webauthn }: SigningKey): string {
  if (webauthn !== undefined) return canonicalize({ key, webauthn })
  return key.crv === 'P-256' ? `${key.x}.${key.y}` : key.x
}

/** `expired` or `not_after_too_far` at this moment, or undefined: a transaction is valid before `notAfter`, not at it. */
export function refuseAtTime({ notAfter }: { readonly notAfter: number }, nowMs: number): Refusal | undefined {
  if (notAfter <= nowMs) return refuse('expired')
  if (notAfter > nowMs + limits.notAfterAheadMs) return refuse('not_after_too_far')
  return undefined
}

/** A refusal of the actions, with the place of the first fault as a JSON pointer into the payload. */
export interface ActionsRefusal extends Refusal {
  readonly at: string
}

/** The actions as the rules know them, or `unknown_action` or `args_malformed` for the first that they do not. */
export function decodeActions(
  rules: RulesIndex,
  actions: Payload['actions'],
  signer: Did,
): readonly RunAction[] | ActionsRefusal {
  const decoded: RunAction[] = []
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index] as Payload['actions'][number]
    const verb = rules.verbs.get(action.type)
    if (verb === undefined || verb.verb.transaction.door !== 'signed') {
      return { refused: 'unknown_action', at: `/actions/${index}/type` }
    }
    const args = verb.verb.transaction.args.decode(action.args)
    if (rules.isFault(args)) return { refused: 'args_malformed', at: `/actions/${index}/args${args.at}` }
    decoded.push({ verb, args, principal: action.for ?? signer })
  }
  return decoded
}

/** The actions of an opened transaction, parsed now. */
export function actionsOf({ actionsText }: Opened): Payload['actions'] {
  return JSON.parse(actionsText) as Payload['actions']
}

const actionsName = '{"actions":'
const groupName = ',"group":"'

/**
 * The list of actions as it stands in a payload that is canonical and of its form: its name is the first, and that of the
 * group, which comes next, is the last of this name, since what follows is a nonce and two numbers.
 */
export function actionsTextOf(payloadText: string): string {
  return payloadText.slice(actionsName.length, payloadText.lastIndexOf(groupName))
}

/** Letters of a transaction's text. */
export function lengthOf(opened: Opened): number {
  // Where the length is known, asking for the text would make it.
  return opened.length ?? opened.jws.length
}

/** Used nonces are kept under the DID and the nonce, which contain no space. */
export function nonceKeyOf(signer: Did, nonce: string): string {
  return `${signer} ${nonce}`
}
