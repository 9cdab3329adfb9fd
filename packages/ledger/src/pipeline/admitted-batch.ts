/**
 * Admitted transactions on their way from an admission thread to execution: one run of bytes and one table of numbers for
 * a batch. As objects and texts each would be copied again and again by the collector while it waits for its block; as
 * bytes it lies outside what the collector moves.
 */
import type { Did, TransactionId } from '@chengxin/kernel'
import type { Admitted } from '../admission/admitted.ts'

/** Whose key has signed: the same for all transactions of a signer, so told once. */
export interface SignerKey {
  readonly signer: Did
  readonly keyId: string
  readonly keyName: string
}

export interface AdmittedBatch {
  /** Batches are numbered over all admission threads, so that execution can queue them in the order of submission. */
  readonly batch: number
  readonly count: number
  /** Rows of `columns` numbers, one a transaction. */
  readonly table: Float64Array
  /** For each transaction its id, nonce key, envelope and actions, one after the other. */
  readonly texts: Uint8Array
  /** Keys that this thread tells of for the first time; `restart`: it begins to count anew. */
  readonly keys: readonly SignerKey[]
  readonly restart: boolean
}

/** What a row of the table says. */
const column = { ticket: 0, key: 1, notAfter: 2, start: 3, nonceKeyEnd: 4, jwsEnd: 5, actionsEnd: 6 } as const
const columns = 7
const idChars = 43
/** Keys that a thread tells of before it counts anew: bounds what execution remembers. */
const usualKeysTold = 50_000

/** Puts batches together in memory of its own; what it hands out is a copy. */
export class BatchWriter {
  #table = new Float64Array(128 * columns)
  #texts = Buffer.allocUnsafeSlow(1 << 18)
  #count = 0
  #end = 0
  readonly #places = new Map<Did, (SignerKey & { readonly place: number })[]>()
  #told = 0
  #keys: SignerKey[] = []
  #restart = false
  readonly #keysTold: number

  constructor(keysTold = usualKeysTold) {
    this.#keysTold = keysTold
  }

  add(ticket: number, { id, nonceKey, jws, actionsText, notAfter, signer, keyId, keyName }: Admitted): void {
    if ((this.#count + 1) * columns > this.#table.length)
      this.#table = grown(this.#table, new Float64Array(this.#table.length * 2))
    const most = idChars + nonceKey.length + jws.length + 3 * actionsText.length
    if (this.#end + most > this.#texts.length) {
      this.#texts = grown(this.#texts, Buffer.allocUnsafeSlow(2 * (this.#texts.length + most)))
    }
    const row = this.#count++ * columns
    const table = this.#table
    table[row + column.ticket] = ticket
    table[row + column.key] = this.#placeOf(signer, keyId, keyName)
    table[row + column.notAfter] = notAfter
    table[row + column.start] = this.#end
    this.#end += this.#texts.write(id, this.#end, 'latin1')
    table[row + column.nonceKeyEnd] = this.#end += this.#texts.write(nonceKey, this.#end, 'latin1')
    table[row + column.jwsEnd] = this.#end += this.#texts.write(jws, this.#end, 'latin1')
    table[row + column.actionsEnd] = this.#end += this.#texts.write(actionsText, this.#end, 'utf8')
  }

  /** Everything added since the last time; its memory is nobody else's and may be handed over. */
  take(batch: number): AdmittedBatch {
    const taken: AdmittedBatch = {
      batch,
      count: this.#count,
      table: this.#table.slice(0, this.#count * columns),
      texts: new Uint8Array(this.#texts.subarray(0, this.#end)),
      keys: this.#keys,
      restart: this.#restart,
    }
    this.#count = 0
    this.#end = 0
    this.#keys = []
    // Only between two batches: the rows of one count keys in one way.
    this.#restart = this.#told >= this.#keysTold
    if (this.#restart) {
      this.#places.clear()
      this.#told = 0
    }
    return taken
  }

  #placeOf(signer: Did, keyId: string, keyName: string): number {
    const known = this.#places.get(signer) ?? []
    for (const key of known) if (key.keyId === keyId && key.keyName === keyName) return key.place
    const place = this.#told++
    this.#places.set(signer, [...known, { signer, keyId, keyName, place }])
    this.#keys.push({ signer, keyId, keyName })
    return place
  }
}

/** Takes the batches of one admission thread apart. */
export class BatchReader {
  #keys: SignerKey[] = []

  /** The transactions of a batch with the ticket of each. Batches come in the order in which they were written. */
  open({ count, table, texts, keys, restart }: AdmittedBatch): readonly (readonly [number, Admitted])[] {
    if (restart) this.#keys = []
    for (const key of keys) this.#keys.push(key)
    const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength)
    const opened: (readonly [number, Admitted])[] = []
    for (let row = 0; row < count * columns; row += columns) {
      const key = this.#keys[table[row + column.key] as number] as SignerKey
      opened.push([table[row + column.ticket] as number, new AdmittedText(bytes, table, row, key)])
    }
    return opened
  }
}

/** An admitted transaction whose longer texts stay in its batch until somebody asks for them. */
class AdmittedText implements Admitted {
  readonly id: TransactionId
  readonly nonceKey: string
  readonly notAfter: number
  readonly #bytes: Buffer
  readonly #key: SignerKey
  readonly #jwsStart: number
  readonly #jwsEnd: number
  readonly #actionsEnd: number

  constructor(bytes: Buffer, table: Float64Array, row: number, key: SignerKey) {
    const idEnd = (table[row + column.start] as number) + idChars
    this.id = bytes.toString('latin1', idEnd - idChars, idEnd) as TransactionId
    this.#jwsStart = table[row + column.nonceKeyEnd] as number
    this.nonceKey = bytes.toString('latin1', idEnd, this.#jwsStart)
    this.notAfter = table[row + column.notAfter] as number
    this.#jwsEnd = table[row + column.jwsEnd] as number
    this.#actionsEnd = table[row + column.actionsEnd] as number
    this.#bytes = bytes
    this.#key = key
  }

  get signer(): Did {
    return this.#key.signer
  }
  get keyId(): string {
    return this.#key.keyId
  }
  get keyName(): string {
    return this.#key.keyName
  }
  get jws(): string {
    return this.#bytes.toString('latin1', this.#jwsStart, this.#jwsEnd)
  }
  get actionsText(): string {
    return this.#bytes.toString('utf8', this.#jwsEnd, this.#actionsEnd)
  }
  get length(): number {
    return this.#jwsEnd - this.#jwsStart
  }

  writeTo(to: Buffer, at: number): void {
    this.#bytes.copy(to, at, this.#jwsStart, this.#jwsEnd)
  }
}

function grown<T extends Float64Array | Buffer>(from: T, to: T): T {
  to.set(from)
  return to
}
