/** The half of the snapshot calls that a running ledger answers: what it has for others. It takes none for itself. */
import type { SnapshotCalls } from '../ordering/application.ts'
import { listSnapshots, loadSnapshotChunk } from '../storage/snapshot/stored-snapshots.ts'

/** An engine offers no more than so many to those who ask it. */
const listedAtOnce = 10

export function servedSnapshots(directory: string): SnapshotCalls {
  return {
    listSnapshots: () =>
      listSnapshots(directory)
        .slice(0, listedAtOnce)
        .map(({ height, chunks, hash, manifest }) => ({ height, chunks, hash, metadata: manifest })),
    loadSnapshotChunk: ({ height }, index) => loadSnapshotChunk(directory, height, index),
    offerSnapshot: () => 'reject',
    applySnapshotChunk: () => 'reject',
  }
}
