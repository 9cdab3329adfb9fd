/** Transactions from the read model, newest first, by party and by type. */
import type { Sql, SqlValue } from '@chengxin/module-kit'

const usualLimit = 50

export async function listTransactions(sql: Sql, query: { readonly [name: string]: string | undefined }) {
  const limit = Number(query['limit'] ?? usualLimit)
  const before = query['before'] === undefined ? 2n ** 62n : BigInt(query['before'])
  const { text, parameters } = statementOf(query['did'], query['type'])
  // One row more than asked tells whether there is a next page.
  const rows = await sql.query(text, [before, limit + 1, ...parameters])
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const next = rows.length > limit && last !== undefined ? String(last['leaf_index']) : undefined
  return { transactions: shown.map(summaryOf), next }
}

const columns = 'leaf_index, id, height, position, time_ms, code, signer, types, events'

/**
 * A DID's transactions stand in two places (signers with the transaction, other parties beside it), and so do types. Each
 * place gives its newest few by index; the newest of these are the page, so that no filter ever reads a long list.
 */
function statementOf(did: string | undefined, type: string | undefined) {
  const ofType = typeCondition(did === undefined ? 3 : 4)
  if (did === undefined && type === undefined) {
    const text = `SELECT ${columns} FROM ledger_transactions WHERE leaf_index < $1 ORDER BY leaf_index DESC LIMIT $2`
    return { text, parameters: [] }
  }
  const leaves = did === undefined ? leavesOfType : leavesOfParty(type === undefined ? '' : ofType)
  const text = `SELECT ${columns} FROM ledger_transactions WHERE leaf_index IN (${leaves}) ORDER BY leaf_index DESC LIMIT $2`
  const parameters: readonly SqlValue[] = [did, type].filter((value) => value !== undefined)
  return { text, parameters }
}

const leavesOfType = `
  (SELECT leaf_index FROM ledger_transactions WHERE type = $3 AND leaf_index < $1 ORDER BY leaf_index DESC LIMIT $2)
  UNION
  (SELECT leaf_index FROM ledger_further_types WHERE type = $3 AND leaf_index < $1 ORDER BY leaf_index DESC LIMIT $2)`

function leavesOfParty(andOfType: string): string {
  return `
  (SELECT t.leaf_index FROM ledger_transactions t WHERE t.signer = $3 AND t.leaf_index < $1 ${andOfType} ORDER BY t.leaf_index DESC LIMIT $2)
  UNION
  (SELECT p.leaf_index FROM ledger_further_parties p JOIN ledger_transactions t ON t.leaf_index = p.leaf_index
    WHERE p.did = $3 AND p.leaf_index < $1 ${andOfType} ORDER BY p.leaf_index DESC LIMIT $2)`
}

function typeCondition(parameter: number): string {
  return `AND (t.type = $${parameter} OR EXISTS (
    SELECT 1 FROM ledger_further_types f WHERE f.type = $${parameter} AND f.leaf_index = t.leaf_index))`
}

function summaryOf(row: { readonly [column: string]: SqlValue }) {
  const events = row['events']
  return {
    id: row['id'],
    height: Number(row['height']),
    position: Number(row['position']),
    leafIndex: Number(row['leaf_index']),
    timeMs: Number(row['time_ms']),
    code: row['code'],
    signer: row['signer'],
    types: JSON.parse(String(row['types'])) as unknown,
    events: typeof events === 'string' ? (JSON.parse(events) as unknown) : undefined,
  }
}
