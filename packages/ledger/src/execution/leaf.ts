/**
 * The leaf of a transaction and the hashes it is made of. A leaf is canonical JSON, put together by hand: every part of
 * it is known to need no escape, and its names are already in order.
 */
import { hash } from 'node:crypto'
import type { Hash } from '@chengxin/kernel'
import type { RowWrite } from './rows.ts'

export interface LeafFacts {
  readonly height: number
  readonly timeMs: number
  readonly position: number
  readonly code: string
  readonly eventsHash: string
  readonly writesHash: string
}

/** What stands before the envelope in a leaf, and what behind it: the envelope is most of it, and need not be copied twice. */
export function leafEnds(facts: LeafFacts): readonly [before: string, behind: string] {
  const { code, eventsHash, height, position, timeMs, writesHash } = facts
  return [
    `{"code":"${code}","eventsHash":"${eventsHash}","height":${height},"jws":"`,
    `","position":${position},"timeMs":${timeMs},"v":1,"writesHash":"${writesHash}"}`,
  ]
}

/** SHA-256 of a text's UTF-8, base64url. One native call: cheaper than handing bytes back and forth. */
export function hashText(text: string): Hash {
  return hash('sha256', text, 'base64url') as Hash
}

export const hashOfNothing = hashText('[]')

export function eventsText(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}

/** The hash of canonical `[[key, text | null], …]`. */
export function hashWrites(writes: readonly RowWrite[]): Hash {
  if (writes.length === 0) return hashOfNothing
  if (writes.length === 2) return hashText(`[${writes[0]?.spelled},${writes[1]?.spelled}]`)
  return hashText(`[${writes.map(({ spelled }) => spelled).join(',')}]`)
}

/**
 * The state hash, chained per transaction: SHA-256 of the one before and the hash of the writes. It is kept as the bytes
 * that the next link is made of, and spelled when a block ends.
 */
export class StateChain {
  readonly #link = Buffer.alloc(64)

  startFrom(stateHash: Hash): void {
    this.#link.write(stateHash, 0, 32, 'base64url')
  }

  add(writesHash: Hash): void {
    this.#link.write(writesHash, 32, 32, 'base64url')
    this.#link.write(hash('sha256', this.#link, 'binary'), 0, 32, 'latin1')
  }

  get hash(): Hash {
    return this.#link.toString('base64url', 0, 32) as Hash
  }
}

const firstState = Buffer.concat([Buffer.from('chengxin-state-v1'), Buffer.alloc(32)])

/** The state hash that genesis leaves. */
export function firstStateHash(writesHash: Hash): Hash {
  firstState.write(writesHash, firstState.length - 32, 32, 'base64url')
  return hash('sha256', firstState, 'base64url') as Hash
}

export interface AgreedFacts {
  readonly size: number
  readonly root: Hash
  readonly stateHash: Hash
  readonly stateRoot: { readonly size: number; readonly root: Hash } | undefined
  readonly ruleset: string
}

/** What members agree on after a block. It changes with leaves alone. */
export function agreedHashOf({ size, root, stateHash, stateRoot, ruleset }: AgreedFacts): Hash {
  const state = stateRoot === undefined ? 'null' : `{"root":"${stateRoot.root}","size":${stateRoot.size}}`
  return hashText(
    `{"root":"${root}","ruleset":"${ruleset}","size":${size},"stateHash":"${stateHash}","stateRoot":${state}}`,
  )
}
