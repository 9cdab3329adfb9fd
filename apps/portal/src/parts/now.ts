/** The moment, told once a second to all who show how long ago something was, by one timer. */
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const told of listeners) told()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** At most a second old while anybody listens; read afresh by the first who does. */
export function useNowMs(): number {
  return useSyncExternalStore(subscribe, () => {
    if (timer === undefined) nowMs = Date.now()
    return nowMs
  })
}
