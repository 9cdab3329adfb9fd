/** Whose turn it is between the thread that settles and the one that writes snapshots: two numbers in shared memory. */

const free = 0
const wanted = 1
const writing = 2

/** So long settling waits at most for the other thread to hold a state; a snapshot that comes later is not taken. */
const waitMs = 10_000

export const snapshotTurn = {
  /** Memory for one pair of threads. */
  create: (): SharedArrayBuffer => new SharedArrayBuffer(8),

  /** For the settler: asks and waits until the state is held, or turned down. Does nothing while a snapshot is written. */
  ask(state: Int32Array, send: () => void): void {
    if (Atomics.compareExchange(state, 0, free, wanted) !== free) return
    send()
    Atomics.wait(state, 0, wanted, waitMs)
  },

  /** For the writer: the state is held, others may go on. */
  held(state: Int32Array): void {
    Atomics.store(state, 0, writing)
    Atomics.notify(state, 0)
  },

  /** For the writer: it can be asked again. */
  over(state: Int32Array): void {
    Atomics.store(state, 0, free)
    Atomics.notify(state, 0)
  },

  /** From now on what is being written is given up, and nothing more is asked. */
  end(state: Int32Array): void {
    Atomics.store(state, 1, 1)
  },

  isEnded: (state: Int32Array): boolean => Atomics.load(state, 1) === 1,
} as const
