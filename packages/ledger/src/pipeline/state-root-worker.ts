/** A thread that sorts what has been committed and computes state roots, so that commits need not wait for either. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { StoreFull } from '../storage/face.ts'
import { openStateSettler } from '../storage/store.ts'
import { haltOf } from './engine-health.ts'
import type { FromSettler, SettlerSetup } from './messages.ts'

const { directory } = workerData as SettlerSetup
const main = parentPort as MessagePort
const settler = openStateSettler(directory)
const tell = (message: FromSettler) => main.postMessage(message)

main.on('message', (message: 'settle' | 'close') => {
  if (message === 'settle') {
    settle()
    return
  }
  settler.close()
  process.exit(0)
})

/** Without room nothing is settled, and nothing is lost: what has gathered is settled when there is room again. */
function settle(): void {
  try {
    settler.settle()
    tell({ kind: 'settled' })
  } catch (error) {
    tell(error instanceof StoreFull ? { kind: 'settled' } : { kind: 'health', health: haltOf(error) })
  }
}
