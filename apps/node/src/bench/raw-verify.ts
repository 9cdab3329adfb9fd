/** Raw signature checks a second with every core at work: keys cached, messages at hand, nothing else done. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { VerifyTally, VerifyTask } from './bench-verify-worker.ts'
import type { BenchRow } from './row.ts'

export async function benchRawVerify(task: VerifyTask): Promise<BenchRow> {
  const threads = availableParallelism()
  const tallies = await Promise.all(Array.from({ length: threads }, () => runWorker(task)))
  const perSecond = tallies.reduce((sum, tally) => sum + tally.verified / tally.seconds, 0)
  const backend = tallies[0]?.backend ?? 'none'
  return {
    name: task.algorithm === 'EdDSA' ? 'verify.raw' : 'verify.raw.es256',
    perSecond,
    ratioToLimit: 1,
    how: `${task.algorithm} by ${backend}, ${threads} threads, ${task.messageBytes} B messages, keys cached`,
  }
}

function runWorker(task: VerifyTask): Promise<VerifyTally> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('./bench-verify-worker.js', import.meta.url), { workerData: task })
    worker.once('message', done)
    worker.once('error', fail)
  })
}
