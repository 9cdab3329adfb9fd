/** The part of docs/DATA.md that lists the rows of state, written from the tables that domains declare. */
import type { DomainRules, JsonSchema } from '@chengxin/module-kit'

export const rowsBegin = '<!-- rows: written from the code by tests/documents -->'
export const rowsEnd = '<!-- end of rows -->'

export function renderRows(domains: readonly DomainRules[]): string {
  const sections = domains.map(({ name, tables }) => {
    const rows = Object.entries(tables).map(
      ([table, { about, row }]) => `| \`${name}/${table}\` | ${about} | ${membersOf(row.json)} |`,
    )
    return [`### ${name}`, '', '| table | key and meaning | members of a row |', '|---|---|---|', ...rows].join('\n')
  })
  return `${rowsBegin}\n\n${sections.join('\n\n')}\n\n${rowsEnd}`
}

function membersOf(json: JsonSchema): string {
  const variants = json['oneOf']
  const shapes = (Array.isArray(variants) ? variants : [json]) as readonly JsonSchema[]
  const names = new Set(shapes.flatMap((shape) => Object.keys((shape['properties'] ?? {}) as object)))
  return names.size === 0 ? 'one value' : [...names].map((name) => `\`${name}\``).join(', ')
}
