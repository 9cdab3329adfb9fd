/** PGlite in a thread of its own, seen from the main thread as an engine. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { SqlValue } from '@chengxin/module-kit'
import { type Engine, EngineError, type SqlRow, type Step } from './engine.ts'
import type { PgliteAnswer, PgliteRequest, PgliteWorkerData } from './pglite-messages.ts'

interface Waiting {
  readonly resolve: (rows: readonly SqlRow[]) => void
  readonly reject: (error: EngineError) => void
}

/** The first start makes a database cluster, which takes seconds; a directory that hangs is as good as broken. */
const openWithinMs = 120_000
const closeWithinMs = 10_000

export async function openPgliteThread(directory: string, schema: string, workerUrl: URL): Promise<Engine> {
  if (!existsSync(directory)) await foundCluster(directory, schema, workerUrl)
  return openThread(directory, schema, workerUrl)
}

/**
 * Makes a database cluster under another name first, so that a program ended on the way leaves no half of one. It takes
 * half a gigabyte that WebAssembly never gives back, so it is the work of a thread that ends.
 */
async function foundCluster(directory: string, schema: string, workerUrl: URL): Promise<void> {
  const unfinished = `${directory}.new`
  rmSync(unfinished, { recursive: true, force: true })
  await (await openThread(unfinished, schema, workerUrl)).close()
  renameSync(unfinished, directory)
}

async function openThread(directory: string, schema: string, workerUrl: URL): Promise<Engine> {
  const workerData: PgliteWorkerData = { directory, schema }
  const worker = new Worker(workerUrl, { workerData })
  const waiting = new Map<number, Waiting>()
  let lastNumber = 0
  let ended: EngineError | undefined

  const end = (error: EngineError): void => {
    ended = error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (answer: PgliteAnswer) => {
    const asked = waiting.get(answer.number)
    waiting.delete(answer.number)
    if ('rows' in answer) asked?.resolve(answer.rows)
    else asked?.reject(new EngineError(answer.fault, answer.message, answer.table))
  })
  worker.on('error', (error) => end(new EngineError('unavailable', `PGlite's thread failed: ${error.message}`)))
  worker.on('exit', () => end(new EngineError('unavailable', "PGlite's thread has ended.")))

  const wait = (number: number): Promise<readonly SqlRow[]> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) reject(ended)
      else waiting.set(number, { resolve, reject })
    })
  const ask = (request: PgliteRequest): Promise<readonly SqlRow[]> => {
    const answer = wait(request.number)
    if (ended === undefined) worker.postMessage(request)
    return answer
  }

  const tooLong = setTimeout(() => {
    end(new EngineError('corrupted', 'PGlite did not open in time.'))
    void worker.terminate()
  }, openWithinMs)
  try {
    await wait(0)
  } catch (error) {
    void worker.terminate()
    throw error
  } finally {
    clearTimeout(tooLong)
  }
  return {
    kind: 'pglite',
    query: (text: string, parameters: readonly SqlValue[]) =>
      ask({ number: ++lastNumber, ask: 'query', text, parameters }),
    transact: async (steps: readonly Step[]) => {
      await ask({ number: ++lastNumber, ask: 'transact', steps })
    },
    close: async () => {
      // A thread that has failed has nothing left to close, and one that hangs is not waited for.
      const closed = ask({ number: ++lastNumber, ask: 'close' }).catch(() => [])
      const tooLong = new AbortController()
      await Promise.race([closed, sleep(closeWithinMs, undefined, { signal: tooLong.signal }).catch(() => {})])
      tooLong.abort()
      await worker.terminate()
    },
  }
}
