/** What witnessing needs of the ledger it stands beside: a node hands it in, so that nothing here knows how a log is kept. */
import { createNoteKey, type Ed25519PublicJwk, type NoteKey, noteSignatureTypes, stateKey } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'

export interface LogHead {
  readonly height: number
  readonly size: number
  readonly timeMs: number
  readonly ruleset: { readonly version: string; readonly hash: string }
}

/** A member of the group as its state has it now; one that was removed is known for what it signed before. */
export interface GroupMember {
  readonly memberId: string
  readonly organisation: string
  readonly status: 'active' | 'suspended' | 'removed'
  readonly logKey: Ed25519PublicJwk
  readonly cosignerKey: Ed25519PublicJwk
}

export interface Membership {
  readonly members: readonly GroupMember[]
  /** How many active members must have cosigned a checkpoint before a receipt is given against it. */
  readonly quorum: number
}

/** A checkpoint with the signatures that were collected for it. */
export interface SignedTree {
  readonly size: number
  readonly note: string
}

export interface OwnLog {
  readonly groupId: string
  /** The first line of its checkpoints. */
  readonly origin: string
  /** Which member this node is. */
  readonly memberId: string
  head(): LogHead
  /** This member's newest checkpoint, signed and cosigned by it alone. */
  checkpoint(): string
  stateCheckpoint(): string | undefined
  rootAt(size: number): Uint8Array | undefined
  consistency(olderSize: number, newerSize: number): readonly Uint8Array[] | undefined
  /** Where a transaction stands; undefined where the log does not have it. */
  leafIndexOf(transactionId: string): number | undefined
  receipt(transactionId: string, against: SignedTree): string | undefined
  coseReceipt(transactionId: string, against: SignedTree): Uint8Array | undefined
  membership(): Membership
  /** Told after each commit; returns the way to stop. */
  onGrowth(listener: () => void): () => void
}

/** A member's keys under the names with which it signs. */
export interface MemberKeys {
  readonly log: NoteKey
  readonly cosigner: NoteKey
  readonly state: NoteKey
}

/** A key has the hash of its name and bytes as its id; every checkpoint that is heard asks for those of all members. */
const madeKeys = new Map<string, MemberKeys>()
const madeKeysKept = 1024

export function keysOfMember(origin: string, { memberId, logKey, cosignerKey }: GroupMember): MemberKeys {
  const about = [origin, memberId, logKey.x, cosignerKey.x].join('\n')
  const known = madeKeys.get(about)
  if (known !== undefined) return known
  const keys = {
    log: createNoteKey(sha256, origin, noteSignatureTypes.ed25519, logKey),
    cosigner: createNoteKey(sha256, `${origin}/${memberId}`, noteSignatureTypes.cosignature, cosignerKey),
    state: stateKey(sha256, origin, logKey),
  }
  if (madeKeys.size >= madeKeysKept) madeKeys.clear()
  madeKeys.set(about, keys)
  return keys
}
