/** A thread that sorts what has been committed and computes state roots, so that commits need not wait for either. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type SettledBoundary, StoreFull } from '../storage/face.ts'
import { isSnapshotDue } from '../storage/snapshot/schedule.ts'
import { takeWish } from '../storage/snapshot/stored-snapshots.ts'
import { openStateSettler } from '../storage/store.ts'
import { haltOf } from './engine-health.ts'
import type { FromSettler, SettlerSetup, SnapshotAsked, ToSettler } from './messages.ts'
import { snapshotTurn } from './snapshot-turn.ts'

const { directory, snapshots } = workerData as SettlerSetup
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

const turn = snapshots && new Int32Array(snapshots.turn)

/** The state is as of this boundary until the call returns. */
function atBoundary({ height, size, timeMs, previousMs }: SettledBoundary): void {
  if (snapshots === undefined || turn === undefined) return
  if (!takeWish(directory) && !isSnapshotDue(snapshots.everyMs, timeMs, previousMs)) return
  const asked: SnapshotAsked = { height, size }
  snapshotTurn.ask(turn, () => snapshots.ask.postMessage(asked))
}

/** Without room nothing is settled, and nothing is lost: what has gathered is settled when there is room again. */
function settle(upTo: number): void {
  try {
    settler.settle(atBoundary, upTo)
    tell({ kind: 'settled' })
  } catch (error) {
    tell(error instanceof StoreFull ? { kind: 'settled' } : { kind: 'health', health: haltOf(error) })
  }
}
