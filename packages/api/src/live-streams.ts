/**
 * New blocks as server-sent events (WHATWG HTML, section 9.2). Each reader pulls blocks at its own pace: what it has not
 * taken waits in its socket alone, bounded, and a reader that takes nothing is let go. Writers never wait for readers.
 */
import type { ServerResponse } from 'node:http'
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Ledger } from '@chengxin/ledger/face'
import type { CommittedBlock } from '@chengxin/module-kit'
import type { ApiLimits } from './options.ts'

export interface LiveStreams {
  /** Why another reader cannot be taken, if so. */
  refusal(address: string): string | undefined
  /** Takes over the response and writes blocks from a height on, without end or for as long as is said. */
  serve(ledger: Ledger, fromHeight: number, address: string, response: ServerResponse, forMs?: number): void
  count(): number
  /** Ends all, so that the server can close. */
  close(): void
}

/** `onFailure` is told when the ledger itself could not give a block; that reader's stream has ended. */
export function createLiveStreams(limits: ApiLimits, onFailure: (error: unknown) => void): LiveStreams {
  const open = new Set<AbortController>()
  const perAddress = new Map<string, number>()
  const texts = new WeakMap<CommittedBlock, string>()
  const textOf = (block: CommittedBlock): string => {
    const known = texts.get(block) ?? eventText(block)
    texts.set(block, known)
    return known
  }
  const countAddress = (address: string, change: number): void => {
    const count = (perAddress.get(address) ?? 0) + change
    if (count > 0) perAddress.set(address, count)
    else perAddress.delete(address)
  }

  return {
    count: () => open.size,
    refusal: (address) =>
      open.size >= limits.liveStreams || (perAddress.get(address) ?? 0) >= limits.liveStreamsPerAddress
        ? 'too_many_listeners'
        : undefined,
    serve: (ledger, fromHeight, address, response, forMs) => {
      const stop = new AbortController()
      open.add(stop)
      countAddress(address, 1)
      stop.signal.addEventListener('abort', () => {
        open.delete(stop)
        countAddress(address, -1)
        clearInterval(heartbeat)
        clearTimeout(end)
        response.destroy()
      })
      response.on('close', () => stop.abort())
      response.on('error', () => stop.abort())
      const heartbeat = setInterval(() => {
        // Somebody who is behind already gets no more to be behind with.
        if (!response.writableNeedDrain) response.write(': still here\n\n')
      }, limits.heartbeatMs)
      const end = forMs === undefined ? undefined : setTimeout(() => stop.abort(), forMs)
      // The first bytes tell proxies and browsers that the stream stands; the client waits a second before it comes again.
      response.write('retry: 1000\n\n')
      writeBlocks(ledger, fromHeight, textOf, response, stop, limits.slowReaderMs).catch(onFailure)
    },
    close: () => {
      for (const stop of [...open]) stop.abort()
    },
  }
}

async function writeBlocks(
  ledger: Ledger,
  fromHeight: number,
  textOf: (block: CommittedBlock) => string,
  response: ServerResponse,
  stop: AbortController,
  slowReaderMs: number,
): Promise<void> {
  try {
    for await (const block of ledger.blocks(fromHeight, stop.signal)) {
      if (stop.signal.aborted) return
      const taken = response.write(textOf(block))
      // A long replay is read from the log between the turns of others.
      if (!taken && !(await drained(response, slowReaderMs))) break
      await othersTurn()
    }
  } finally {
    stop.abort()
  }
}

/** Whether the reader took what was written, in time. */
function drained(response: ServerResponse, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (taken: boolean): void => {
      clearTimeout(tooLong)
      response.off('drain', onDrain)
      response.off('close', onClose)
      resolve(taken)
    }
    const onDrain = (): void => done(true)
    const onClose = (): void => done(false)
    const tooLong = setTimeout(() => done(false), withinMs)
    response.once('drain', onDrain)
    response.once('close', onClose)
  })
}

function eventText(block: CommittedBlock): string {
  const { height, timeMs, firstLeaf, transactions } = block
  const data = {
    height,
    timeMs,
    size: firstLeaf + transactions.length,
    transactions: transactions.map(({ id, code, signer, types, leafIndex }) => ({
      id,
      code,
      signer,
      types,
      leafIndex,
    })),
  }
  return `id: ${height}\nevent: block\ndata: ${JSON.stringify(data)}\n\n`
}
