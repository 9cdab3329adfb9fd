/**
 * An issuer's own book of one status list (Token Status List): which places are taken, and what stands in each. Places are
 * given out at random over the whole list, so that a place tells nothing about when a certificate was issued or how many
 * there are; the list has its full length from the start.
 */
import { randomInt } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type StatusWord, statusWords } from '@chengxin/audit'
import { canonicalize, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Sent } from '../once.ts'
import { type IssuerSigner, issuerHeader, signJwt } from './sign-jwt.ts'

export interface StatusRecord {
  readonly v: 1
  readonly listId: `list_${string}`
  readonly uri: string
  readonly size: number
  /** Newest version that was anchored; 0 before the first. */
  readonly version: number
  /** Place → status, of the places that are taken. */
  readonly statuses: { readonly [index: string]: number }
  readonly pending?: Pending
}

/** A version that was signed and may or may not have been anchored yet. */
export interface Pending {
  readonly token: string
  readonly validUntilMs: number
  readonly sent: readonly Sent[]
}

export class StatusRegister {
  private readonly statuses: Map<number, number>
  private current: StatusRecord

  constructor(record: StatusRecord) {
    this.current = record
    this.statuses = new Map(Object.entries(record.statuses).map(([index, status]) => [Number(index), status]))
  }

  /** A new list. Every list has room for far more certificates than are issued under it. */
  static create(listId: `list_${string}`, uri: string, size = 1 << 16): StatusRegister {
    return new StatusRegister({ v: 1, listId, uri, size, version: 0, statuses: {} })
  }

  get uri(): string {
    return this.current.uri
  }

  get listId(): `list_${string}` {
    return this.current.listId
  }

  get version(): number {
    return this.current.version
  }

  get pending(): Pending | undefined {
    return this.current.pending
  }

  /** Whether so many more can be taken. */
  hasRoomFor(count: number): boolean {
    return this.statuses.size + count <= this.current.size / 2
  }

  /** Takes free places. Throws beyond half of the list: then places would begin to be guessable, and another list is due. */
  take(count: number): readonly number[] {
    if (!this.hasRoomFor(count)) {
      throw new Error(`The status list ${this.listId} is half full; certificates need a new one.`)
    }
    return Array.from({ length: count }, () => {
      let index = randomInt(this.current.size)
      while (this.statuses.has(index)) index = randomInt(this.current.size)
      this.statuses.set(index, 0)
      return index
    })
  }

  /** Says what a certificate's status is from the next version on. Revoking is for good. */
  set(index: number, word: StatusWord): void {
    const before = this.statuses.get(index)
    if (before === undefined) throw new Error(`Place ${index} of ${this.listId} belongs to no certificate.`)
    if (before === statusWords.indexOf('revoked') && word !== 'revoked') {
      throw new Error('A certificate that was revoked stays revoked.')
    }
    this.statuses.set(index, statusWords.indexOf(word))
  }

  /** Notes a version that is signed and on its way, and the transactions that carry it. */
  notePending(pending: Pending): void {
    this.current = { ...this.current, pending }
  }

  /** Notes that the version on its way has arrived. */
  notePublished(): void {
    const { pending: _, ...rest } = this.current
    this.current = { ...rest, version: rest.version + 1 }
  }

  record(): StatusRecord {
    return { ...this.current, statuses: Object.fromEntries(this.statuses) }
  }

  /** The list as it stands, compressed as the standard wants it. */
  compressed(): Uint8Array {
    const bytes = new Uint8Array(this.current.size / 4)
    for (const [index, status] of this.statuses) {
      bytes[index >> 2] = (bytes[index >> 2] as number) | (status << ((index & 3) * 2))
    }
    return new Uint8Array(deflateSync(bytes, { level: 9 }))
  }
}

export interface TokenOptions {
  readonly nowMs: number
  readonly validForMs: number
  /** How long a reader may use a copy before it asks again. */
  readonly ttlMs: number
}

/** The list as a signed token of type `statuslist+jwt`. */
export function signStatusToken(
  register: StatusRegister,
  signer: IssuerSigner,
  options: TokenOptions,
): Promise<string> {
  const iat = Math.floor(options.nowMs / 1000)
  const payload = {
    sub: register.uri,
    iat,
    exp: iat + Math.floor(options.validForMs / 1000),
    ttl: Math.floor(options.ttlMs / 1000),
    status_list: { bits: 2, lst: toBase64url(register.compressed()) },
  }
  return signJwt(issuerHeader(signer, 'statuslist+jwt'), toUtf8(canonicalize(payload)), signer)
}
