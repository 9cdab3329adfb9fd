/** Whatever domains do with accounts, in whatever order: nothing is made or lost, and nobody spends what is not there. */
import { ruleset } from '@chengxin/domains/ruleset'
import { accountsScene } from '@chengxin/testkit/accounts-scene'
import { actor, type City, cityStartMs } from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Account, Balance, Hold } from './types.ts'

const account = fc.oneof(
  { arbitrary: fc.constantFrom('account_bank', 'account_anna', 'account_bobo'), weight: 12 },
  { arbitrary: fc.constantFrom('account_foreign', 'account_owner', 'account_none'), weight: 1 },
)
const holdId = fc.nat(9).map((number) => `hold_nr-${number}`)
const amount = fc.oneof(
  { arbitrary: fc.bigInt(1n, 60n), weight: 12 },
  { arbitrary: fc.constant(2n ** 63n - 1n), weight: 1 },
)
const expiresAtMs = fc.integer({ min: 0, max: 200 })

const command = fc.oneof(
  { arbitrary: fc.record({ verb: fc.constant('transfer'), from: account, to: account, amount }), weight: 4 },
  {
    arbitrary: fc.record({ verb: fc.constant('hold'), holdId, from: account, to: account, amount, expiresAtMs }),
    weight: 5,
  },
  {
    arbitrary: fc.record({ verb: fc.constant('postHold'), holdId, amount: fc.option(amount, { nil: undefined }) }),
    weight: 4,
  },
  { arbitrary: fc.record({ verb: fc.constant('voidHold'), holdId }), weight: 3 },
  {
    arbitrary: fc.record({ verb: fc.constantFrom('freezeAccount', 'unfreezeAccount'), accountId: account }),
    weight: 1,
  },
)
const by = fc.constantFrom('till', 'till', 'till', 'till', 'till', 'till', 'till', 'thief', 'owner')
const step = fc.record({ command, passMs: fc.nat(5), by })

test('accounts: conservation, limits and holds at every prefix, and replay', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const { city, run } = accountsScene()
      for (const { command, passMs, by } of steps) {
        const { verb, ...wanted } = command as { verb: string; holdId?: string; from?: string; accountId?: string }
        city.passTo(city.timeMs + passMs)
        const pending = wanted.holdId && rowsOf<Hold>(city, 'holds').get(wanted.holdId)
        const subject = wanted.from ?? wanted.accountId ?? (pending ? pending.from : 'account_anna')
        const caller =
          by === 'owner' ? { capability: undefined as never, principal: actor('owner').did } : { domain: by }
        run(verb, inTime(wanted), subject, caller)
        expectSound(city)
      }
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 60 },
  )
})

function inTime(wanted: object): object {
  const { expiresAtMs, ...rest } = wanted as { expiresAtMs?: number; amount?: bigint | undefined }
  if (rest.amount === undefined) delete rest.amount
  return expiresAtMs === undefined ? rest : { ...rest, expiresAtMs: cityStartMs + expiresAtMs }
}

function rowsOf<Row>(city: City, table: string): Map<string, Row> {
  const { row } = ruleset.domains.find(({ name }) => name === 'accounts')?.tables[table] ?? { row: undefined }
  const prefix = `accounts/${table}/`
  return new Map(
    [...city.rows()]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), row?.decode(JSON.parse(text)) as Row]),
  )
}

function expectSound(city: City): void {
  const balances = rowsOf<Balance>(city, 'balances')
  const accounts = new Map(
    [...rowsOf<Account>(city, 'accounts')].map(
      ([id, row]) => [id, { ...row, ...(balances.get(id) as Balance) }] as const,
    ),
  )
  const pending = [...rowsOf<Hold>(city, 'holds').values()].filter(({ status }) => status === 'pending')
  const sumOf = <T>(items: Iterable<T>, of: (item: T) => bigint) => [...items].reduce((sum, item) => sum + of(item), 0n)
  for (const bookId of ['book_till', 'book_foreign']) {
    const inBook = [...accounts.values()].filter((row) => row.bookId === bookId)
    expect(sumOf(inBook, (row) => row.debitsPosted)).toBe(sumOf(inBook, (row) => row.creditsPosted))
    expect(sumOf(inBook, (row) => row.debitsPending)).toBe(sumOf(inBook, (row) => row.creditsPending))
  }
  for (const [accountId, row] of accounts) {
    expect(row.debitsPending).toBe(
      sumOf(
        pending.filter(({ from }) => from === accountId),
        (hold) => hold.amount,
      ),
    )
    expect(row.creditsPending).toBe(
      sumOf(
        pending.filter(({ to }) => to === accountId),
        (hold) => hold.amount,
      ),
    )
    expect(row.debitsPosted + row.debitsPending <= 2n ** 63n - 1n).toBe(true)
    expect(row.creditsPosted + row.creditsPending <= 2n ** 63n - 1n).toBe(true)
    if (row.limit !== 'none') expect(row.debitsPosted + row.debitsPending <= row.creditsPosted).toBe(true)
  }
}
