/** Why a snapshot, a chunk of one, or fetched history is not taken. Nothing of it remains. */
import { defineRefusals } from '@chengxin/module-kit'

export const snapshotRefusals = defineRefusals({
  snapshot_manifest_malformed: ['malformed', 'The manifest of the snapshot cannot be read.'],
  snapshot_not_agreed: ['conflict', 'The snapshot is not of a state that the group has agreed on.'],
  snapshot_chunk_unknown: ['missing', 'The snapshot has no chunk with this number.'],
  snapshot_chunk_too_large: ['malformed', 'The chunk is larger than any chunk may be.'],
  snapshot_chunk_altered: ['conflict', 'The chunk is not the one whose hash the manifest names.'],
  snapshot_chunk_malformed: ['malformed', 'The chunk cannot be read, or holds what does not belong in it.'],
  snapshot_state_differs: ['conflict', 'The rows of the snapshot do not make the agreed state root.'],
  snapshot_log_too_short: ['conflict', 'The snapshot lacks leaves that its nonces must be read from.'],
  snapshot_log_differs: ['conflict', 'The leaves that came with the snapshot are not those of the agreed log.'],
  history_differs: ['conflict', 'The fetched leaves or events are not those of the agreed log.'],
})
