import { type Route, s } from '@chengxin/module-kit'
import { amount, answerShape, flag, integer, optional, text } from '../answers.ts'
import { newestFirst, newestPage, pageSchema } from '../paging.ts'
import { eventsOfOneLeaf } from '../sequence.ts'

const programShape = answerShape({
  programId: text('program_id'),
  unit: text('unit'),
  operator: text('operator'),
  issuingAccountId: text('issuing_account_id'),
  issued: amount('issued'),
  redeemed: amount('redeemed'),
  createdAtMs: integer('created_at_ms'),
})

const accountShape = answerShape({
  accountId: text('account_id'),
  programId: text('program_id'),
  unit: text('unit'),
  owner: text('owner'),
  issuing: flag('issuing'),
  frozen: flag('frozen'),
  /** Received less paid, holds left aside. */
  balance: amount('balance'),
  /** What can be paid now: received, less paid and held. Below zero for an issuing account: what is outstanding. */
  available: amount('available'),
  held: amount('debits_pending'),
  incoming: amount('credits_pending'),
  received: amount('credits_posted'),
  paid: amount('debits_posted'),
  openedAtMs: integer('opened_at_ms'),
})

const accountsOfPrograms = `(
  SELECT a.*, p.program_id, p.unit, a.balance_limit = 'none' AS issuing, a.credits_posted - a.debits_posted AS balance,
    a.credits_posted - a.debits_posted - a.debits_pending AS available
  FROM accounts_accounts a JOIN points_programs p ON p.book_id = a.book_id
) t`

const transferShape = answerShape({
  kind: text('kind', { enum: ['transferred', 'holdPosted', 'issued', 'redeemed'] }),
  from: text('from_account'),
  to: text('to_account'),
  amount: amount('amount'),
  unit: text('unit'),
  timeMs: integer('at_ms'),
  holdId: optional(text('hold_id')),
  transactionId: optional(text('transaction_id')),
  eventIndex: integer('event_index'),
})

const holdShape = answerShape({
  holdId: text('hold_id'),
  from: text('from_account'),
  to: text('to_account'),
  amount: amount('amount'),
  unit: text('unit'),
  posted: amount('posted'),
  status: text('status', { enum: ['pending', 'posted', 'voided', 'expired'] }),
  heldAtMs: integer('held_at_ms'),
  expiresAtMs: integer('expires_at_ms'),
  closedAtMs: optional(integer('closed_at_ms')),
})

const accountParameter = { schema: { type: 'string' }, about: 'Only those from or to this account.' } as const

/** Both sides of an account by one index each; without an account, everything. `more` are further columns. */
function movements(table: string, more = ''): string {
  return `(
    SELECT m.*, p.unit${more} FROM (
      SELECT * FROM ${table} WHERE $3::text IS NULL
      UNION ALL SELECT * FROM ${table} WHERE from_account = $3
      UNION ALL SELECT * FROM ${table} WHERE to_account = $3
    ) m
    JOIN accounts_accounts a ON a.account_id = m.from_account
    JOIN points_programs p ON p.book_id = a.book_id
  ) t`
}

const transfers = movements(
  'accounts_transfers',
  `, m.seq % ${eventsOfOneLeaf} AS event_index, CASE
    WHEN m.hold_id IS NOT NULL THEN 'holdPosted'
    WHEN m.from_account = p.issuing_account_id THEN 'issued'
    WHEN m.to_account = p.issuing_account_id THEN 'redeemed'
    ELSE 'transferred' END AS kind`,
)

export const routes: readonly Route[] = [
  {
    path: '/points/programs',
    summary: 'Programmes of points, newest first, with what was issued and redeemed.',
    query: newestFirst,
    access: 'policy',
    response: pageSchema('programs', programShape.schema),
    answer: (request) => newestPage(request, 'programs', programShape, 'points_programs t'),
  },
  {
    path: '/points/accounts',
    summary: 'Accounts of points, newest first.',
    query: {
      ...newestFirst,
      owner: { schema: { type: 'string' }, about: 'Only those of this DID.' },
      programId: { schema: { type: 'string' }, about: 'Only those of this programme.' },
    },
    access: 'policy',
    response: pageSchema('accounts', accountShape.schema),
    answer: (request) =>
      newestPage(
        request,
        'accounts',
        accountShape,
        accountsOfPrograms,
        ['($3::text IS NULL OR t.owner = $3)', '($4::text IS NULL OR t.program_id = $4)'],
        [request.query['owner'] ?? null, request.query['programId'] ?? null],
      ),
  },
  {
    path: '/points/accounts/:accountId',
    summary: 'One account with its balance.',
    params: { accountId: s.id('account') },
    access: 'policy',
    response: accountShape.schema,
    async answer({ sql, params }) {
      const statement = `SELECT ${accountShape.columns('t')} FROM ${accountsOfPrograms} WHERE t.account_id = $1`
      const [account] = await sql.query(statement, [params['accountId'] ?? ''])
      return account && accountShape.read(account)
    },
  },
  {
    path: '/points/transfers',
    summary: 'Movements of points, newest first.',
    query: { ...newestFirst, account: accountParameter },
    access: 'policy',
    response: pageSchema('transfers', transferShape.schema),
    answer: (request) =>
      newestPage(request, 'transfers', transferShape, transfers, [], [request.query['account'] ?? null]),
  },
  {
    path: '/points/holds',
    summary: 'Points held for somebody, newest first.',
    query: { ...newestFirst, account: accountParameter },
    access: 'policy',
    response: pageSchema('holds', holdShape.schema),
    answer: (request) =>
      newestPage(request, 'holds', holdShape, movements('accounts_holds'), [], [request.query['account'] ?? null]),
  },
]
