/**
 * Parts that live and die together: an engine and its application hold two copies of one position in the chain, and
 * recover it only by starting from a handshake. When one ends, all are stopped and started again, after a pause that
 * grows while they keep ending.
 */
import { setTimeout as delay } from 'node:timers/promises'

export interface Ending {
  readonly sentence: string
  /** It must not be started again: a damaged store, rules that are not installed. */
  readonly isFinal?: true
  /** It was asked to end: it is started again at once, and that is no failure. */
  readonly isAsked?: true
}

export interface Running {
  /** Resolves when the part has ended by itself or was stopped; never rejects. */
  readonly ended: Promise<Ending>
  /** Resolves when it is gone. */
  stop(): Promise<void>
}

export interface Part {
  readonly name: string
  /** Started in the order given, each when the one before is ready. A rejection counts as its end. */
  start(): Promise<Running>
}

export interface SupervisedEnd extends Ending {
  readonly part: string
}

export interface SuperviseOptions {
  readonly parts: readonly Part[]
  /** Ends everything, in the opposite order. */
  readonly signal: AbortSignal
  /** A part has ended and everything is about to start again, after a pause. */
  readonly onEnd: (end: SupervisedEnd, pauseMs: number) => void
  readonly pauses?: RestartPauses
}

export interface RestartPauses {
  readonly firstMs: number
  readonly longestMs: number
  /** Having lived so long, the next end counts as the first. */
  readonly forgetAfterMs: number
}

const defaultPauses: RestartPauses = { firstMs: 1_000, longestMs: 30_000, forgetAfterMs: 60_000 }

/** Runs until the signal aborts, or until a part has ended for good: then its end is the answer. */
export async function superviseTogether(options: SuperviseOptions): Promise<SupervisedEnd | undefined> {
  const { signal, onEnd, pauses = defaultPauses } = options
  let pauseMs = pauses.firstMs
  while (!signal.aborted) {
    const startedAt = process.hrtime.bigint()
    const end = await runOnce(options)
    if (end === undefined || end.isFinal) return end
    if (end.isAsked) continue
    if (process.hrtime.bigint() - startedAt > BigInt(pauses.forgetAfterMs) * 1_000_000n) pauseMs = pauses.firstMs
    onEnd(end, pauseMs)
    await delay(pauseMs, undefined, { signal }).catch(() => {})
    pauseMs = Math.min(pauseMs * 2, pauses.longestMs)
  }
  return undefined
}

export interface RestartablePart extends Part {
  /** Ends the part where it runs, so that whoever supervises it starts it again at once. */
  restart(): void
}

export function restartable(part: Part): RestartablePart {
  let running: Running | undefined
  let isAsked = false
  return {
    name: part.name,
    start: async () => {
      isAsked = false
      const started = await part.start()
      running = started
      const ended = started.ended.then((ending): Ending => {
        running = undefined
        return isAsked && !ending.isFinal ? { ...ending, isAsked } : ending
      })
      return { ended, stop: () => started.stop() }
    },
    restart: () => {
      isAsked = true
      void running?.stop()
    },
  }
}

/** One life of all parts. Undefined when the signal ended it. */
async function runOnce({ parts, signal }: SuperviseOptions): Promise<SupervisedEnd | undefined> {
  const running: Running[] = []
  let end: SupervisedEnd | undefined
  const leave = new AbortController()
  const ends: Promise<SupervisedEnd | undefined>[] = [aborted(signal, leave.signal)]
  try {
    for (const part of parts) {
      const started = await startPart(part)
      if ('sentence' in started) {
        end = started
        break
      }
      running.push(started)
      ends.push(started.ended.then((ending) => ({ part: part.name, ...ending })))
    }
    end ??= await Promise.race(ends)
  } finally {
    leave.abort()
    for (const part of running.reverse()) await part.stop()
  }
  return end
}

async function startPart(part: Part): Promise<Running | SupervisedEnd> {
  try {
    return await part.start()
  } catch (error) {
    return { part: part.name, sentence: error instanceof Error ? error.message : String(error) }
  }
}

/** Resolves at the abort; `leave` ends the waiting for it. */
function aborted(signal: AbortSignal, leave: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: leave })
  })
}
