/**
 * The rows that rules see while a block runs: what earlier transactions of the block wrote, over a bounded cache, over
 * the store. A transaction's writes go straight into the view and are undone from a journal when it is refused, which
 * is rarer than reading.
 *
 * Every row is the decoded form of its stored text, whether it was just written or read from disk. So a rule cannot
 * tell, by an undefined member or an order of names, what this node happens to have in memory.
 */
import { compareText, type Json } from '@chengxin/kernel'
import type { Read, Schema, TableRead, Tables, TableWrite, Write } from '@chengxin/module-kit'
import { ObjectSpelling } from './object-spelling.ts'
import type { RulesIndex } from './rules-index.ts'

export interface RowSource {
  /** The stored text of a row under `<domain>/<table>/<key>`. */
  row(key: string): string | undefined
}

export interface RowText {
  readonly key: string
  /** Canonical JSON, or undefined for a removed row. */
  readonly text: string | undefined
}

export interface RowWrite extends RowText {
  /** Canonical `[key, text | null]`: what is hashed. */
  readonly spelled: string
}

/** Stands in a cell for a row that does not exist, so that absence is remembered too. */
const absent = Symbol('absent')
/** Stands in a cell whose row nobody has asked for yet. */
const unread = Symbol('unread')
type Held = unknown

/** A row's place in the view: found once by its key, and from then on known by itself. */
interface Cell {
  readonly table: RowTable
  readonly key: string
  /** `<domain>/<table>/<key>` */
  readonly name: string
  /** `["name",` as the hash of writes has it, from the first write on. */
  opening: string
  held: Held
  /** What it held before the running transaction, while the journal lists it. */
  before: Held
  isJournaled: boolean
  /** Its text after the last transaction of the running block that changed it, while it is pending. */
  text: string | undefined
  isPending: boolean
}

export class RowView {
  readonly #source: RowSource
  readonly #capacity: number
  readonly #tables: RowTable[] = []
  readonly #domains = new Map<string, { readonly read: Read<Tables>; readonly write: Write<Tables> }>()
  /** Rows that the running transaction has changed. */
  #journal: Cell[] = []
  /** Rows that earlier transactions of the running block have changed. */
  #pending: Cell[] = []
  /** Texts of the running block from before its rules changed; almost always empty. */
  readonly #carried = new Map<string, string | undefined>()
  /** Rows cached since the generations last moved on. */
  cached = 0

  constructor(source: RowSource, capacity: number) {
    this.#source = source
    this.#capacity = capacity
  }

