/**
 * The thread that owns a ledger: the realm of its rules, its store, its order. Nothing else writes. It hears of admitted
 * transactions from the admission threads and tells of blocks and answers to the thread that started it.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createVerifier } from '@chengxin/crypto/node'
import { createHost } from '../execution/host.ts'
import { lockRealm } from '../execution/realm.ts'
import { rulesFromShelf } from '../execution/ruleset-shelf.ts'
import type { Store } from '../storage/face.ts'
import { openStore } from '../storage/store.ts'
import { AnswerBox } from './answer-box.ts'
import { BatchOrder } from './batch-order.ts'
import { LedgerEngine } from './engine.ts'
import type { AdmittedBatch, ExecutionSetup, FromExecution, ToExecution } from './messages.ts'
import { stackOf } from './stack-of.ts'

const setup = workerData as ExecutionSetup
const main = parentPort as MessagePort
const tell = (message: FromExecution) => main.postMessage(message)

function start(): { readonly engine: LedgerEngine; readonly store: Store } {
  lockRealm()
  const { directory, genesis, queue, cachedRows } = setup
  const verifier = createVerifier()
  const store = openStore(directory, { createFresh: true, isSettledElsewhere: true })
  const answers = new AnswerBox((rejected, known) => tell({ kind: 'answers', rejected, known }))
  const engine = new LedgerEngine({
    directory,
    store,
    genesis,
    rulesOf: rulesFromShelf(directory),
    host: createHost(genesis.chainId, verifier.verify),
    verify: verifier.verify,
    clock: Date.now,
    queue,
    cachedRows,
    listener: {
      onBlock: (report) => tell({ kind: 'block', report }),
      onRejected: (tickets, answer) => answers.reject(tickets, answer),
      onKnown: (ticket, id) => answers.know(ticket, id),
      onHealth: (health) => tell({ kind: 'health', health }),
    },
  })
  const report = engine.start()
  tell({ kind: 'started', report, commits: store.commits, verifier: verifier.backends.EdDSA })
  return { engine, store }
}

function serve({ engine, store }: ReturnType<typeof start>): void {
  const order = new BatchOrder((batch) => engine.submitBatch(batch))
  main.on('message', (message: ToExecution) => {
    if (message.kind === 'connect') {
      message.port.on('message', (batch: AdmittedBatch) => order.take(batch))
      return
    }
    engine.stop()
    store.close()
    tell({ kind: 'closed' })
  })
}

try {
  serve(start())
} catch (error) {
  tell({ kind: 'failed', sentence: error instanceof Error ? error.message : String(error), stack: stackOf(error) })
}
