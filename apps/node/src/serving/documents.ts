/** Which documents and trust bundles a node keeps, and which it serves under a name: what the ledger stands behind. */
import type { DocumentStore, NamedDocument } from '@chengxin/api'
import { createDocumentStore } from '@chengxin/api'
import { checkCodes, openBundle, type Pins, pinsOfKept } from '@chengxin/audit'
import { type GroupId, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { defineRefusals } from '@chengxin/module-kit'
import type { Projection } from '@chengxin/projection/face'

export function openDocuments(directory: string, projections: ReadonlyMap<string, Projection>): DocumentStore {
  return createDocumentStore({
    directory,
    async isAnchored(groupId, hash) {
      const sql = projections.get(groupId)?.sql
      const found = await sql?.query('SELECT 1 AS found FROM credentials_anchored_documents WHERE hash = $1 LIMIT 1', [
        hash,
      ])
      return found !== undefined && found.length > 0
    },
    acceptBundle,
  })
}

/** A bundle of this group that its committee signed, and that is newer than the one held. */
async function acceptBundle(groupId: string, text: string, held: string | undefined): Promise<Refusal | undefined> {
  const group = groupId as GroupId
  const pins: Pins = (held === undefined ? undefined : pinsOfKept(held)) ?? { group }
  const bundle = await openBundle(text, { pins })
  if (isRefusal(bundle)) return bundle
  if (bundle.sequence === pins.newest?.sequence) return refuse('bundle_rolled_back')
  return bundle.expiresAtMs <= Date.now() ? refuse('bundle_expired') : undefined
}

/** Why a trust bundle is not taken, in the words that an audit uses. */
export const bundleRefusals = defineRefusals({
  bundle_malformed: ['malformed', checkCodes.bundle_malformed[2]],
  bundle_other_group: ['malformed', checkCodes.bundle_other_group[2]],
  bundle_signature_invalid: ['unauthenticated', checkCodes.bundle_signature_invalid[2]],
  bundle_threshold_not_met: ['forbidden', checkCodes.bundle_threshold_not_met[2]],
  bundle_rolled_back: ['conflict', checkCodes.bundle_rolled_back[2]],
  bundle_equivocates: ['conflict', checkCodes.bundle_equivocates[2]],
  bundle_checkpoint_invalid: ['malformed', checkCodes.bundle_checkpoint_invalid[2]],
  bundle_expired: ['conflict', checkCodes.bundle_expired[2]],
})

/** The newest version of a status list, under the address that certificates name. */
export const statusLists: NamedDocument = {
  path: '/status-lists/:listId',
  summary: 'The newest published version of a status list, as a signed token.',
  mediaType: 'application/statuslist+jwt',
  async hashes(sql, listId) {
    const rows = await sql.query(
      'SELECT hash FROM credentials_status_lists WHERE list_id = $1 ORDER BY version DESC LIMIT 3',
      [listId],
    )
    return rows.map(({ hash }) => String(hash))
  },
}
