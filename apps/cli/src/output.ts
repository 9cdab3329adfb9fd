/**
 * Two ways to say the same: for people, aligned plain text with colour on a terminal alone; for programs, one JSON object
 * a line. A command says what it found and leaves the form to this.
 */
export type Value =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value }
export type Facts = { readonly [name: string]: Value }
export type Tone = 'good' | 'bad' | 'unsure' | 'quiet' | 'strong'

export interface Output {
  readonly isJson: boolean
  /** One thing found. People see a line a member, unless `told` says it better. */
  facts(facts: Facts, told?: string): void
  /** Many things of a kind: columns name members; the others are for programs alone. */
  table(rows: readonly Facts[], columns: readonly string[], none: string): void
  /** For people alone. */
  line(text: string): void
  paint(tone: Tone, text: string): string
}

interface Stream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Select Graphic Rendition (ECMA-48): green, red, yellow, faint, bold. */
const renditions = { good: 32, bad: 31, unsure: 33, quiet: 2, strong: 1 } as const

export interface OutputOptions {
  readonly isJson: boolean
  readonly noColor: boolean
}

export function createOutput(stream: Stream, { isJson, noColor }: OutputOptions): Output {
  const hasColour = stream.isTTY === true && !noColor && !isJson
  const write = (text: string) => void stream.write(`${text}\n`)
  const paint = (tone: Tone, text: string) => (hasColour ? `\u001B[${renditions[tone]}m${text}\u001B[0m` : text)
  return {
    isJson,
    paint,
    facts(facts, told) {
      if (isJson) write(JSON.stringify(facts, decimal))
      else write(told ?? alignedFacts(facts, paint))
    },
    table(rows, columns, none) {
      if (isJson) for (const row of rows) write(JSON.stringify(row, decimal))
      else write(rows.length === 0 ? none : alignedTable(rows, columns, paint))
    },
    line(text) {
      if (!isJson) write(text)
    },
  }
}

type Paint = Output['paint']

function alignedFacts(facts: Facts, paint: Paint): string {
  const present = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(...present.map(([name]) => name.length))
  return present.map(([name, value]) => `${paint('quiet', name.padEnd(width))}  ${shown(value)}`).join('\n')
}

function alignedTable(rows: readonly Facts[], columns: readonly string[], paint: Paint): string {
  const cells = rows.map((row) => columns.map((column) => shown(row[column])))
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((row) => (row[at] as string).length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd()
  return [paint('quiet', line(columns)), ...cells.map(line)].join('\n')
}

function shown(value: Value): string {
  if (value === undefined || value === null) return '-'
  return typeof value === 'object' ? JSON.stringify(value, decimal) : String(value)
}

function decimal(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
