/** Governance as lists: members, roles, proposals with approvals, committees and rulesets as they followed each other. */

import { canonicalize } from '@chengxin/kernel'
import { type AnyEvent, type EventMeta, type RowWriter, type Views } from '@chengxin/module-kit'
import { sequenceOf } from '../sequence.ts'
import type { GovernanceEvent } from './types.ts'

export const views: Views = {
  tables: [
    {
      name: 'governance_members',
      columns: {
        member_id: 'text',
        seq: 'bigint',
        status: 'text',
        since_ms: 'bigint',
        admitted_at_ms: 'bigint',
        organisation: 'text',
        fingerprint: 'text',
        serial: 'text',
        certificate_not_after_ms: 'bigint',
        admin_dids: 'json',
        log_key: 'json',
        cosigner_key: 'json',
        validator_key: 'json',
        peer_id: 'text',
      },
      key: ['member_id'],
    },
    {
      name: 'governance_certificates',
      columns: { serial: 'text', member_id: 'text', fingerprint: 'text', revoked_at_ms: 'bigint' },
      key: ['serial'],
      indexes: [['member_id']],
    },
    {
      name: 'governance_roles',
      columns: { role: 'text', did: 'text', member_id: 'text', status: 'text', since_ms: 'bigint', seq: 'bigint' },
      key: ['role', 'did'],
      indexes: [['did'], ['seq']],
    },
    {
      name: 'governance_committees',
      columns: { version: 'integer', threshold: 'integer', seats: 'json', since_ms: 'bigint' },
      key: ['version'],
    },
    {
      name: 'governance_rulesets',
      columns: { seq: 'bigint', from_leaf: 'bigint', hash: 'text', version: 'text', decided_at_ms: 'bigint' },
      key: ['seq'],
    },
    {
      name: 'governance_receipt_quorums',
      columns: { seq: 'bigint', cosignatures: 'integer', since_ms: 'bigint' },
      key: ['seq'],
    },
    {
      name: 'governance_pinned_groups',
      columns: {
        group_id: 'text',
        seq: 'bigint',
        origin: 'text',
        members: 'json',
        quorum: 'integer',
        max_age_ms: 'bigint',
        type_ids: 'json',
        status: 'text',
        since_ms: 'bigint',
      },
      key: ['group_id'],
    },
    {
      name: 'governance_proposals',
      columns: {
        proposal_id: 'text',
        seq: 'bigint',
        proposer: 'text',
        kind: 'text',
        change: 'json',
        status: 'text',
        approved_by: 'json',
        proposed_at_ms: 'bigint',
        expires_at_ms: 'bigint',
        closed_at_ms: 'bigint',
      },
      key: ['proposal_id'],
      indexes: [['seq'], ['status', 'seq']],
    },
    {
      name: 'governance_approvals',
      columns: { proposal_id: 'text', seq: 'bigint', did: 'text', at_ms: 'bigint' },
      key: ['proposal_id', 'seq'],
    },
  ],
  fold: (event: AnyEvent, meta: EventMeta, rows: RowWriter) => fold(event as GovernanceEvent, meta, rows),
}

function fold(event: GovernanceEvent, meta: EventMeta, rows: RowWriter): void {
  switch (event.type) {
    case 'memberAdmitted':
    case 'memberRotated':
    case 'memberSuspended':
    case 'memberReinstated':
    case 'memberRemoved':
    case 'certificateRevoked':
      foldMembers(event, meta, rows)
      return
    case 'roleGranted':
    case 'roleRevoked':
    case 'roleFrozen':
    case 'roleUnfrozen':
      foldRoles(event, meta, rows)
      return
    case 'changeProposed':
    case 'changeApproved':
    case 'changePassed':
    case 'changeWithdrawn':
      foldProposals(event, meta, rows)
      return
    case 'committeeChanged': {
      const { seats, threshold, version } = event
      rows.put('governance_committees', { version, threshold, seats: canonicalize(seats), since_ms: meta.timeMs })
      return
    }
    case 'rulesetActivated': {
      const { fromLeaf, hash, version } = event
      const decided = { seq: sequenceOf(meta), decided_at_ms: meta.timeMs }
      rows.put('governance_rulesets', { ...decided, from_leaf: fromLeaf, hash, version })
      return
    }
    case 'receiptQuorumSet': {
      const { cosignatures } = event
      rows.put('governance_receipt_quorums', { seq: sequenceOf(meta), cosignatures, since_ms: meta.timeMs })
      return
    }
    case 'groupPinned':
      rows.put('governance_pinned_groups', {
        group_id: event.group,
        seq: sequenceOf(meta),
        origin: event.origin,
        members: canonicalize(event.members),
        quorum: event.quorum,
        max_age_ms: event.maxAgeMs,
        type_ids: canonicalize(event.typeIds),
        status: 'pinned',
        since_ms: event.atMs,
      })
      return
    case 'groupUnpinned':
      rows.set('governance_pinned_groups', { group_id: event.group }, { status: 'unpinned', since_ms: meta.timeMs })
      return
    case 'groupFounded':
    case 'memberKeyBound':
      return
  }
}

