/**
 * What a rule is told of the moment. It has no members of its own, only getters, so that nothing in it can be changed,
 * and it makes its two functions only for a rule that asks for them: most rules do not.
 */
import type { Did, Refusal, TimeMs, TransactionId } from '@chengxin/kernel'
import type { Authority, Context, Host, RanEvent, ReadsFace, TransactionDefinition } from '@chengxin/module-kit'

/** What all actions of one transaction have in common. */
export interface RunMoment {
  readonly group: string
  readonly height: number
  readonly timeMs: TimeMs
  readonly leafIndex: number
  readonly transactionId: TransactionId
  readonly signer: Did
}

/** What a context asks of the run it belongs to. */
export interface ContextHost {
  readonly moment: RunMoment
  readonly host: Host
  readsFor<R>(domain: string, of: ReadsFace<R>): R
  runFor(call: ContextCall): readonly RanEvent[] | Refusal
}

export interface ContextCall {
  readonly caller: ActionContext
  readonly type: string
  readonly args: unknown
  readonly capability: string | undefined
}

export class ActionContext implements Context {
  readonly #run: ContextHost
  /** The domain whose rule holds this context. */
  readonly #domain: string
  readonly #principal: Did
  readonly #authority: Authority

  constructor(run: ContextHost, domain: string, principal: Did, authority: Authority) {
    this.#run = run
    this.#domain = domain
    this.#principal = principal
    this.#authority = authority
  }

  get signer(): Did {
    return this.#run.moment.signer
  }
  get principal(): Did {
    return this.#principal
  }
  get timeMs(): TimeMs {
    return this.#run.moment.timeMs
  }
  get height(): number {
    return this.#run.moment.height
  }
  get leafIndex(): number {
    return this.#run.moment.leafIndex
  }
  get transactionId(): TransactionId {
    return this.#run.moment.transactionId
  }
  get group(): string {
    return this.#run.moment.group
  }
  get authority(): Authority {
    return this.#authority
  }
  get host(): Host {
    return this.#run.host
  }

  get reads(): Context['reads'] {
    return (of) => this.#run.readsFor(this.#domain, of)
  }

  get run(): Context['run'] {
    return (verb: TransactionDefinition<never>, args: unknown, capability?: string) =>
      this.#run.runFor({ caller: this, type: verb.type, args, capability })
  }

  /** For the run alone; rules know the type `Context`, which does not have it. */
  static domainOf(context: ActionContext): string {
    return context.#domain
  }
}

Object.freeze(ActionContext.prototype)
