/** A ledger as witnessing needs it: its log, and the members whose word counts now, by the rules that say so. */
import type { Ed25519PublicJwk, PublicJwk } from '@chengxin/crypto'
import { logWitnesses, ruleset } from '@chengxin/domains/ruleset'
import type { TransactionId } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { StoredEvent } from '@chengxin/module-kit'
import type { GroupMember, Membership, OwnLog } from '@chengxin/services/witness'
import { committedReads } from '../serving/committed-reads.ts'

export function ownLog(ledger: Ledger, memberId: string): OwnLog {
  const membership = membershipOf(ledger)
  return {
    groupId: ledger.groupId,
    origin: ledger.genesis.origin,
    memberId,
    head: () => ledger.head(),
    checkpoint: () => ledger.checkpoint(),
    stateCheckpoint: () => ledger.stateCheckpoint(),
    rootAt: (size) => ledger.rootAt(size),
    consistency: (olderSize, newerSize) => ledger.consistency(olderSize, newerSize),
    leafIndexOf(transactionId) {
      const outcome = ledger.outcome(transactionId as TransactionId)
      return outcome !== undefined && 'leafIndex' in outcome ? outcome.leafIndex : undefined
    },
    receipt: (transactionId, against) => ledger.receipt(transactionId as TransactionId, against),
    coseReceipt: (transactionId, against) => ledger.coseReceipt(transactionId as TransactionId, against),
    membership,
    onGrowth: (listener) => ledger.onCommit(() => listener()),
  }
}

/**
 * Asked for every checkpoint that is heard, and changed by few blocks: read again only after a block with an event of the
 * domain that answers, since nothing else writes its rows.
 */
function membershipOf(ledger: Ledger): () => Membership {
  let known: Membership | undefined
  ledger.onCommit(({ transactions }) => {
    if (known !== undefined && transactions.some(({ events }) => events.some(isOfMembers))) known = undefined
  })
  return () => {
    known ??= readMembership(ledger)
    return known
  }
}

const ofMembers = `${logWitnesses.domain}.`

function isOfMembers({ type }: StoredEvent): boolean {
  return type.startsWith(ofMembers)
}

function readMembership(ledger: Ledger): Membership {
  const { members, receiptQuorum } = committedReads(ledger, ruleset, logWitnesses)
  const present = members().flatMap(([memberId, member]) => groupMember(memberId, member))
  const isPresent = (memberId: string) => present.some((member) => member.memberId === memberId)
  // Founders that were removed may have signed what still has to be answered for.
  const gone = ledger.genesis.members.filter((founder) => !isPresent(founder.memberId))
  const removed = gone.flatMap(({ memberId, logKey, cosignerKey }) =>
    groupMember(memberId, { organisation: memberId, status: 'removed', logKey, cosignerKey }),
  )
  return { members: [...present, ...removed], quorum: receiptQuorum() }
}

interface MemberFacts {
  readonly organisation: string
  readonly status: GroupMember['status']
  readonly logKey: PublicJwk
  readonly cosignerKey: PublicJwk
}

function groupMember(memberId: string, facts: MemberFacts): readonly GroupMember[] {
  const { organisation, status, logKey, cosignerKey } = facts
  if (logKey.crv !== 'Ed25519' || cosignerKey.crv !== 'Ed25519') return []
  const keys: { logKey: Ed25519PublicJwk; cosignerKey: Ed25519PublicJwk } = { logKey, cosignerKey }
  return [{ memberId, organisation, status, ...keys }]
}
