/**
 * Rules without a ledger: domains run over rows in memory, with the meaning that `@chengxin/module-kit` gives to decide,
 * apply and `context.run`. It is stricter than it is fast: every event and row must survive its stored form, every
 * refusal must be listed, and a rule that hides what it called is an exception.
 */
import {
  canonicalize,
  type Did,
  isRefusal,
  type Json,
  type Refusal,
  type TimeMs,
  type TransactionId,
} from '@chengxin/kernel'
import type {
  AnyEvent,
  Authority,
  Context,
  DomainRules,
  GenesisDocument,
  Host,
  RanEvent,
  Read,
  ReadsFace,
  Ruleset,
  Schema,
  StoredEvent,
  Tables,
  TransactionDefinition,
  Verb,
  Write,
} from '@chengxin/module-kit'
import { Fault } from '@chengxin/module-kit'

export interface RulesRunnerOptions {
  readonly host: Host
  readonly genesis: GenesisDocument
  /** The group's name in statements that keys sign; any text will do where no ledger is. */
  readonly group?: string
}

export interface RulesAction {
  readonly type: string
  /** In wire form or in working form: amounts as text or as bigint. */
  readonly args: object
  readonly for?: Did
}

export interface ActOptions {
  /** The principal, when the signer acts for somebody else. */
  readonly for?: Did
  /** Moves the clock there first; it never goes back. */
  readonly timeMs?: number
}

export interface RulesTransaction {
  readonly signer: Did
  readonly timeMs: TimeMs
  readonly types: readonly string[]
  readonly events: readonly StoredEvent[]
}

export interface RulesRunner {
  readonly group: string
  readonly genesisEvents: readonly StoredEvent[]
  /** The moment of the next transaction, and the index of its leaf. */
  readonly timeMs: TimeMs
  readonly leafIndex: number
  /** Moves the clock; it never goes back. */
  passTo(timeMs: number): void
  /** One action as a transaction of its own: its events, or the code of the refusal. */
  act(signer: Did, type: string, args: object, options?: ActOptions): readonly StoredEvent[] | string
  /** Several actions that happen together or not at all. */
  transact(signer: Did, actions: readonly RulesAction[], options?: ActOptions): readonly StoredEvent[] | string
  /** A verb as another domain would run it: with a capability of that domain, or on the principal's own authority. */
  runAs<Args>(
    caller: { readonly domain: string; readonly capability?: string; readonly principal: Did },
    verb: TransactionDefinition<Args>,
    args: Args,
  ): readonly StoredEvent[] | string
  /** Another domain's questions, over the state as it is now. */
  reads<R>(of: ReadsFace<R>): R
  /** Stored rows, `<domain>/<table>/<key>` → canonical JSON. */
  rows(): ReadonlyMap<string, string>
  /** All events so far, genesis included. */
  events(): readonly StoredEvent[]
  /** What happened, transaction by transaction, refused ones left out. */
  happened(): readonly RulesTransaction[]
}

