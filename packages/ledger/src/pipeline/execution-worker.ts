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
import { type AdmittedBatch, BatchReader } from './admitted-batch.ts'
import { AnswerBox } from './answer-box.ts'
import { BatchOrder } from './batch-order.ts'
import { LedgerEngine } from './engine.ts'
import { haltOf } from './engine-health.ts'
import type { ExecutionSetup, FromExecution, ToExecution } from './messages.ts'
import { stackOf } from './stack-of.ts'

const setup = workerData as ExecutionSetup
const main = parentPort as MessagePort
/** Whoever listens hears first that this thread has started; what was to be told before waits for that. */
let early: FromExecution[] | undefined = []
const tell = (message: FromExecution) => {
  if (early === undefined) main.postMessage(message)
  else early.push(message)
}

async function start(): Promise<{ readonly engine: LedgerEngine; readonly store: Store }> {
  lockRealm()
  const { directory, genesis, queue, cachedRows, consensus } = setup
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
    consensus,
    listener: {
      onBlock: (report) => tell({ kind: 'block', report }),
      onRejected: (tickets, answer) => answers.reject(tickets, answer),
      onKnown: (ticket, id) => answers.know(ticket, id),
      onPending: (tickets, id) => tell({ kind: 'pending', tickets, id }),
      onHealth: (health) => tell({ kind: 'health', health }),
      onConsensus: (seen) => tell({ kind: 'consensus', report: seen }),
      onAlarm: (alarm) => tell({ kind: 'alarm', alarm }),
    },
  })
  const report = engine.start()
  await engine.listen()
  begin({ kind: 'started', report, commits: store.commits, verifier: verifier.backends.EdDSA })
  return { engine, store }
}

function begin(first: FromExecution): void {
  main.postMessage(first)
  for (const message of early ?? []) main.postMessage(message)
  early = undefined
}

function serve({ engine, store }: Awaited<ReturnType<typeof start>>): void {
  const order = new BatchOrder((transactions) => engine.submitBatch(transactions))
  main.on('message', (message: ToExecution) => {
    if (message.kind === 'connect') {
      const reader = new BatchReader()
      message.port.on('message', (batch: AdmittedBatch) => order.take(batch.batch, reader.open(batch)))
      return
    }
    if (message.kind === 'fill') {
      fill(engine, message)
      return
    }
    void close(engine, store)
  })
}

function fill(engine: LedgerEngine, { ticket, blocks }: Extract<ToExecution, { readonly kind: 'fill' }>): void {
  try {
    tell({ kind: 'filled', ticket, refusal: engine.fill(blocks) })
  } catch (error) {
    tell({ kind: 'health', health: haltOf(error) })
  }
}

async function close(engine: LedgerEngine, store: Store): Promise<void> {
  await engine.stop()
  store.close()
  tell({ kind: 'closed' })
}

try {
  serve(await start())
} catch (error) {
  begin({ kind: 'failed', sentence: error instanceof Error ? error.message : String(error), stack: stackOf(error) })
}
