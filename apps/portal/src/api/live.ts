/** New blocks as they are committed, by server-sent events. The browser reconnects by itself and resumes by height. */
import type { LiveBlock } from '@chengxin/client'
import { paths } from './paths.ts'

export type { LiveBlock }

export type LiveState = 'connecting' | 'open' | 'lost'

/**
 * Tells of blocks in bunches, at most every quarter of a second: a ledger can commit faster than a page can paint. Listens
 * while somebody looks: a browser has six connections to a node, and tabs or pages left behind would hold them all.
 * Returns the way to stop.
 */
export function listenToBlocks(
  groupId: string,
  told: { onBlocks(blocks: readonly LiveBlock[]): void; onState(state: LiveState): void },
): () => void {
  let source: EventSource | undefined
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
    const opened = new EventSource(paths.events(groupId))
    source = opened
    opened.addEventListener('open', () => told.onState('open'))
    opened.addEventListener('error', () => {
      const given = opened.readyState === EventSource.CLOSED
      told.onState(given ? 'lost' : 'connecting')
      // The browser gives up where a node answers with an error, as one that is starting does.
      if (given) openTimer = setTimeout(open, 10_000)
    })
    opened.addEventListener('block', (event) => {
      waiting.push(JSON.parse(event.data as string) as LiveBlock)
      flushTimer ??= setTimeout(flush, 250)
    })
  }
  const close = () => {
    clearTimeout(openTimer)
    source?.close()
    source = undefined
  }
  const follow = () => {
    close()
    if (document.visibilityState === 'visible') open()
  }
  follow()
  document.addEventListener('visibilitychange', follow)
  return () => {
    document.removeEventListener('visibilitychange', follow)
    clearTimeout(flushTimer)
    close()
  }
}
