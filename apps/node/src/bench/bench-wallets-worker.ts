/** Wallets at work on a thread of their own, so that what they cost is told apart from what the issuer does. */
import { parentPort, workerData } from 'node:worker_threads'
import { benchWallet, receive } from './bench-wallet.ts'
import { threadProcessorMs } from './processor-time.ts'

export interface WalletsTask {
  /** One exchange for each. */
  readonly links: readonly string[]
  readonly typeId: string
  /** Exchanges that are under way at once. */
  readonly lanes: number
}

export interface WalletsTally {
  readonly samplesMs: number[]
  readonly seconds: number
  readonly processorMs: number
}

async function receiveAll({ links, typeId, lanes }: WalletsTask): Promise<WalletsTally> {
  const waiting = [...links]
  const samplesMs: number[] = []
  const [started, processorBefore] = [performance.now(), threadProcessorMs()]
  const lane = async () => {
    for (let link = waiting.pop(); link !== undefined; link = waiting.pop()) {
      const from = performance.now()
      await receive(benchWallet(), link, typeId)
      samplesMs.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const seconds = (performance.now() - started) / 1000
  return { samplesMs, seconds, processorMs: threadProcessorMs() - processorBefore }
}

parentPort?.postMessage(await receiveAll(workerData as WalletsTask))
