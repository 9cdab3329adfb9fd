/**
 * A business small enough to see through, for tests of the machine beneath it: people with keys, one till of theirs each,
 * and a switch of rules. It also misbehaves on request, as no rule may.
 */
import { type Did, refuse } from '@chengxin/kernel'
import {
  type AnyEvent,
  type Decide,
  type DomainRules,
  defineEvents,
  defineInternalTransaction,
  defineReads,
  defineTable,
  defineTransaction,
  type EventOf,
  type IdentityAnswers,
  type Ruleset,
  s,
  type Tables,
  type TransactionDefinition,
  type Verb,
  type Write,
} from '@chengxin/module-kit'

const peopleTables = {
  people: defineTable(
    'By DID: a person and their key.',
    s.object({ key: s.publicJwk(), retired: s.flag(), sponsor: s.id('member') }),
  ),
  agents: defineTable('By principal: who may act for them.', s.object({ agent: s.did(), untilMs: s.timeMs() })),
  rules: defineTable(
    'Under "next": which rules from which leaf on.',
    s.object({ hash: s.hash(), fromLeaf: s.integer(0, 1_000_000) }),
  ),
}
const peopleEvents = defineEvents({
  personAdded: { did: s.did(), key: s.publicJwk(), sponsor: s.id('member') },
  keyRetired: { did: s.did() },
  agentNamed: { principal: s.did(), agent: s.did(), untilMs: s.timeMs() },
  rulesScheduled: { hash: s.hash(), fromLeaf: s.integer(0, 1_000_000) },
})
type PeopleEvent = EventOf<typeof peopleEvents>

const identity = defineReads<typeof peopleTables, IdentityAnswers>('people', (read) => ({
  activeKey: (did) => {
    const person = read.people.get(did)
    if (person === undefined) return refuse('key_unknown')
    return person.retired ? refuse('key_retired') : { key: person.key }
  },
  mayActFor: (signer, principal, _type, timeMs) => {
    const named = read.agents.get(principal)
    if (named?.agent !== signer) return refuse('delegation_missing')
    return timeMs < named.untilMs ? undefined : refuse('delegation_expired')
  },
  sponsorOf: (did) => read.people.get(did)?.sponsor,
}))

const retireKey = defineTransaction('people.retireKey', {})
const nameAgent = defineTransaction('people.nameAgent', { agent: s.did(), untilMs: s.timeMs() })
const scheduleRules = defineTransaction('people.scheduleRules', { hash: s.hash(), fromLeaf: s.integer(0, 1_000_000) })

const tillTables = {
  tills: defineTable(
    'By DID: what is in the till, and notes about it.',
    s.object({ owner: s.did(), amount: s.amount(), notes: s.list(s.word(), 8) }),
  ),
}
const tillEvents = defineEvents({
  paidIn: { did: s.did(), amount: s.positiveAmount(), note: s.optional(s.word()) },
  moved: { from: s.did(), to: s.did(), amount: s.positiveAmount() },
  emptied: { did: s.did() },
})
type TillEvent = EventOf<typeof tillEvents>

const payIn = defineTransaction('till.payIn', { amount: s.positiveAmount(), note: s.optional(s.word()) })
const move = defineTransaction('till.move', { to: s.did(), amount: s.positiveAmount() })
const empty = defineTransaction('till.empty', {})
const take = defineInternalTransaction('till.take', { from: s.did(), amount: s.positiveAmount() })

const shopEvents = defineEvents({ sold: { by: s.did(), price: s.positiveAmount() } })
const buy = defineTransaction('shop.buy', { from: s.did(), price: s.positiveAmount() })
const misbehave = defineTransaction('shop.misbehave', {
  how: s.code('throw', 'overflow', 'drop_events', 'swallow_refusal', 'undeclared_event', 'write_row', 'reach'),
})

type DecideTill<Args> = Decide<typeof tillTables, Args, TillEvent>

const decideMove: DecideTill<{ to: Did; amount: bigint }> = (read, { to, amount }, { principal }) => {
  if (!read.tills.has(to)) return refuse('till_not_found')
  if ((read.tills.get(principal)?.amount ?? 0n) < amount) return refuse('till_too_low')
  return [{ type: 'moved', from: principal, to, amount }]
}

const decideTake: DecideTill<{ from: Did; amount: bigint }> = (read, { from, amount }, { principal, authority }) => {
  if (authority.kind !== 'domain' || authority.domain !== 'shop') return refuse('not_the_shop')
  if ((read.tills.get(from)?.amount ?? 0n) < amount) return refuse('till_too_low')
  return [{ type: 'moved', from, to: principal, amount }]
}

type DecideShop<Args> = Decide<Tables, Args, EventOf<typeof shopEvents>>