type Of<T extends GovernanceEvent['type']> = Extract<GovernanceEvent, { readonly type: T }>
type MemberEvent = Of<
  'memberAdmitted' | 'memberRotated' | 'memberSuspended' | 'memberReinstated' | 'memberRemoved' | 'certificateRevoked'
>

function foldMembers(event: MemberEvent, meta: EventMeta, rows: RowWriter): void {
  const standing = (member_id: string, status: string) =>
    rows.set('governance_members', { member_id }, { status, since_ms: meta.timeMs })
  switch (event.type) {
    case 'memberAdmitted': {
      const { memberId: member_id, fingerprint, serial, atMs } = event
      const entered = { seq: sequenceOf(meta), status: 'active', since_ms: atMs, admitted_at_ms: atMs }
      rows.put('governance_members', { member_id, ...entered, ...factColumns(event) })
      rows.put('governance_certificates', { fingerprint, member_id, serial, revoked_at_ms: null })
      return
    }
    case 'memberRotated': {
      const { memberId: member_id, fingerprint, serial } = event
      rows.set('governance_members', { member_id }, factColumns(event))
      // A certificate in use is never a revoked one, so the row can be written whole.
      rows.put('governance_certificates', { fingerprint, member_id, serial, revoked_at_ms: null })
      return
    }
    case 'memberSuspended':
      standing(event.memberId, 'suspended')
      return
    case 'memberReinstated':
      standing(event.memberId, 'active')
      return
    case 'memberRemoved':
      standing(event.memberId, 'removed')
      return
    case 'certificateRevoked':
      rows.set('governance_certificates', { serial: event.serial }, { revoked_at_ms: event.atMs })
      return
  }
}

function factColumns(facts: Of<'memberAdmitted' | 'memberRotated'>) {
  return {
    organisation: facts.organisation,
    fingerprint: facts.fingerprint,
    serial: facts.serial,
    certificate_not_after_ms: facts.certificateNotAfterMs,
    admin_dids: canonicalize(facts.adminDids),
    log_key: canonicalize(facts.logKey),
    cosigner_key: canonicalize(facts.cosignerKey),
    validator_key: facts.validatorKey === undefined ? null : canonicalize(facts.validatorKey),
    peer_id: facts.peerId ?? null,
  }
}

const roleStatus = { roleRevoked: 'revoked', roleFrozen: 'frozen', roleUnfrozen: 'held' } as const

function foldRoles(
  event: Of<'roleGranted' | 'roleRevoked' | 'roleFrozen' | 'roleUnfrozen'>,
  meta: EventMeta,
  rows: RowWriter,
): void {
  const { role, did, atMs: since_ms } = event
  if (event.type === 'roleGranted') {
    const row = { role, did, member_id: event.member, status: 'held', since_ms, seq: sequenceOf(meta) }
    rows.put('governance_roles', row)
    return
  }
  rows.set('governance_roles', { role, did }, { status: roleStatus[event.type], since_ms })
}

function foldProposals(
  event: Of<'changeProposed' | 'changeApproved' | 'changePassed' | 'changeWithdrawn'>,
  meta: EventMeta,
  rows: RowWriter,
): void {
  const { proposalId: proposal_id } = event
  switch (event.type) {
    case 'changeProposed':
      rows.put('governance_proposals', {
        proposal_id,
        seq: sequenceOf(meta),
        proposer: event.proposer,
        kind: event.change.kind,
        change: canonicalize(event.change),
        status: 'open',
        approved_by: '[]',
        proposed_at_ms: meta.timeMs,
        expires_at_ms: event.expiresAtMs,
        closed_at_ms: null,
      })
      return
    case 'changeApproved': {
      rows.set('governance_proposals', { proposal_id }, { approved_by: canonicalize(event.approvedBy) })
      const approval = { proposal_id, seq: sequenceOf(meta), did: event.by, at_ms: meta.timeMs }
      rows.put('governance_approvals', approval)
      return
    }
    case 'changePassed':
      rows.set('governance_proposals', { proposal_id }, { status: 'passed', closed_at_ms: meta.timeMs })
      return
    case 'changeWithdrawn':
      rows.set('governance_proposals', { proposal_id }, { status: 'withdrawn', closed_at_ms: meta.timeMs })
      return
  }
}
