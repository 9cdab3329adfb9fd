/** A thread that sorts what has been committed and computes state roots, so that commits need not wait for either. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { StoreFull } from '../storage/face.ts'
import { openStateSettler } from '../storage/store.ts'
import { haltOf } from './engine-health.ts'
import type { FromSettler, SettlerSetup, ToSettler } from './messages.ts'

const { directory } = workerData as SettlerSetup
const main = parentPort as MessagePort
const settler = openStateSettler(directory)
const tell = (message: FromSettler) => main.postMessage(message)

main.on('message', (message: ToSettler) => {
  if (message !== 'close') {
    settle(message.settleUpTo)
    return
  }
  settler.close()
  process.exit(0)
})

/** Without room nothing is settled, and nothing is lost: what has gathered is settled when there is room again. */
function settle(upTo: number): void {
  try {
    settler.settle(undefined, upTo)
    tell({ kind: 'settled' })
  } catch (error) {
    tell(error instanceof StoreFull ? { kind: 'settled' } : { kind: 'health', health: haltOf(error) })
  }
}
