/** Measurements of snapshots, and of what a node that began with one still lacks. */
import type { Registry } from 'prom-client'
import type { GroupPlace } from './endpoint.ts'
import { type Groups, gaugePerGroup } from './gauge.ts'

export function measureSnapshots(registry: Registry, groups: Groups): void {
  const gauge = (name: string, help: string, valueOf: (ledger: GroupPlace['ledger']) => number | undefined) =>
    gaugePerGroup(registry, groups, name, help, ({ ledger }) => valueOf(ledger))
  gauge('snapshots', 'Snapshots that are kept.', ({ archive }) => archive.snapshots().length)
  gauge('snapshot_bytes', 'What all snapshots take on disk.', ({ archive }) =>
    archive.snapshots().reduce((sum, { bytes }) => sum + bytes, 0),
  )
  gauge('snapshot_height', 'The block of the newest snapshot.', ({ archive }) => archive.snapshots()[0]?.height)
  gauge('snapshot_lag_leaves', 'Leaves since the newest snapshot.', (ledger) => {
    const [newest] = ledger.archive.snapshots()
    return newest && ledger.head().size - newest.size
  })
  gauge('snapshot_age_seconds', 'Block time since the newest snapshot.', (ledger) => {
    const [newest] = ledger.archive.snapshots()
    return newest && (ledger.head().timeMs - newest.timeMs) / 1000
  })
  gauge('log_missing_leaves', 'Leaves that are still to be fetched from other members.', ({ archive }) => {
    const lacking = archive.lacking()
    return lacking === undefined ? 0 : lacking.toLeaf - lacking.fromLeaf
  })
}