const decideBuy: DecideShop<{ from: Did; price: bigint }> = (_read, { from, price }, { principal, run }) => {
  const taken = run(take, { from, amount: price }, 'counter')
  if ('refused' in taken) return taken
  return [{ type: 'sold', by: principal, price }, ...taken]
}

const decideMisbehave: DecideShop<{ how: string }> = (_read, { how }, context) => {
  const reach = (depth: number): number => 1 + reach(depth + 1)
  switch (how) {
    case 'throw':
      throw new Error('The rule is wrong.')
    case 'overflow':
      return [{ type: 'sold', by: context.signer, price: BigInt(reach(0)) }]
    case 'drop_events':
      context.run(take, { from: context.signer, amount: 1n }, 'counter')
      return []
    case 'swallow_refusal':
      context.run(take, { from: context.signer, amount: 10n ** 18n }, 'counter')
      return []
    case 'undeclared_event':
      return [{ type: 'vanished' } as never]
    case 'write_row': {
      const row = context.reads(tillOf).rowOf(context.signer) as { amount: bigint }
      row.amount = 10n ** 9n
      return []
    }
    default:
      context.reads(identity)
      return []
  }
}

const tillOf = defineReads<typeof tillTables, { rowOf(did: Did): unknown }>('till', (read) => ({
  rowOf: (did) => read.tills.get(did),
}))

const people: DomainRules = {
  name: 'people',
  tables: peopleTables,
  events: peopleEvents,
  refusals: {},
  uses: [],
  verbs: [
    rule(retireKey, (_read, _args, { signer }) => [{ type: 'keyRetired', did: signer }]),
    rule(nameAgent, (_read, args, { signer }) => [{ type: 'agentNamed', principal: signer, ...args }]),
    rule(scheduleRules, (_read, args) => [{ type: 'rulesScheduled', ...args }]),
  ],
  genesis: ({ identities }) =>
    identities.map(({ did, key, sponsor }): PeopleEvent => ({ type: 'personAdded', did, key, sponsor })),
  apply: (write, event) => applyPeople(write as unknown as Write<typeof peopleTables>, event as PeopleEvent),
}

function applyPeople({ people, agents, rules }: Write<typeof peopleTables>, event: PeopleEvent): void {
  switch (event.type) {
    case 'personAdded':
      people.put(event.did, { key: event.key, retired: false, sponsor: event.sponsor })
      return
    case 'keyRetired':
      people.change(event.did, (person) => ({ ...person, retired: true }))
      return
    case 'agentNamed':
      agents.put(event.principal, { agent: event.agent, untilMs: event.untilMs })
      return
    case 'rulesScheduled':
      rules.put('next', { hash: event.hash, fromLeaf: event.fromLeaf })
  }
}

const till: DomainRules = {
  name: 'till',
  tables: tillTables,
  events: tillEvents,
  refusals: {},
  uses: [],
  verbs: [
    rule(payIn, (_read, args, { principal }) => [{ type: 'paidIn', did: principal, ...args }]),
    rule(move, decideMove as never),
    rule(take, decideTake as never),
    rule(empty, (_read, _args, { principal }) => [{ type: 'emptied', did: principal }]),
  ],
  apply: (write, event) => applyTill(write as unknown as Write<typeof tillTables>, event as TillEvent),
}

function applyTill({ tills }: Write<typeof tillTables>, event: TillEvent): void {
  const add = (owner: Did, amount: bigint, note?: string) => {
    const till = tills.get(owner) ?? { owner, amount: 0n, notes: [] }
    const notes = note === undefined ? till.notes : [...till.notes, note].slice(-8)
    tills.put(owner, { owner, amount: till.amount + amount, notes })
  }
  switch (event.type) {
    case 'paidIn':
      add(event.did, event.amount, event.note)
      return
    case 'moved':
      add(event.from, -event.amount)
      add(event.to, event.amount)
      return
    case 'emptied':
      tills.remove(event.did)
  }
}

const shop: DomainRules = {
  name: 'shop',
  tables: {},
  events: shopEvents,
  refusals: {},
  uses: ['till'],
  verbs: [rule(buy, decideBuy as never), rule(misbehave, decideMisbehave as never)],
  apply: () => {},
}

function rule<Args>(
  transaction: TransactionDefinition<Args>,
  decide: (...args: Parameters<Decide<Tables, Args, AnyEvent>>) => readonly unknown[] | { readonly refused: string },
): Verb {
  return { transaction: transaction, decide: decide as unknown as Verb['decide'] }
}

export const tillRules: Ruleset = {
  version: '1.0.0-test',
  domains: [people, till, shop],
  identity,
  activation: defineReads<typeof peopleTables, { activeRuleset(leafIndex: number): string | undefined }>(
    'people',
    (read) => ({
      activeRuleset: (leafIndex) => {
        const next = read.rules.get('next')
        return next !== undefined && next.fromLeaf <= leafIndex ? next.hash : undefined
      },
    }),
  ),
}
