/**
 * The nonces of the process before: after a start they stand in the log alone, and to ask the store for each new one costs
 * more the longer the log is. The newest blocks are read again, backwards, until one is so old that none of its nonces counts.
 */
import { sha256 } from '@chengxin/crypto/node'
import { limits } from '@chengxin/kernel'
import { type Store, StoreDamaged, StoreIncomplete } from '../storage/face.ts'
import { readLeafContents } from '../storage/leaf-contents.ts'

export interface Recalled {
  readonly nonceKeys: readonly string[]
  /** `all`: nothing older is remembered at this time. `unreadable`: the log does not say; the store goes on being asked. */
  readonly reached: 'some' | 'all' | 'unreadable'
}

export class RecalledNonces {
  readonly #store: Pick<Store, 'block'>
  #height: number

  /** `height`: of the newest block. */
  constructor(store: Pick<Store, 'block'>, height: number) {
    this.#store = store
    this.#height = height
  }

  /** So many leaves' nonces and the rest of their block. */
  next(leaves: number, nowMs: number): Recalled {
    const nonceKeys: string[] = []
    while (nonceKeys.length < leaves) {
      const block = this.#block()
      if (block === undefined) return { nonceKeys, reached: this.#height < 0 ? 'all' : 'unreadable' }
      if (block.timeMs + limits.notAfterAheadMs <= nowMs) return { nonceKeys, reached: 'all' }
      for (const { leaf } of block.leaves) {
        const contents = readLeafContents(sha256, leaf)
        if (contents === undefined) return { nonceKeys, reached: 'unreadable' }
        nonceKeys.push(contents.nonceKey)
      }
      this.#height--
    }
    return { nonceKeys, reached: 'some' }
  }

  /** Damage in the log is named where it is read for its own sake; here it means only that nothing is learned. */
  #block() {
    try {
      return this.#store.block(this.#height)
    } catch (error) {
      if (error instanceof StoreDamaged || error instanceof StoreIncomplete) return undefined
      throw error
    }
  }
}
