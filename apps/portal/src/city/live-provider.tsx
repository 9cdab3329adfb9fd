import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { type GroupSummary, groupQuery } from '../api/groups.ts'
import { type LiveBlock, listenToBlocks } from '../api/live.ts'
import { type Live, LiveContext } from './city.ts'

const keptBlocks = 60

function joined(live: Live, news: readonly LiveBlock[]): Live {
  // A stream that resumes may repeat a block.
  const fresh = news.filter((block) => block.height > live.height)
  const newest = fresh.at(-1)
  if (newest === undefined) return live
  return {
    state: 'open',
    height: newest.height,
    size: newest.size,
    timeMs: newest.timeMs,
    blocks: [...fresh.toReversed(), ...live.blocks].slice(0, keptBlocks),
  }
}

export function LiveProvider({
  group,
  children,
}: {
  readonly group: GroupSummary
  readonly children: ReactNode
}): ReactElement {
  const queryClient = useQueryClient()
  const [live, setLive] = useState<Live>({
    state: 'connecting',
    height: group.height,
    size: group.size,
    timeMs: group.timeMs,
    blocks: [],
  })

  useEffect(() => {
    const catchUp = async () => {
      const { height, size, timeMs } = await queryClient.fetchQuery({ ...groupQuery(group.id), staleTime: 0 })
      setLive((before) => (height > before.height ? { ...before, height, size, timeMs, blocks: [] } : before))
      await queryClient.invalidateQueries({ queryKey: ['activity', group.id] })
      await queryClient.invalidateQueries({ queryKey: ['ribbon', group.id] })
    }
    return listenToBlocks(group.id, {
      onBlocks: (blocks) => setLive((before) => joined(before, blocks)),
      onState: (state) => {
        setLive((before) => ({ ...before, state }))
        // What was committed before the stream stood is asked for: at the start, and after every pause.
        if (state === 'open') catchUp().catch(() => undefined)
      },
    })
  }, [group.id, queryClient])

  return <LiveContext value={live}>{children}</LiveContext>
}
