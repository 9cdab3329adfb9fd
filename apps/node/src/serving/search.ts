/** What the search box finds by the names that people know: members, programmes, accounts, types, batches. */
import type { Search, SearchHit } from '@chengxin/api'
import type { Sql } from '@chengxin/module-kit'

interface Place {
  readonly kind: string
  readonly table: string
  readonly id: string
  /** What is searched and shown beside the id; the id itself if absent. */
  readonly label?: string
}

const places: readonly Place[] = [
  { kind: 'member', table: 'governance_members', id: 'member_id', label: 'organisation' },
  { kind: 'proposal', table: 'governance_proposals', id: 'proposal_id' },
  { kind: 'credential-type', table: 'credentials_types', id: 'type_id' },
  { kind: 'batch', table: 'credentials_batches', id: 'batch_id' },
  { kind: 'status-list', table: 'credentials_status_lists', id: 'list_id' },
  { kind: 'program', table: 'points_programs', id: 'program_id' },
  { kind: 'account', table: 'accounts_accounts', id: 'account_id' },
]

const hitsPerPlace = 5

/** Ids are found by how they begin, names by what is in them. */
export const searchByName: Search = async ({ text, sql }) => {
  const wanted = text.trim().toLowerCase()
  if (wanted.length < 2 || wanted.length > 120) return []
  const hits = await Promise.all(places.map((place) => findIn(sql, place, wanted)))
  return hits.flat()
}

async function findIn(sql: Sql, { kind, table, id, label }: Place, wanted: string): Promise<readonly SearchHit[]> {
  // A percent sign or an underscore that was typed means itself.
  const escaped = wanted.replace(/[\\%_]/g, (character) => `\\${character}`)
  const byLabel = label === undefined ? '' : ` OR lower(${label}) LIKE $2`
  const parameters = label === undefined ? [`${escaped}%`] : [`${escaped}%`, `%${escaped}%`]
  const rows = await sql.query(
    `SELECT DISTINCT ${id} AS id, ${label ?? id} AS label FROM ${table} WHERE ${id} LIKE $1${byLabel} ORDER BY 1 LIMIT ${hitsPerPlace}`,
    parameters,
  )
  return rows.map((row) => ({ kind, id: String(row['id']), label: String(row['label']) }))
}
