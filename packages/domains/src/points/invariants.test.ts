/** Whatever people do with points: what is out equals what was issued and not redeemed, and only owners spend. */
import { ruleset } from '@chengxin/domains/ruleset'
import { anna, bo, eve, operator, pointsScene, rival } from '@chengxin/testkit/points-scene'
import { type City, cityStartMs } from '@chengxin/testkit/rules-city'
import { replayEvents } from '@chengxin/testkit/rules-runner'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const people = { anna, bo, eve, operator, rival }
const accountId = fc.constantFrom(
  'account_anna',
  'account_bobo',
  'account_anna-campus',
  'account_city-issuing',
  'account_campus-issuing',
)
const programId = fc.constantFrom('program_city', 'program_campus')
const amount = fc.integer({ min: 1, max: 70 }).map(String)
const holdId = fc.constantFrom('hold_0001', 'hold_0002', 'hold_0003')
const expiresAtMs = fc.integer({ min: 0, max: 60 }).map((ms) => cityStartMs + ms)

const action = fc.oneof(
  fc.record({ type: fc.constant('points.transfer'), args: fc.record({ from: accountId, to: accountId, amount }) }),
  fc.record({ type: fc.constant('points.issue'), args: fc.record({ programId, to: accountId, amount }) }),
  fc.record({ type: fc.constant('points.redeem'), args: fc.record({ programId, from: accountId, amount }) }),
  fc.record({
    type: fc.constant('points.hold'),
    args: fc.record({ holdId, from: accountId, to: accountId, amount, expiresAtMs }),
  }),
  fc.record({ type: fc.constant('points.postHold'), args: fc.record({ holdId, amount }) }),
  fc.record({ type: fc.constantFrom('points.postHold', 'points.voidHold'), args: fc.record({ holdId }) }),
  fc.record({
    type: fc.constantFrom('points.freezeAccount', 'points.unfreezeAccount'),
    args: fc.record({ programId, accountId }),
  }),
)
const transaction = fc.record({
  signer: fc.constantFrom(...(Object.keys(people) as (keyof typeof people)[])),
  actions: fc.array(action, { minLength: 1, maxLength: 3 }),
  passMs: fc.nat(4),
})

test('points: conservation at every prefix, only owners pay, and replay', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 20, maxLength: 60 }), (transactions) => {
      const city = pointsScene()
      for (const { signer, actions, passMs } of transactions) {
        const before = balances(city)
        const timeMs = city.timeMs + passMs
        const outcome = city.transact(people[signer].did, actions, { timeMs })
        const after = balances(city)
        if (typeof outcome === 'string') expect(after).toEqual(before)
        else expectOnlyOwnAccountsPaid(people[signer].did, before, after, actions)
        expect(outstanding(city)).toEqual(issuedAndNotRedeemed(city))
      }
      expect(replayEvents(ruleset, city.events())).toEqual(city.rows())
    }),
    { numRuns: 60 },
  )
})

interface Balance {
  readonly owner: string
  readonly bookId: string
  readonly issuing: boolean
  readonly balance: bigint
  readonly reserved: bigint
}

function balances(city: City): Map<string, Balance> {
  const prefix = 'accounts/accounts/'
  const found = new Map<string, Balance>()
  for (const [key, text] of city.rows()) {
    if (!key.startsWith(prefix)) continue
    const totals = city.rows().get(key.replace(prefix, 'accounts/balances/')) ?? ''
    const row = { ...JSON.parse(text), ...JSON.parse(totals) } as { readonly [name: string]: string }
    const debits = BigInt(row['debitsPosted'] ?? '')
    found.set(key.slice(prefix.length), {
      owner: row['owner'] ?? '',
      bookId: row['bookId'] ?? '',
      issuing: row['limit'] === 'none',
      balance: BigInt(row['creditsPosted'] ?? '') - debits,
      reserved: BigInt(row['debitsPending'] ?? ''),
    })
  }
  return found
}

/** A payee may post what was held for it; nothing else takes from another's account. */
function expectOnlyOwnAccountsPaid(
  signer: string,
  before: Map<string, Balance>,
  after: Map<string, Balance>,
  actions: readonly { readonly type: string }[],
): void {
  if (actions.some(({ type }) => type === 'points.postHold')) return
  for (const [accountId, { owner, balance }] of after) {
    const was = before.get(accountId)?.balance ?? 0n
    if (balance < was) expect(owner).toBe(signer)
  }
}

function outstanding(city: City): Record<string, bigint> {
  const totals: Record<string, bigint> = { book_city: 0n, book_campus: 0n }
  for (const { bookId, issuing, balance } of balances(city).values()) {
    if (!issuing) totals[bookId] = (totals[bookId] ?? 0n) + balance
  }
  return totals
}

function issuedAndNotRedeemed(city: City): Record<string, bigint> {
  const totals: Record<string, bigint> = { book_city: 0n, book_campus: 0n }
  for (const event of city.events()) {
    const bookId = `book_${String(event['programId']).slice('program_'.length)}`
    const amount = () => BigInt(String(event['amount']))
    if (event.type === 'points.issued') totals[bookId] = (totals[bookId] ?? 0n) + amount()
    if (event.type === 'points.redeemed') totals[bookId] = (totals[bookId] ?? 0n) - amount()
  }
  return totals
}