export function runRules(
  ruleset: Ruleset,
  { host, genesis, group = 'group-of-tests' }: RulesRunnerOptions,
): RulesRunner {
  const domains = new Map(ruleset.domains.map((rules) => [rules.name, rules]))
  const verbs = new Map<string, FoundVerb>(
    ruleset.domains.flatMap(({ name, verbs }) => verbs.map((verb) => [verb.transaction.type, { domain: name, verb }])),
  )
  const codes = new Set(ruleset.domains.flatMap(({ refusals }) => Object.keys(refusals)))
  const committed = new Map<string, string>()
  const happened: RulesTransaction[] = []
  let timeMs = genesis.createdAtMs
  let leafIndex = 0

  const begin = () => createRun(domains, verbs, committed)

  function moment(signer: Did): Moment {
    const transactionId = `transaction-${leafIndex}` as TransactionId
    return { signer, timeMs, height: leafIndex + 1, leafIndex, transactionId, group, host }
  }

  function commit(
    run: Run,
    signer: Did,
    types: readonly string[],
    outcome: readonly AnyEvent[] | Refusal,
  ): readonly StoredEvent[] | string {
    leafIndex++
    if (isRefusal(outcome)) {
      if (!codes.has(outcome.refused)) throw new Error(`${outcome.refused} is refused with and listed nowhere.`)
      return outcome.refused
    }
    const stored = outcome.map((event) => run.stored(event))
    run.write(committed)
    happened.push({ signer, timeMs, types, events: stored })
    return stored
  }

  function passTo(atMs: number): void {
    if (atMs < timeMs) throw new Error('Time never goes back.')
    timeMs = atMs as TimeMs
  }

  function transact(signer: Did, actions: readonly RulesAction[], { timeMs: atMs, for: principal }: ActOptions = {}) {
    if (atMs !== undefined) passTo(atMs)
    const run = begin()
    const events: AnyEvent[] = []
    for (const action of actions) {
      const acted = runAction(run, signer, { ...action, ...(principal && { for: principal }) })
      if (isRefusal(acted)) return commit(run, signer, [], acted)
      events.push(...acted)
    }
    const types = actions.map(({ type }) => type)
    return commit(run, signer, types, events)
  }

  function runAction(run: Run, signer: Did, { type, args, for: principal = signer }: RulesAction) {
    const found = verbs.get(type)
    if (found === undefined || found.verb.transaction.door === 'internal') throw new Error(`Nobody can send ${type}.`)
    const decoded = mustDecode(found.verb.transaction.args, args as Json, type)
    if (principal !== signer) {
      const refusal = ruleset.identity.make(run.read('identity')).mayActFor(signer, principal, type, timeMs)
      if (refusal) return refusal
    }
    return run.decide(found, decoded, { ...moment(signer), principal }, { kind: 'principal' })
  }

  const founding = begin()
  const founded = ruleset.domains.flatMap((rules) => {
    const events = rules.genesis?.(genesis, host) ?? []
    for (const event of events) founding.apply(rules.name, event)
    return events
  })
  const genesisEvents = founded.map((event) => founding.stored(event))
  founding.write(committed)

  return {
    group,
    genesisEvents,
    get timeMs() {
      return timeMs
    },
    get leafIndex() {
      return leafIndex
    },
    passTo,
    act: (signer, type, args, options) => transact(signer, [{ type, args }], options),
    transact,
    runAs({ domain, capability, principal }, verb, args) {
      const found = verbs.get(verb.type)
      if (found === undefined) throw new Error(`These rules have no ${verb.type}.`)
      const run = begin()
      const authority: Authority =
        capability === undefined ? { kind: 'principal' } : { kind: 'domain', domain, capability }
      const decided = run.decide(found, args, { ...moment(principal), principal }, authority)
      return commit(run, principal, [verb.type], decided)
    },
    reads: (of) => of.make(begin().read(of.domain)),
    rows: () => committed,
    events: () => [...genesisEvents, ...happened.flatMap(({ events }) => events)],
    happened: () => happened,
  }
}

/** State rebuilt from events alone: what `apply` makes of a history. */
export function replayEvents(ruleset: Ruleset, events: readonly StoredEvent[]): ReadonlyMap<string, string> {
  const domains = new Map(ruleset.domains.map((rules) => [rules.name, rules]))
  const rows = new Map<string, string>()
  for (const { type: storedType, ...members } of events) {
    const [domain, type] = storedType.split('.') as [string, string]
    const schema = domains.get(domain)?.events[type]
    if (schema === undefined) throw new Error(`No domain knows the event ${storedType}.`)
    const run = createRun(domains, new Map(), rows)
    run.apply(domain, { type, ...(mustDecode(schema, members as Json, storedType) as object) })
    run.write(rows)
  }
  return rows
}

type FoundVerb = { readonly domain: string; readonly verb: Verb }
type Moment = Pick<Context, 'signer' | 'timeMs' | 'height' | 'leafIndex' | 'transactionId' | 'group' | 'host'>
type Run = ReturnType<typeof createRun>

