/**
 * A thread that writes snapshots, so that neither commits nor settling wait for more than its first look: the settler asks
 * at a boundary and goes on when this thread holds the state of that boundary. While it writes it is not asked again.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { asStoreError } from '../storage/disk.ts'
import { StoreFull } from '../storage/face.ts'
import { pruneSnapshots } from '../storage/snapshot/stored-snapshots.ts'
import { writeSnapshot } from '../storage/snapshot/write-snapshot.ts'
import { Reading } from '../storage/store-reader.ts'
import { type CommittedHead, readHead } from '../storage/stored-head.ts'
import type { FromSnapshots, SnapshotAsked, SnapshotSetup } from './messages.ts'
import { snapshotTurn } from './snapshot-turn.ts'

const { directory, group, keep, turn, asked } = workerData as SnapshotSetup
const main = parentPort as MessagePort
const state = new Int32Array(turn)
const tell = (message: FromSnapshots) => main.postMessage(message)

/** Rows are read from the settled tables alone, so what has been committed since is not taken in. */
class SnapshotReading extends Reading {
  override committed(): CommittedHead | undefined {
    this.recent.environment.renew()
    this.forgetHistory()
    return readHead(this.recent)
  }
}

const reading = new SnapshotReading(directory, false)
pruneSnapshots(directory, keep)

asked.on('message', ({ height, size }: SnapshotAsked) => {
  try {
    // The oldest goes first, so that there are never more than are to be kept; one is always left for who is fetching it.
    pruneSnapshots(directory, Math.max(keep - 1, 1))
    const path = writeSnapshot(
      reading,
      { group, height, size },
      {
        onHeld: () => snapshotTurn.held(state),
        isUnwanted: () => snapshotTurn.isEnded(state),
      },
    )
    if (path !== undefined) tell({ kind: 'taken', height })
  } catch (error) {
    const known = asStoreError(error, directory)
    // Without room there is none; the next boundary tries again.
    if (!(known instanceof StoreFull)) tell({ kind: 'failed', sentence: String(known) })
  } finally {
    reading.settled.environment.renew()
    reading.recent.environment.renew()
    pruneSnapshots(directory, keep)
    snapshotTurn.over(state)
  }
})

main.on('message', () => {
  reading.close()
  process.exit(0)
})
