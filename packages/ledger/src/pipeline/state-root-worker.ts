/** A thread that sorts what has been committed and computes state roots, so that commits need not wait for either. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openStateSettler } from '../storage/store.ts'
import type { SettlerSetup } from './messages.ts'

const { directory } = workerData as SettlerSetup
const main = parentPort as MessagePort
const settler = openStateSettler(directory)

main.on('message', (message: 'settle' | 'close') => {
  if (message === 'settle') {
    settler.settle()
    main.postMessage('settled')
    return
  }
  settler.close()
  process.exit(0)
})
