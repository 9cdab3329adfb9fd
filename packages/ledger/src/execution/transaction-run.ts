/**
 * One transaction's actions, run one after the other over rows in which everything so far has been applied. Events of
 * a called verb are applied when it returns; a rule's own are applied when it has decided. The first refusal ends it,
 * and the caller then undoes the rows.
 *
 * What a rule owes its caller (every event passed on once and in order, every refusal returned) is checked here and
 * broken promises throw: members would otherwise agree on a state that its events do not explain.
 */
import { type Did, isRefusal, type Json, type Refusal, refuse, type TimeMs, type TransactionId } from '@chengxin/kernel'
import type {
  AnyEvent,
  Authority,
  Context,
  Host,
  RanEvent,
  ReadsFace,
  TransactionDefinition,
} from '@chengxin/module-kit'
import { prepareEvent } from './event-texts.ts'
import type { RowView } from './rows.ts'
import type { IndexedVerb, RulesIndex } from './rules-index.ts'

/** What all actions of one transaction have in common. */
export interface RunMoment {
  readonly group: string
  readonly height: number
  readonly timeMs: TimeMs
  readonly leafIndex: number
  readonly transactionId: TransactionId
  readonly signer: Did
}

export interface RunAction {
  readonly verb: IndexedVerb
  /** Decoded by the verb's schema. */
  readonly args: unknown
  readonly principal: Did
}

const principalAuthority: Authority = Object.freeze({ kind: 'principal' })

export class TransactionRun {
  readonly #rules: RulesIndex
  readonly #rows: RowView
  readonly #host: Host
  readonly #moment: RunMoment
  /** Stored form of every event applied so far. */
  readonly #texts = new Map<AnyEvent, string>()

  constructor(rules: RulesIndex, rows: RowView, host: Host, moment: RunMoment) {
    this.#rules = rules
    this.#rows = rows
    this.#host = host
    this.#moment = moment
  }

  /** The stored events of all actions as canonical texts, or the first refusal. */
  run(actions: readonly RunAction[]): readonly string[] | Refusal {
    const texts: string[] = []
    for (const { verb, args, principal } of actions) {
      const refusal = this.#mayAct(verb, principal)
      if (refusal !== undefined) return refusal
      const events = this.#decide(verb, args, principal, principalAuthority)
      if (isRefusal(events)) return events
      for (const event of events) texts.push(this.#texts.get(event) as string)
    }
    return texts
  }

  #mayAct({ verb }: IndexedVerb, principal: Did): Refusal | undefined {
    const { signer, timeMs } = this.#moment
    if (principal === signer) return undefined
    const { identity } = this.#rules.ruleset
    const answers = identity.make(this.#rows.of(identity.domain).read)
    return answers.mayActFor(signer, principal, verb.transaction.type, timeMs)
  }

  #decide({ domain, verb }: IndexedVerb, args: unknown, principal: Did, authority: Authority) {
    const { read, write } = this.#rows.of(domain)
    const calls = new Calls()
    const decided = verb.decide(read, args, this.#contextFor(domain, principal, authority, calls))
    if (isRefusal(decided)) return decided
    if (calls.refused) throw new Error(`${verb.transaction.type} kept ${calls.refused.refused} to itself.`)

    const apply = this.#rules.domains.get(domain)?.apply as NonNullable<unknown> as Apply
    const events: AnyEvent[] = []
    let passedOn = 0
    for (const stated of decided) {
      if (this.#texts.has(stated)) {
        if (calls.events[passedOn++] !== stated) throw outOfPlace(verb.transaction.type)
        events.push(stated)
        continue
      }
      const { event, text } = prepareEvent(this.#rules, domain, stated)
      apply(write, event)
      this.#texts.set(event, text)
      events.push(event)
    }
    if (passedOn !== calls.events.length) throw outOfPlace(verb.transaction.type)
    return events as readonly AnyEvent[] as readonly RanEvent[]
  }

  #contextFor(domain: string, principal: Did, authority: Authority, calls: Calls): Context {
    return Object.freeze({
      ...this.#moment,
      principal,
      authority,
      host: this.#host,
      reads: <R>(of: ReadsFace<R>): R => {
        if (of.domain !== domain) this.#mustUse(domain, of.domain)
        return of.make(this.#rows.of(of.domain).read)
      },
      run: <Args>(verb: TransactionDefinition<Args>, args: Args, capability?: string) => {
        const on: Authority =
          capability === undefined ? principalAuthority : Object.freeze({ kind: 'domain', domain, capability })
        return calls.note(this.#call(domain, verb, args, principal, on))
      },
    })
  }

  #call(caller: string, { type }: TransactionDefinition, args: unknown, principal: Did, authority: Authority) {
    const called = this.#rules.verbs.get(type)
    if (called === undefined) throw new Error(`${caller} runs ${type}, which these rules do not have.`)
    this.#mustUse(caller, called.domain)
    const decoded = called.verb.transaction.args.decode(args as Json)
    // A sum that leaves its bounds depends on what people sent, so it is their refusal and not a stop of every member.
    if (this.#rules.isFault(decoded)) return refuse('args_malformed')
    return this.#decide(called, decoded, principal, authority)
  }

  #mustUse(domain: string, used: string): void {
    if (this.#rules.domains.get(domain)?.uses.includes(used)) return
    throw new Error(`${domain} reaches into ${used} and does not say that it uses it.`)
  }
}

type Apply = (write: unknown, event: AnyEvent) => void

function outOfPlace(type: string): Error {
  return new Error(`${type} does not pass on the events of what it ran, each once and in order.`)
}

/** What a rule has called so far and must account for. */
class Calls {
  readonly events: RanEvent[] = []
  refused: Refusal | undefined

  note(answer: readonly RanEvent[] | Refusal): readonly RanEvent[] | Refusal {
    if (isRefusal(answer)) this.refused ??= answer
    else this.events.push(...answer)
    return answer
  }
}
