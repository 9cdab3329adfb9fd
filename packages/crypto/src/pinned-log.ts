/**
 * The log of a group whose members' keys somebody has pinned: what a receipt and a state checkpoint prove to a reader who
 * knows nothing else of that group. A quorum of members must have cosigned the tree, and signed the state, themselves.
 */
import { isRefusal, type Refusal } from '@chengxin/kernel'
import type { Sha256 } from './hash.ts'
import type { Ed25519PublicJwk } from './jwk.ts'
import { createTreeHasher } from './merkle.ts'
import { createNoteKey, noteSignatureTypes } from './note.ts'
import { openStateCheckpoint, type StateHead, stateKey } from './state-checkpoint.ts'
import { verifyTlogProof } from './tlog-proof.ts'
import type { VerifySignature } from './verify.ts'

export interface PinnedLog {
  /** The first line of its checkpoints. */
  readonly origin: string
  readonly members: readonly {
    readonly memberId: string
    readonly logKey: Ed25519PublicJwk
    readonly cosignerKey: Ed25519PublicJwk
  }[]
  /** How many of the members must stand behind what is shown. */
  readonly quorum: number
}

export interface PinnedLeaf {
  readonly leaf: Uint8Array
  readonly index: number
}

interface Means {
  readonly sha256: Sha256
  readonly verify: VerifySignature
}

/** The leaf that a receipt (C2SP tlog-proof) proves to stand in the pinned log; refusals of `verifyTlogProof`. */
export function openPinnedReceipt({ sha256, verify }: Means, text: string, pinned: PinnedLog): PinnedLeaf | Refusal {
  const { origin, members, quorum } = pinned
  const policy = {
    origin,
    logKeys: members.map(({ logKey }) => createNoteKey(sha256, origin, noteSignatureTypes.ed25519, logKey)),
    logThreshold: 1,
    cosignerKeys: members.map(({ memberId, cosignerKey }) =>
      createNoteKey(sha256, `${origin}/${memberId}`, noteSignatureTypes.cosignature, cosignerKey),
    ),
    cosignerThreshold: quorum,
  }
  const proved = verifyTlogProof(text, { hasher: createTreeHasher(sha256), policy, verify })
  return isRefusal(proved) ? proved : { leaf: proved.leaf, index: proved.index }
}

/** The state that a note states, signed by a quorum of the pinned members; refusals of `openStateCheckpoint`. */
export function openPinnedState({ sha256, verify }: Means, text: string, pinned: PinnedLog): StateHead | Refusal {
  const { origin, members, quorum: threshold } = pinned
  const keys = members.map(({ logKey }) => stateKey(sha256, origin, logKey))
  const opened = openStateCheckpoint(text, { origin, keys, threshold }, verify)
  if (isRefusal(opened)) return opened
  const { size, root, timeMs } = opened
  return { size, root, timeMs }
}
