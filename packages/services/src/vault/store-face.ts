/**
 * Where a sealed vault puts its rows: LMDB in the node's folder, PostgreSQL, or S3-compatible storage. A store sees sealed
 * bytes, keyed hashes and random ids, and nothing else.
 */

/** A record as it is stored. */
export interface SealedRow {
  readonly collection: string
  readonly id: string
  /** Place in the collection: a number that grew with each insertion. */
  readonly order: number
  readonly version: number
  /** Keyed hashes of the marks that the record is found by. */
  readonly marks: readonly string[]
  /** The record's own key, wrapped by a master key. */
  readonly key: Uint8Array
  readonly body: Uint8Array
}

export type NewRow = Omit<SealedRow, 'order'>

export interface RowPage {
  /** Rows behind this place, in the direction that is read. */
  readonly after?: number
  readonly limit: number
  readonly newestFirst: boolean
}

/** Each change is whole, and on disk when its promise resolves. */
export interface VaultStore {
  /** False where the id is taken. A row that is restored brings its place along. */
  insert(row: NewRow, order?: number): Promise<boolean>
  get(collection: string, id: string): Promise<SealedRow | undefined>
  /** False unless the stored row has the version before this one's. */
  replace(row: NewRow): Promise<boolean>
  /** Puts a key wrapped anew in the place of the old one; false where the row is gone. */
  rewrap(collection: string, id: string, key: Uint8Array): Promise<boolean>
  remove(collection: string, id: string): Promise<boolean>
  page(collection: string, mark: string | undefined, page: RowPage): Promise<readonly SealedRow[]>
  count(collection: string, mark: string | undefined): Promise<number>
  /** Every row there is, collection by collection. One that cannot be read ends it, or is told where somebody listens. */
  rows(onDamage?: (damaged: VaultDamaged) => void): AsyncIterable<SealedRow>
  /** The vault's own key file, which lies with the rows. */
  readHeader(): Promise<string | undefined>
  writeHeader(header: string): Promise<void>
  close(): Promise<void>
}

/** What has been erased, kept apart from the rows, so that an older copy of them brings nothing back. */
export interface Tombstones {
  /** On disk when it resolves. */
  add(collection: string, id: string): Promise<void>
  all(): Promise<readonly { readonly collection: string; readonly id: string }[]>
  close(): Promise<void>
}

/** A record that cannot be read as it was written: it names which, and never what stood in it. */
export class VaultDamaged extends Error {
  override readonly name = 'VaultDamaged'
  readonly collection: string
  readonly id: string

  constructor(collection: string, id: string, why: string) {
    super(`The record ${id} of ${collection} in the vault is damaged: ${why}. Restore it from a backup.`)
    this.collection = collection
    this.id = id
  }
}

/** There is no room for another change; what was written before is safe and readable. */
export class VaultFull extends Error {
  override readonly name = 'VaultFull'
}

/** The vault does not open: the sentence says what to do. */
export class VaultLocked extends Error {
  override readonly name = 'VaultLocked'
}
