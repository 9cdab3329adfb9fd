/** Rows of records: a table at desk width, one card a row on a phone. One markup for both, so that nothing is read twice. */
import type { ReactElement, ReactNode } from 'react'
import './record-list.css'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the end, so that digits line up. */
  readonly numeric?: boolean
  /** The head of the card on a phone. */
  readonly lead?: boolean
}

export interface RecordListProps<Row> {
  /** What the list is, for those who hear it. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
}

export function RecordList<Row>({ caption, columns, rows, rowKey }: RecordListProps<Row>): ReactElement {
  return (
    <div className="records">
      {/* Shown as blocks on a phone, a table loses its roles: they are said again. */}
      <table role="table" aria-label={caption}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" className={column.numeric ? 'numeric' : undefined}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map((column) => (
                <td
                  key={column.key}
                  role="cell"
                  data-label={column.lead ? undefined : column.header}
                  className={[column.numeric ? 'numeric' : '', column.lead ? 'lead' : ''].join(' ').trim() || undefined}
                >
                  <div className="cell">{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
