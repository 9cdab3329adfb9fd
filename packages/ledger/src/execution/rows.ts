/**
 * The rows that rules see while a block runs: what earlier transactions of the block wrote, over a bounded cache, over
 * the store. A transaction's writes go straight into the view and are undone from a journal when it is refused, which
 * is rarer than reading.
 *
 * Every row is the decoded form of its stored text, whether it was just written or read from disk. So a rule cannot
 * tell, by an undefined member or an order of names, what this node happens to have in memory.
 */
import { canonicalize, compareText, type Json } from '@chengxin/kernel'
import type { Read, Schema, TableRead, Tables, TableWrite, Write } from '@chengxin/module-kit'
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

/** Stands in a cache for a row that does not exist, so that absence is remembered too. */
const absent = Symbol('absent')
type Held = unknown

interface Change {
  readonly table: RowTable
  readonly key: string
  /** What the cache held before, or undefined when it held nothing. */
  readonly before: Held
}

export class RowView {
  readonly #source: RowSource
  readonly #capacity: number
  readonly #tables: RowTable[] = []
  readonly #domains = new Map<string, { readonly read: Read<Tables>; readonly write: Write<Tables> }>()
  /** First change of each row by the running transaction. */
  readonly #journal = new Map<string, Change>()
  /** Texts that earlier transactions of the running block left. */
  readonly #pending = new Map<string, string | undefined>()
  /** Rows cached since the generations last moved on. */
  cached = 0

  constructor(source: RowSource, capacity: number) {
    this.#source = source
    this.#capacity = capacity
  }

  /** Rows are decoded by the schemas of these rules from now on; what is cached in the form of others is dropped. */
  useRules(rules: RulesIndex): void {
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

  textOf(key: string): string | undefined {
    return this.#pending.has(key) ? this.#pending.get(key) : this.#source.row(key)
  }

  record(name: string, change: Change): void {
    if (!this.#journal.has(name)) this.#journal.set(name, change)
  }

  /** Takes back everything since the last `keep`. */
  undo(): void {
    for (const { table, key, before } of this.#journal.values()) table.restore(key, before)
    this.#journal.clear()
  }

  /** Makes the transaction's writes part of the block; they come back sorted by key, one per row. */
  keep(): readonly RowText[] {
    if (this.#journal.size === 0) return []
    const writes: RowText[] = []
    for (const [name, { table, key }] of this.#journal) {
      const row = table.get(key)
      const text = row === undefined ? undefined : canonicalize(row)
      writes.push({ key: name, text })
      this.#pending.set(name, text)
    }
    this.#journal.clear()
    return writes.length === 1 ? writes : writes.sort((left, right) => compareText(left.key, right.key))
  }

  /** What the block has written so far: the last text of each row. */
  pendingWrites(): readonly RowText[] {
    return Array.from(this.#pending, ([key, text]) => ({ key, text }))
  }

  /** The block is stored: what it wrote is now ordinary cache. */
  settle(): void {
    this.#pending.clear()
    if (this.cached < this.#capacity / 2) return
    // Two generations instead of an exact order of use: what nobody asked for since the last turn is dropped whole.
    for (const table of this.#tables) table.age()
    this.cached = 0
  }

  /** The block is not stored: nothing of it may be seen again. */
  discard(): void {
    this.#journal.clear()
    this.#pending.clear()
    for (const table of this.#tables) table.clear()
    this.cached = 0
  }
}

class RowTable implements TableWrite<unknown> {
  readonly #view: RowView
  readonly #prefix: string
  readonly #schema: Schema<unknown>
  readonly #rules: RulesIndex
  #young = new Map<string, Held>()
  #old = new Map<string, Held>()

  constructor(view: RowView, prefix: string, schema: Schema<unknown>, rules: RulesIndex) {
    this.#view = view
    this.#prefix = prefix
    this.#schema = schema
    this.#rules = rules
  }

  get(key: string): unknown {
    const held = this.#young.get(key) ?? this.#recall(key)
    return held === absent ? undefined : held
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  put(key: string, row: unknown): void {
    this.#write(key, this.#decode(key, row as Json))
  }

  change(key: string, change: (row: unknown) => unknown): void {
    const row = this.get(key)
    if (row === undefined) throw new Error(`An event changes ${this.#prefix}${key}, which does not exist.`)
    this.put(key, change(row))
  }

  remove(key: string): void {
    this.#write(key, absent)
  }

  #write(key: string, held: Held): void {
    const before = this.#young.get(key) ?? this.#old.get(key)
    this.#view.record(this.#prefix + key, { table: this, key, before })
    if (before === undefined) this.#view.cached++
    this.#young.set(key, held)
  }

  #recall(key: string): Held {
    let held = this.#old.get(key)
    if (held === undefined) {
      const text = this.#view.textOf(this.#prefix + key)
      held = text === undefined ? absent : this.#decode(key, JSON.parse(text) as Json)
    }
    this.#young.set(key, held)
    this.#view.cached++
    return held
  }

  #decode(key: string, value: Json): unknown {
    const row = this.#schema.decode(value)
    if (this.#rules.isFault(row)) {
      throw new Error(`${this.#prefix}${key} does not fit its schema: ${row.expected} at "${row.at}".`)
    }
    return freezeDeeply(row)
  }

  restore(key: string, before: Held): void {
    if (before === undefined) {
      this.#young.delete(key)
      this.#old.delete(key)
    } else this.#young.set(key, before)
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

/** Rows are shared by all transactions that read them, so a rule that writes into one must fail at once. */
function freezeDeeply<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const name in value) freezeDeeply(value[name])
  }
  return value
}
