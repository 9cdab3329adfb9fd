/** What a domain lets others ask, asked of committed rows: the same questions that rules ask, by the same code. */
import type { Json } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import { type DomainRules, Fault, type Read, type ReadsFace, type Ruleset, type Tables } from '@chengxin/module-kit'

/** The answers of a face over a ledger's newest committed state. */
export function committedReads<R>(ledger: Ledger, { domains }: Ruleset, face: ReadsFace<R>): R {
  const domain = domains.find(({ name }) => name === face.domain)
  if (domain === undefined) throw new Error(`The ruleset has no domain ${face.domain}.`)
  return face.make(readOf(ledger, domain))
}

function readOf(ledger: Ledger, { name, tables }: DomainRules): Read<Tables> {
  const entries = Object.entries(tables).map(([table, { row }]) => {
    const get = (key: string): unknown => {
      const stored = ledger.row(`${name}/${table}`, key)
      if (stored === undefined) return undefined
      const decoded = row.decode(stored as Json)
      if (decoded instanceof Fault) throw new Error(`A row of ${name}/${table} departs from its schema: ${decoded.at}.`)
      return decoded
    }
    return [table, { get, has: (key: string) => ledger.row(`${name}/${table}`, key) !== undefined }] as const
  })
  return Object.fromEntries(entries)
}
