/** What the search box finds by the names that people know: members, programmes, accounts, types, batches. */
import type { Search, SearchHit } from '@chengxin/api'
import type { Sql } from '@chengxin/module-kit'

interface Place {
  readonly kind: string
  readonly table: string
  readonly id: string
  /** What is searched and shown beside the id; the id itself if absent. */
  readonly label?: string
  /** There may be millions: found by the whole id alone, which an index answers. */
  readonly isLarge?: boolean
}

const places: readonly Place[] = [
  { kind: 'member', table: 'governance_members', id: 'member_id', label: 'organisation' },
  { kind: 'proposal', table: 'governance_proposals', id: 'proposal_id', isLarge: true },
  { kind: 'credential-type', table: 'credentials_types', id: 'type_id' },
  { kind: 'batch', table: 'credentials_batches', id: 'batch_id', isLarge: true },
  { kind: 'status-list', table: 'credentials_status_lists', id: 'list_id', isLarge: true },
  { kind: 'program', table: 'points_programs', id: 'program_id' },
  { kind: 'account', table: 'accounts_accounts', id: 'account_id', isLarge: true },
]

/** Names are found by what is in them, ids by how they begin, or whole where there are many. */
export const searchByName: Search = async ({ text, sql }) => {
  const wanted = text.trim().toLowerCase()
  if (wanted.length < 2 || wanted.length > 120) return []
  const hits = await Promise.all(places.map((place) => findIn(sql, place, wanted)))
  return hits.flat()
}

async function findIn(
  sql: Sql,
  { kind, table, id, label = id, isLarge }: Place,
  wanted: string,
): Promise<readonly SearchHit[]> {
  const columns = `SELECT DISTINCT ${id} AS id, ${label} AS label FROM ${table}`
  const rows = isLarge
    ? await sql.query(`${columns} WHERE ${id} = $1`, [wanted])
    : await sql.query(`${columns} WHERE strpos(lower(${label}), $1) > 0 OR strpos(${id}, $1) = 1 ORDER BY 1 LIMIT 5`, [
        wanted,
      ])
  return rows.map((row) => ({ kind, id: String(row['id']), label: String(row['label']) }))
}
