/** Entry of PGlite's thread: it computes synchronously, and the ledger's thread must not wait for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Engine, EngineError, type SqlRow } from './engine.ts'
import { openPgliteEngine } from './pglite-engine.ts'
import type { PgliteAnswer, PgliteRequest, PgliteWorkerData } from './pglite-messages.ts'

const { directory, schema } = workerData as PgliteWorkerData
const port = parentPort

if (port !== null) {
  const engine = openPgliteEngine(directory, schema)
  const answer = async (number: number, work: () => Promise<readonly SqlRow[]>): Promise<void> => {
    const message: PgliteAnswer = await work().then(
      (rows) => ({ number, rows }),
      (error: unknown) => ({
        number,
        fault: error instanceof EngineError ? error.fault : 'refused',
        message: error instanceof Error ? error.message : String(error),
        table: error instanceof EngineError ? error.table : undefined,
      }),
    )
    port.postMessage(message)
  }
  void answer(0, async () => {
    await engine
    return []
  })
  port.on('message', (request: PgliteRequest) => {
    void answer(request.number, async () => serve(await engine, request))
  })
}

async function serve(engine: Engine, request: PgliteRequest): Promise<readonly SqlRow[]> {
  switch (request.ask) {
    case 'query':
      return engine.query(request.text, request.parameters)
    case 'transact':
      await engine.transact(request.steps)
      return []
    case 'close':
      await engine.close()
      return []
  }
}
