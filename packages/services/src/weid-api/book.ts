/** What the service keeps beside the ledger: names, schemas by number, and what opens each piece of evidence. */
import type { Json, JsonObject } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'

export interface RegisteredIssuer {
  readonly name: string
  readonly createdMs: number
}

export interface RegisteredCpt {
  readonly cptId: number
  readonly typeId: `type_${string}`
  readonly publisher: string
  readonly schema: JsonObject
  readonly createdMs: number
}

export interface KeptEvidence {
  readonly hash: string
  readonly cptId: number
  readonly batchId: `batch_${string}`
  /** Opens the commitment that is anchored: what stands on the ledger tells nothing without it. */
  readonly salt: string
  readonly signer: string
  /** Free text never goes to a ledger. */
  readonly logs: readonly string[]
  readonly transactionId?: string
  readonly timeMs?: number
  readonly revokedMs?: number
  /** Of a credential that was signed elsewhere, with salts that can be guessed. */
  readonly isImported?: boolean
}

export interface WeidBook {
  readonly v: 1
  readonly nextCptId: number
  readonly issuers: { readonly [weid: string]: RegisteredIssuer }
  readonly cpts: { readonly [cptId: string]: RegisteredCpt }
  readonly evidence: { readonly [hash: string]: KeptEvidence }
}

/** A CPT by its number, which programs send as a number or as text. */
export function findCpt({ cpts }: WeidBook, cptId: Json | undefined): RegisteredCpt | undefined {
  const name = typeof cptId === 'number' || typeof cptId === 'string' ? String(cptId) : ''
  return Object.hasOwn(cpts, name) ? cpts[name] : undefined
}

/** Numbers of CPTs that anybody but an authority registers begin here, in WeIdentity as well. */
const firstCptId = 2_000_001

export class Book {
  readonly #kept: Kept<WeidBook>
  #queue: Promise<unknown> = Promise.resolve()

  constructor(kept: Kept<WeidBook>) {
    this.#kept = kept
  }

  async read(): Promise<WeidBook> {
    return (await this.#kept.load()) ?? { v: 1, nextCptId: firstCptId, issuers: {}, cpts: {}, evidence: {} }
  }

  /** One change after the other, each kept before the next begins. */
  change(make: (book: WeidBook) => WeidBook): Promise<WeidBook> {
    const changed = this.#queue.then(async () => {
      const book = make(await this.read())
      await this.#kept.save(book)
      return book
    })
    this.#queue = changed.catch(() => undefined)
    return changed
  }

  async keepEvidence(evidence: KeptEvidence): Promise<void> {
    await this.change((book) => ({ ...book, evidence: { ...book.evidence, [evidence.hash]: evidence } }))
  }
}
