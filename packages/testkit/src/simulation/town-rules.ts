/**
 * The business of simulated members: small enough to see through, and with everything that may divide them. People have
 * keys that can be replaced under the same name, purses between which value moves and is never made, validators that
 * change by two votes of the council, and a switch to rules under which each gift costs a fee.
 */
import { type Did, type Hash, refuse } from '@chengxin/kernel'
import {
  type AnyEvent,
  type Decide,
  type DomainRules,
  defineEvents,
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

export const purseAtStart = 1_000n
/** Where fees go. */
export const chest = 'chest'
const powers = s.list(s.object({ key: s.hash(), power: s.integer(1, 9) }), 16, 1)

const peopleTables = {
  people: defineTable(
    'By DID: a person, their key and who stands for them.',
    s.object({ key: s.publicJwk(), retired: s.flag(), sponsor: s.id('member') }),
  ),
  council: defineTable(
    'Under "one": who votes, who validates, and which rules come from which leaf on.',
    s.object({
      voters: s.list(s.did(), 16),
      validators: powers,
      next: s.optional(s.object({ hash: s.hash(), fromLeaf: s.integer(0, 1_000_000) })),
    }),
  ),
  votes: defineTable('By validator and power: who has voted for it.', s.object({ by: s.list(s.did(), 16) })),
}
const peopleEvents = defineEvents({
  councilFounded: { voters: s.list(s.did(), 16), validators: powers },
  personAdded: { did: s.did(), key: s.publicJwk(), sponsor: s.id('member') },
  keyReplaced: { did: s.did(), key: s.publicJwk() },
  keyRetired: { did: s.did() },
  voted: { by: s.did(), key: s.hash(), power: s.integer(0, 9) },
  validatorsChanged: { key: s.hash(), power: s.integer(0, 9), validators: powers },
  rulesScheduled: { hash: s.hash(), fromLeaf: s.integer(0, 1_000_000) },
})
type PeopleEvent = EventOf<typeof peopleEvents>
type DecidePeople<Args> = Decide<typeof peopleTables, Args, PeopleEvent>

export interface TownAnswers extends IdentityAnswers {
  validators(): ReadonlyMap<string, number>
}

const identity = defineReads<typeof peopleTables, TownAnswers>('people', (read) => ({
  activeKey: (did) => {
    const person = read.people.get(did)
    if (person === undefined) return refuse('key_unknown')
    return person.retired ? refuse('key_retired') : { key: person.key }
  },
  mayActFor: () => refuse('delegation_missing'),
  sponsorOf: (did) => read.people.get(did)?.sponsor,
  validators: () => new Map(read.council.get('one')?.validators.map(({ key, power }) => [key, power])),
}))

export const replaceKey = defineTransaction('people.replaceKey', { key: s.publicJwk() })
export const retireKey = defineTransaction('people.retireKey', {})
export const voteValidator = defineTransaction('people.voteValidator', { key: s.hash(), power: s.integer(0, 9) })
export const scheduleRules = defineTransaction('people.scheduleRules', {
  hash: s.hash(),
  fromLeaf: s.integer(0, 1_000_000),
})

const decideVote: DecidePeople<{ key: Hash; power: number }> = (read, { key, power }, { signer }) => {
  const council = read.council.get('one')
  if (council === undefined || !council.voters.includes(signer)) return refuse('not_a_voter')
  const by = read.votes.get(`${key}.${power}`)?.by ?? []
  if (by.includes(signer)) return refuse('voted_before')
  const voted: PeopleEvent = { type: 'voted', by: signer, key, power }
  if (by.length + 1 < 2) return [voted]
  const others = council.validators.filter((validator) => validator.key !== key)
  const validators = power === 0 ? others : [...others, { key, power }]
  // Two must remain, so that one that is away does not end the town.
  if (validators.length < 2) return refuse('quorum_broken')
  return [voted, { type: 'validatorsChanged', key, power, validators }]
}

const people: DomainRules = {
  name: 'people',
  tables: peopleTables,
  events: peopleEvents,
  refusals: {},
  uses: [],
  verbs: [
    rule(replaceKey, (_read, { key }, { signer }) => [{ type: 'keyReplaced', did: signer, key }]),
    rule(retireKey, (_read, _args, { signer }) => [{ type: 'keyRetired', did: signer }]),
    rule(voteValidator, decideVote as never),
    rule(scheduleRules, (_read, args) => [{ type: 'rulesScheduled', ...args }]),
  ],
  genesis: ({ identities, committee, members }) => [
    {
      type: 'councilFounded',
      voters: committee.dids,
      validators: members.map(({ logKey }) => ({ key: logKey.x as Hash, power: 1 })),
    },
    ...identities.map(({ did, key, sponsor }) => ({ type: 'personAdded', did, key, sponsor })),
  ],
  apply: (write, event) => applyPeople(write as unknown as Write<typeof peopleTables>, event as PeopleEvent),
}

function applyPeople({ people, council, votes }: Write<typeof peopleTables>, event: PeopleEvent): void {
  switch (event.type) {
    case 'councilFounded':
      council.put('one', { voters: event.voters, validators: event.validators })
      return
    case 'personAdded':
      people.put(event.did, { key: event.key, retired: false, sponsor: event.sponsor })
      return
    case 'keyReplaced':
      people.change(event.did, (person) => ({ ...person, key: event.key }))
      return
    case 'keyRetired':
      people.change(event.did, (person) => ({ ...person, retired: true }))
      return
    case 'voted': {
      const by = votes.get(`${event.key}.${event.power}`)?.by ?? []
      votes.put(`${event.key}.${event.power}`, { by: [...by, event.by] })
      return
    }
    case 'validatorsChanged':
      votes.remove(`${event.key}.${event.power}`)
      council.change('one', (one) => ({ ...one, validators: event.validators }))
      return
    case 'rulesScheduled':
      council.change('one', (one) => ({ ...one, next: { hash: event.hash, fromLeaf: event.fromLeaf } }))
  }
}

const purseTables = { purses: defineTable('By DID, and the chest: what is in it.', s.object({ amount: s.amount() })) }
const purseEvents = defineEvents({
  chestPlaced: {},
  filled: { did: s.did(), amount: s.amount() },
  given: { from: s.did(), to: s.did(), amount: s.positiveAmount(), fee: s.amount() },
})
type PurseEvent = EventOf<typeof purseEvents>

export const give = defineTransaction('purses.give', { to: s.did(), amount: s.positiveAmount() })

/** Gifts under a fee: what makes one version of the rules differ from another in every result. */
function purses(fee: bigint): DomainRules {
  const decideGive: Decide<typeof purseTables, { to: Did; amount: bigint }, PurseEvent> = (
    read,
    args,
    { principal },
  ) => {
    if (!read.purses.has(args.to)) return refuse('purse_not_found')
    if ((read.purses.get(principal)?.amount ?? 0n) < args.amount + fee) return refuse('purse_too_low')
    return [{ type: 'given', from: principal, to: args.to, amount: args.amount, fee }]
  }
  return {
    name: 'purses',
    tables: purseTables,
    events: purseEvents,
    refusals: {},
    uses: [],
    verbs: [rule(give, decideGive as never)],
    genesis: ({ identities }) => [
      { type: 'chestPlaced' },
      ...identities.map(({ did }) => ({ type: 'filled', did, amount: purseAtStart })),
    ],
    apply: (write, event) => applyPurses(write as unknown as Write<typeof purseTables>, event as PurseEvent),
  }
}

function applyPurses({ purses }: Write<typeof purseTables>, event: PurseEvent): void {
  if (event.type === 'chestPlaced') return purses.put(chest, { amount: 0n })
  if (event.type === 'filled') return purses.put(event.did, { amount: event.amount })
  const add = (purse: string, amount: bigint) => purses.change(purse, (held) => ({ amount: held.amount + amount }))
  add(event.from, -event.amount - event.fee)
  add(event.to, event.amount)
  if (event.fee > 0n) add(chest, event.fee)
}

function rule<Args>(
  transaction: TransactionDefinition<Args>,
  decide: (...args: Parameters<Decide<Tables, Args, AnyEvent>>) => readonly unknown[] | { readonly refused: string },
): Verb {
  return { transaction, decide: decide as unknown as Verb['decide'] }
}

/** The town's rules, with a fee or without. */
export function townRules(version: string, fee: bigint): Ruleset {
  return {
    version,
    domains: [people, purses(fee)],
    identity,
    activation: defineReads<typeof peopleTables, { activeRuleset(leafIndex: number): string | undefined }>(
      'people',
      (read) => ({
        activeRuleset: (leafIndex) => {
          const next = read.council.get('one')?.next
          return next !== undefined && next.fromLeaf <= leafIndex ? next.hash : undefined
        },
      }),
    ),
  }
}
