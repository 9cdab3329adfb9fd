/**
 * Follows the blocks of one engine through its RPC, and answers each transaction when the header after its block is
 * there: the same moment at which a member of ours tells an outcome.
 */
import { setTimeout as delay } from 'node:timers/promises'

export interface BlockFollower {
  /** Resolves when this transaction (as text) stands in a block that the next header has confirmed. */
  confirmed(transaction: string): Promise<void>
  /** Of the newest block. */
  height(): Promise<number>
  stop(): Promise<void>
}

/** The pause between looks: small beside the time of a block. */
const lookEveryMs = 20

export function followBlocks(url: string): BlockFollower {
  const waiting = new Map<string, { done(): void; fail(error: unknown): void }>()
  let isOver = false
  let seen = 0
  const height = async () => Number((await ask<Status>(url, 'status')).sync_info.latest_block_height)
  const follow = async () => {
    while (!isOver) {
      const newest = await height()
      for (; seen < newest - 1; seen++) {
        const { block } = await ask<Block>(url, `block?height=${seen + 1}`)
        for (const transaction of block.data.txs ?? []) {
          waiting.get(transaction)?.done()
          waiting.delete(transaction)
        }
      }
      await delay(lookEveryMs)
    }
  }
  const following = follow().catch((error: unknown) => {
    isOver = true
    for (const { fail } of waiting.values()) fail(error)
  })
  return {
    height,
    confirmed: (transaction) =>
      new Promise((done, fail) => {
        if (isOver) fail(new Error('The engine of the benchmark is followed no more.'))
        else waiting.set(Buffer.from(transaction, 'latin1').toString('base64'), { done, fail })
      }),
    async stop() {
      isOver = true
      await following
    },
  }
}

interface Status {
  readonly sync_info: { readonly latest_block_height: string }
}

interface Block {
  readonly block: { readonly data: { readonly txs: readonly string[] | null } }
}

async function ask<T>(url: string, path: string): Promise<T> {
  const { result } = (await (await fetch(`${url}/${path}`)).json()) as { readonly result: T }
  return result
}
