/** How far somebody is in the tour. It stays on the device, so that the tour can be left and taken up again. */
import type { Props } from '@chengxin/client'
import { useCallback, useSyncExternalStore } from 'react'
import { recall, remember } from '../device-memory.ts'

export interface TourState {
  /** Acts that are done. */
  readonly done: number
  readonly props: Props
  /** Out of sight, and still where it was. */
  readonly isFolded?: boolean
}

const name = 'tour'
const listeners = new Set<() => void>()
let current: TourState | undefined = read()

function read(): TourState | undefined {
  try {
    const state = JSON.parse(recall(name) ?? 'null') as TourState | null
    return typeof state?.done === 'number' && typeof state.props === 'object' ? state : undefined
  } catch {
    return undefined
  }
}

function change(next: TourState | undefined): void {
  current = next
  remember(name, JSON.stringify(next ?? null))
  for (const listener of listeners) listener()
}

export interface Tour {
  readonly state: TourState | undefined
  begin(): void
  advance(props: Props): void
  fold(isFolded: boolean): void
  leave(): void
}

export function useTour(): Tour {
  const subscribe = useCallback((listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  const state = useSyncExternalStore(subscribe, () => current)
  return {
    state,
    begin: () => change({ done: 0, props: {} }),
    advance: (props) => change({ done: (current?.done ?? 0) + 1, props: { ...current?.props, ...props } }),
    fold: (isFolded) => current && change({ ...current, isFolded }),
    leave: () => change(undefined),
  }
}
