/** Those who wait for a height to be folded, and for a database to be open. */

export interface HeightWaiters {
  wait(height: number, current: () => number, signal?: AbortSignal): Promise<void>
  reached(height: number): void
  /** Whether anybody waits for more than this height. */
  wantBeyond(height: number): boolean
  /** Nothing will be reached any more: whoever still waits is told so. */
  end(): void
}

export function createHeightWaiters(): HeightWaiters {
  const waiting = new Set<{ readonly height: number; resolve(): void; reject(error: unknown): void }>()
  let ended = false
  return {
    wait: (height, current, signal) =>
      new Promise((resolve, reject) => {
        if (height <= current()) return resolve()
        if (ended) return reject(new Error('The read model is closed.'))
        if (signal?.aborted === true) return reject(signal.reason)
        const done = (): void => {
          waiting.delete(waiter)
          signal?.removeEventListener('abort', onAbort)
        }
        const waiter = {
          height,
          resolve: () => {
            done()
            resolve()
          },
          reject: (error: unknown) => {
            done()
            reject(error)
          },
        }
        const onAbort = (): void => waiter.reject(signal?.reason)
        signal?.addEventListener('abort', onAbort, { once: true })
        waiting.add(waiter)
      }),
    reached: (height) => {
      for (const waiter of [...waiting]) if (waiter.height <= height) waiter.resolve()
    },
    wantBeyond: (height) => [...waiting].some((waiter) => waiter.height > height),
    end: () => {
      ended = true
      for (const waiter of [...waiting]) waiter.reject(new Error('The read model is closed.'))
    },
  }
}

export interface Gate {
  open(): void
  shut(): void
  /** Resolves when the gate is open, or after so long: whoever passes looks again. */
  passed(withinMs: number): Promise<void>
}

export function createGate(): Gate {
  let isOpen = false
  const waiting = new Set<() => void>()
  return {
    open: () => {
      isOpen = true
      for (const pass of [...waiting]) pass()
    },
    shut: () => {
      isOpen = false
    },
    passed: (withinMs) =>
      new Promise((resolve) => {
        if (isOpen) return resolve()
        const pass = (): void => {
          clearTimeout(timer)
          waiting.delete(pass)
          resolve()
        }
        const timer = setTimeout(pass, withinMs)
        waiting.add(pass)
      }),
  }
}
