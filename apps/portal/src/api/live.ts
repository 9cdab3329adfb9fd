/** New blocks as they are committed, by server-sent events. The browser reconnects by itself and resumes by height. */
import type { LiveBlock } from '@chengxin/client'
import { paths } from './paths.ts'

export type { LiveBlock }

export type LiveState = 'connecting' | 'open' | 'lost'

/**
 * Tells of blocks in bunches, at most every quarter of a second: a ledger can commit faster than a page can paint.
 * Returns the way to stop.
 */
export function listenToBlocks(
  groupId: string,
  told: { onBlocks(blocks: readonly LiveBlock[]): void; onState(state: LiveState): void },
): () => void {
  let source: EventSource
  let waiting: LiveBlock[] = []
  let flushTimer: ReturnType<typeof setTimeout> | undefined
  let openTimer: ReturnType<typeof setTimeout> | undefined

  const flush = () => {
    flushTimer = undefined
    const blocks = waiting
    waiting = []
    told.onBlocks(blocks)
  }
  const open = () => {
    source = new EventSource(paths.events(groupId))
    source.addEventListener('open', () => told.onState('open'))
    source.addEventListener('error', () => {
      const given = source.readyState === EventSource.CLOSED
      told.onState(given ? 'lost' : 'connecting')
      // The browser gives up where a node answers with an error, as one that is starting does.
      if (given) openTimer = setTimeout(open, 10_000)
    })
    source.addEventListener('block', (event) => {
      waiting.push(JSON.parse(event.data as string) as LiveBlock)
      flushTimer ??= setTimeout(flush, 250)
    })
  }
  open()
  return () => {
    clearTimeout(flushTimer)
    clearTimeout(openTimer)
    source.close()
  }
}
