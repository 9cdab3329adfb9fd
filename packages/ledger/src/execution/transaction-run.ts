/**
 * One transaction's actions, run one after the other over rows in which everything so far has been applied. Events of
 * a called verb are applied when it returns; a rule's own are applied when it has decided. The first refusal ends it,
 * and the caller then undoes the rows.
 *
 * What a rule owes its caller (every event passed on once and in order, every refusal returned) is checked here and
 * broken promises throw: members would otherwise agree on a state that its events do not explain.
 */
import { type Did, isRefusal, type Json, type Refusal, refuse } from '@chengxin/kernel'
import type { AnyEvent, Authority, Host, RanEvent, ReadsFace } from '@chengxin/module-kit'
import { ActionContext, type ContextCall, type ContextHost, type RunMoment } from './action-context.ts'
import { prepareEvent } from './event-texts.ts'
import type { RowView } from './rows.ts'
import type { IndexedVerb, RulesIndex } from './rules-index.ts'

export interface RunAction {
  readonly verb: IndexedVerb
  /** Decoded by the verb's schema. */
  readonly args: unknown
  readonly principal: Did
}

const principalAuthority: Authority = Object.freeze({ kind: 'principal' })

/** A rule that is deciding, and what it has called and must account for. */
interface Frame {
  readonly context: ActionContext
  readonly principal: Did
  called: RanEvent[] | undefined
  /** Their stored forms, one of each. */
  calledTexts: string[]
  refused: Refusal | undefined
}

const noTexts: string[] = []

interface Call {
  /** The domain whose rule calls. */
  readonly caller: string
  readonly type: string
  readonly args: unknown
  readonly principal: Did
  readonly capability: string | undefined
}

export class TransactionRun implements ContextHost {
  readonly moment: RunMoment
  readonly host: Host
  readonly #rules: RulesIndex
  readonly #rows: RowView
  /** Events of all verbs that were called by rules: none of them is a rule's own. */
  readonly #called: AnyEvent[] = []
  /** The rules that are deciding now, the innermost last. */
  readonly #frames: Frame[] = []

  constructor(rules: RulesIndex, rows: RowView, host: Host, moment: RunMoment) {
    this.#rules = rules
    this.#rows = rows
    this.host = host
    this.moment = moment
  }

  /** The stored events of all actions as canonical texts, or the first refusal. */
  run(actions: readonly RunAction[]): readonly string[] | Refusal {
    const texts: string[] = []
    for (const { verb, args, principal } of actions) {
      const refusal = this.#mayAct(verb, principal) ?? this.#decide(verb, args, principal, principalAuthority, texts)
      if (isRefusal(refusal)) return refusal
    }
    return texts
  }

  readsFor<R>(domain: string, of: ReadsFace<R>): R {
    if (of.domain !== domain) this.#mustUse(domain, of.domain)
    return of.make(this.#rows.of(of.domain).read)
  }

  runFor({ caller, type, args, capability }: ContextCall): readonly RanEvent[] | Refusal {
    const frame = this.#frames.at(-1)
    if (frame?.context !== caller) throw new Error(`${type} is run by a rule that has decided already.`)
    const domain = ActionContext.domainOf(caller)
    const texts: string[] = []
    const answer = this.#call({ caller: domain, type, args, principal: frame.principal, capability }, texts)
    if (isRefusal(answer)) {
      frame.refused ??= answer
      return answer
    }
    this.#called.push(...answer)
    if (frame.called === undefined) {
      frame.called = [...answer]
      frame.calledTexts = texts
    } else {
      frame.called.push(...answer)
      frame.calledTexts.push(...texts)
    }
    return answer
  }

  #mayAct({ verb }: IndexedVerb, principal: Did): Refusal | undefined {
    const { signer, timeMs } = this.moment
    if (principal === signer) return undefined
    const { identity } = this.#rules.ruleset
    const answers = identity.make(this.#rows.of(identity.domain).read)
    return answers.mayActFor(signer, principal, verb.transaction.type, timeMs)
  }

  /** Decides and applies. The events come back in place, their stored forms at the end of `texts`. */
  #decide(
    { domain, verb, rules }: IndexedVerb,
    args: unknown,
    principal: Did,
    authority: Authority,
    texts: string[],
  ): readonly AnyEvent[] | Refusal {
    const { read, write } = this.#rows.of(domain)
    const context = new ActionContext(this, domain, principal, authority)
    const frame: Frame = { context, principal, called: undefined, calledTexts: noTexts, refused: undefined }
    this.#frames.push(frame)
    const decided = verb.decide(read, args, context)
    this.#frames.pop()
    if (isRefusal(decided)) return decided
    if (frame.refused) throw new Error(`${verb.transaction.type} kept ${frame.refused.refused} to itself.`)

    const { called } = frame
    const events: AnyEvent[] = []
    let passedOn = 0
    for (const stated of decided) {
      if (called !== undefined && called[passedOn] === stated) {
        texts.push(frame.calledTexts[passedOn++] as string)
        events.push(stated)
        continue
      }
      if (this.#called.includes(stated)) throw outOfPlace(verb.transaction.type)
      const prepared = prepareEvent(this.#rules, rules, stated)
      rules.apply(write, prepared.event)
      events.push(prepared.event)
      texts.push(prepared.text)
    }
    if (passedOn !== (called?.length ?? 0)) throw outOfPlace(verb.transaction.type)
    return events
  }

  #call({ caller, type, args, principal, capability }: Call, texts: string[]): readonly RanEvent[] | Refusal {
    const called = this.#rules.verbs.get(type)
    if (called === undefined) throw new Error(`${caller} runs ${type}, which these rules do not have.`)
    this.#mustUse(caller, called.domain)
    const decoded = called.verb.transaction.args.decode(args as Json)
    // A sum that leaves its bounds depends on what people sent, so it is their refusal and not a stop of every member.
    if (this.#rules.isFault(decoded)) return refuse('args_malformed')
    const authority: Authority =
      capability === undefined ? principalAuthority : Object.freeze({ kind: 'domain', domain: caller, capability })
    return this.#decide(called, decoded, principal, authority, texts) as readonly RanEvent[] | Refusal
  }

  #mustUse(domain: string, used: string): void {
    if (this.#rules.domains.get(domain)?.uses.includes(used)) return
    throw new Error(`${domain} reaches into ${used} and does not say that it uses it.`)
  }
}

function outOfPlace(type: string): Error {
  return new Error(`${type} does not pass on the events of what it ran, each once and in order.`)
}