/** One transaction: an overlay over the committed rows, dropped unless written. */
function createRun(
  domains: ReadonlyMap<string, DomainRules>,
  verbs: ReadonlyMap<string, FoundVerb>,
  committed: ReadonlyMap<string, string>,
) {
  const overlay = new Map<string, string | undefined>()
  const applied = new Map<AnyEvent, StoredEvent>()

  function rulesOf(domain: string): DomainRules {
    const rules = domains.get(domain)
    if (rules === undefined) throw new Error(`No domain is named ${domain}.`)
    return rules
  }

  function tablesOf(domain: string): Write<Tables> {
    const tables = Object.entries(rulesOf(domain).tables).map(([table, { row }]) => {
      const nameOf = (key: string) => `${domain}/${table}/${key}`
      const textOf = (name: string) => (overlay.has(name) ? overlay.get(name) : committed.get(name))
      const get = (key: string) => {
        const text = textOf(nameOf(key))
        return text === undefined ? undefined : mustDecode(row, JSON.parse(text) as Json, nameOf(key))
      }
      const put = (key: string, value: unknown) => {
        overlay.set(nameOf(key), storedForm(row, value, nameOf(key)))
      }
      const change = (key: string, make: (value: unknown) => unknown) => {
        const value = get(key)
        if (value === undefined) throw new Error(`An event is about ${nameOf(key)}, which does not exist.`)
        put(key, make(value))
      }
      const remove = (key: string) => void overlay.set(nameOf(key), undefined)
      return [table, { get, has: (key: string) => get(key) !== undefined, put, change, remove }]
    })
    return Object.fromEntries(tables) as Write<Tables>
  }

  function apply(domain: string, event: AnyEvent): void {
    const { type, ...members } = event
    const schema = rulesOf(domain).events[type]
    if (schema === undefined) throw new Error(`${domain} has no event ${type}.`)
    const text = storedForm(schema, members, `${domain}.${type}`)
    rulesOf(domain).apply(tablesOf(domain), event)
    applied.set(event, { type: `${domain}.${type}`, ...(JSON.parse(text) as object) })
  }

  function decide(
    { domain, verb }: FoundVerb,
    args: unknown,
    moment: Moment & { readonly principal: Did },
    authority: Authority,
  ): readonly RanEvent[] | Refusal {
    const passed: AnyEvent[] = []
    let hidden: Refusal | undefined
    const mayUse = (other: string) => {
      if (other !== domain && !rulesOf(domain).uses.includes(other)) throw new Error(`${domain} does not use ${other}.`)
    }
    const context: Context = {
      ...moment,
      authority,
      reads: <R>(of: ReadsFace<R>) => {
        mayUse(of.domain)
        return of.make(tablesOf(of.domain))
      },
      run: (called, calledArgs, capability) => {
        const found = verbs.get(called.type)
        if (found === undefined) throw new Error(`These rules have no ${called.type}.`)
        mayUse(found.domain)
        const on: Authority = capability === undefined ? { kind: 'principal' } : { kind: 'domain', domain, capability }
        const ran = decide(found, calledArgs, moment, on)
        if (isRefusal(ran)) hidden ??= ran
        else passed.push(...ran)
        return ran
      },
    }
    const decided = verb.decide(tablesOf(domain), args, context)
    if (isRefusal(decided)) return decided
    if (hidden) throw new Error(`${verb.transaction.type} hides the refusal ${hidden.refused}.`)
    let next = 0
    for (const event of decided) {
      if (!applied.has(event)) apply(domain, event)
      else if (passed[next++] !== event) throw new Error(`${verb.transaction.type} passes events on out of order.`)
    }
    if (next !== passed.length) throw new Error(`${verb.transaction.type} hides events of what it ran.`)
    return decided as readonly RanEvent[]
  }

  return {
    apply,
    decide,
    read: (domain: string) => tablesOf(domain) as Read<Tables>,
    stored(event: AnyEvent): StoredEvent {
      const stored = applied.get(event)
      if (stored === undefined) throw new Error('An event is applied before it is stored.')
      return stored
    },
    write(rows: Map<string, string>): void {
      for (const [name, text] of overlay) {
        if (text === undefined) rows.delete(name)
        else rows.set(name, text)
      }
    },
  }
}

/** Canonical JSON of a value that its schema reads back as the very same. */
function storedForm(schema: Schema<unknown>, value: unknown, name: string): string {
  const text = canonicalize(value)
  const again = canonicalize(mustDecode(schema, JSON.parse(text) as Json, name))
  if (again !== text) throw new Error(`${name} loses something in its stored form: ${text} became ${again}.`)
  return text
}

function mustDecode(schema: Schema<unknown>, value: Json, name: string): unknown {
  const decoded = schema.decode(value)
  if (decoded instanceof Fault)
    throw new Error(`${name} does not fit its schema: ${decoded.expected} at "${decoded.at}".`)
  return decoded
}

/** For tests that expect events: the types in order as one text, or the code of the refusal. */
export function outcomeOf(outcome: readonly StoredEvent[] | string): string {
  if (typeof outcome === 'string') return outcome
  return outcome.map(({ type }) => type.slice(type.indexOf('.') + 1)).join(' ')
}