  /** Rows are decoded by the schemas of these rules from now on; what is cached in the form of others is dropped. */
  useRules(rules: RulesIndex): void {
    for (const { name, text } of this.#pending) this.#carried.set(name, text)
    this.#pending = []
    this.#tables.length = 0
    this.#domains.clear()
    this.cached = 0
    for (const { name, tables } of rules.domains.values()) {
      const made = Object.entries(tables).map(
        ([table, { row }]) => [table, new RowTable(this, `${name}/${table}/`, row, rules)] as const,
      )
      this.#tables.push(...made.map(([, table]) => table))
      const read = made.map(([table, rows]) => [table, Object.freeze(new RowReader(rows))] as const)
      this.#domains.set(name, {
        read: Object.freeze(Object.fromEntries(read)) as Read<Tables>,
        write: Object.freeze(Object.fromEntries(made)) as Write<Tables>,
      })
    }
  }

  of(domain: string): { readonly read: Read<Tables>; readonly write: Write<Tables> } {
    const tables = this.#domains.get(domain)
    if (tables === undefined) throw new Error(`No domain is named ${domain}.`)
    return tables
  }

  /** The text of a row that is not cached. */
  textOf(name: string): string | undefined {
    return this.#carried.has(name) ? this.#carried.get(name) : this.#source.row(name)
  }

  record(cell: Cell): void {
    cell.isJournaled = true
    cell.before = cell.held
    this.#journal.push(cell)
  }

  /** Takes back everything since the last `keep`. */
  undo(): void {
    for (const cell of this.#journal) {
      cell.held = cell.before
      cell.isJournaled = false
    }
    this.#journal = []
  }

  /** Makes the transaction's writes part of the block; they come back sorted by key, one per row. */
  keep(): readonly RowWrite[] {
    if (this.#journal.length === 0) return []
    const writes: RowWrite[] = []
    for (const cell of this.#journal) {
      cell.isJournaled = false
      writes.push(this.#write(cell))
    }
    this.#journal = []
    return writes.length === 1 ? writes : sortByKey(writes)
  }

  #write(cell: Cell): RowWrite {
    const { name, held, table } = cell
    if (cell.opening === '') cell.opening = `[${JSON.stringify(name)},`
    if (!cell.isPending) {
      cell.isPending = true
      this.#pending.push(cell)
    }
    if (held === absent) {
      cell.text = undefined
      return { key: name, text: undefined, spelled: `${cell.opening}null]` }
    }
    const { spelling } = table
    spelling.spell(held as object)
    cell.text = spelling.text
    return { key: name, text: spelling.text, spelled: `${cell.opening}${spelling.quoted}]` }
  }

  /** What the block has written so far: the last text of each row. */
  pendingWrites(): readonly RowText[] {
    const writes = this.#pending.map(({ name, text }): RowText => ({ key: name, text }))
    if (this.#carried.size === 0) return writes
    const last = new Map(this.#carried)
    for (const { key, text } of writes) last.set(key, text)
    return Array.from(last, ([key, text]) => ({ key, text }))
  }

  /** The block is stored: what it wrote is now ordinary cache. */
  settle(): void {
    for (const cell of this.#pending) {
      cell.isPending = false
      cell.text = undefined
    }
    this.#pending = []
    this.#carried.clear()
    if (this.cached < this.#capacity / 2) return
    // Two generations instead of an exact order of use: what nobody asked for since the last turn is dropped whole.
    for (const table of this.#tables) table.age()
    this.cached = 0
  }

  /** The block is not stored: nothing of it may be seen again. */
  discard(): void {
    this.#journal = []
    this.#pending = []
    this.#carried.clear()
    for (const table of this.#tables) table.clear()
    this.cached = 0
  }
}

class RowTable implements TableWrite<unknown> {
  readonly spelling: ObjectSpelling
  readonly #view: RowView
  readonly #prefix: string
  readonly #schema: Schema<unknown>
  readonly #rules: RulesIndex
  #young = new Map<string, Cell>()
  #old = new Map<string, Cell>()

  constructor(view: RowView, prefix: string, schema: Schema<unknown>, rules: RulesIndex) {
    this.#view = view
    this.#prefix = prefix
    this.#schema = schema
    this.#rules = rules
    this.spelling = new ObjectSpelling(schema.json)
  }

  get(key: string): unknown {
    const { held } = this.#readCell(key)
    return held === absent ? undefined : held
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  put(key: string, row: unknown): void {
    this.#write(this.#cell(key), this.#decode(key, row as Json))
  }

  change(key: string, change: (row: unknown) => unknown): void {
    const cell = this.#readCell(key)
    if (cell.held === absent) throw new Error(`An event changes ${this.#prefix}${key}, which does not exist.`)
    this.#write(cell, this.#decode(key, change(cell.held) as Json))
  }

  remove(key: string): void {
    this.#write(this.#cell(key), absent)
  }

  #write(cell: Cell, held: Held): void {
    if (!cell.isJournaled) this.#view.record(cell)
    cell.held = held
  }

  /** The cell of a row, which may be unread. */
  #cell(key: string): Cell {
    return this.#young.get(key) ?? this.#recall(key)
  }

  #readCell(key: string): Cell {
    const cell = this.#cell(key)
    if (cell.held === unread) cell.held = this.#read(cell)
    return cell
  }

  #recall(key: string): Cell {
    const cell: Cell = this.#old.get(key) ?? {
      table: this,
      key,
      name: this.#prefix + key,
      opening: '',
      held: unread,
      before: unread,
      isJournaled: false,
      text: undefined,
      isPending: false,
    }
    this.#young.set(key, cell)
    this.#view.cached++
    return cell
  }

  #read({ key, name }: Cell): Held {
    const text = this.#view.textOf(name)
    return text === undefined ? absent : this.#decode(key, JSON.parse(text) as Json)
  }

  #decode(key: string, value: Json): unknown {
    const row = this.#schema.decode(value)
    if (this.#rules.isFault(row)) {
      throw new Error(`${this.#prefix}${key} does not fit its schema: ${row.expected} at "${row.at}".`)
    }
    return freezeDeeply(row)
  }

  age(): void {
    this.#old = this.#young
    this.#young = new Map()
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}

/** The half of a table that a rule may hold: it can ask and not write. */
class RowReader implements TableRead<unknown> {
  readonly #table: RowTable
  constructor(table: RowTable) {
    this.#table = table
  }
  get(key: string): unknown {
    return this.#table.get(key)
  }
  has(key: string): boolean {
    return this.#table.has(key)
  }
}

function sortByKey(writes: RowWrite[]): readonly RowWrite[] {
  if (writes.length > 2) return writes.sort((left, right) => compareText(left.key, right.key))
  // A payment writes two rows, and sorting two as many costs more than spelling them.
  const [first, second] = writes as [RowWrite, RowWrite]
  return first.key < second.key ? writes : [second, first]
}

/** Rows are shared by all transactions that read them, so a rule that writes into one must fail at once. */
function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const name in value) if (typeof value[name] === 'object') freezeDeeply(value[name])
  return Object.freeze(value)
}
