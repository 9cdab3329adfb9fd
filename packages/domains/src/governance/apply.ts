/** The only place where governance's state changes. An event is a fact: nothing is refused here. */
import { keyOf, type Write } from '@chengxin/module-kit'
import { keyName } from './changes/member-keys.ts'
import { endLast } from './periods.ts'
import type { GovernanceEvent, GovernanceTables } from './types.ts'

export function applyGovernanceEvent(write: Write<GovernanceTables>, event: GovernanceEvent): void {
  switch (event.type) {
    case 'groupFounded':
      write.group.put('group', { ca: event.ca, memberIds: [] })
      return
    case 'memberAdmitted':
    case 'memberRotated':
    case 'memberKeyBound':
    case 'memberSuspended':
    case 'memberReinstated':
    case 'memberRemoved':
    case 'certificateRevoked':
      applyMemberEvent(write, event)
      return
    case 'roleGranted':
    case 'roleRevoked':
    case 'roleFrozen':
    case 'roleUnfrozen':
      applyRoleEvent(write, event)
      return
    case 'committeeChanged': {
      const { seats, threshold, version } = event
      write.committee.put('committee', { seats, threshold, version })
      return
    }
    case 'receiptQuorumSet':
      write.group.change('group', (group) => ({ ...group, receiptQuorum: event.cosignatures }))
      return
    case 'groupPinned': {
      const { type: _type, atMs, group, ...pin } = event
      write.pinnedGroups.put(group, { ...pin, pinnedAtMs: atMs })
      return
    }
    case 'groupUnpinned':
      write.pinnedGroups.remove(event.group)
      return
    case 'rulesetActivated': {
      const { fromLeaf, hash, version } = event
      const earlier = (write.rulesets.get('schedule')?.activations ?? []).filter((other) => other.fromLeaf < fromLeaf)
      write.rulesets.put('schedule', { activations: [...earlier, { fromLeaf, hash, version }] })
      return
    }
    case 'changeProposed': {
      const { change, expiresAtMs, proposer } = event
      write.proposals.put(event.proposalId, { approvedBy: [], change, expiresAtMs, proposer, status: 'open' })
      return
    }
    case 'changeApproved':
      write.proposals.change(event.proposalId, (proposal) => ({
        ...proposal,
        approvedBy: event.approvedBy,
      }))
      return
    case 'changePassed':
      closeProposal(write, event.proposalId, 'passed')
      return
    case 'changeWithdrawn':
      closeProposal(write, event.proposalId, 'withdrawn')
      return
  }
}

type MemberEvent = Extract<
  GovernanceEvent,
  {
    readonly type:
      | 'memberAdmitted'
      | 'memberRotated'
      | 'memberKeyBound'
      | 'memberSuspended'
      | 'memberReinstated'
      | 'memberRemoved'
      | 'certificateRevoked'
  }
>

function applyMemberEvent(write: Write<GovernanceTables>, event: MemberEvent): void {
  switch (event.type) {
    case 'memberAdmitted': {
      const { type: _type, atMs, memberId, ...facts } = event
      write.members.put(memberId, { ...facts, activePeriods: [{ fromMs: atMs }], status: 'active' })
      write.certificates.put(facts.serial, { fingerprint: facts.fingerprint, memberId })
      write.group.change('group', (group) => ({ ...group, memberIds: [...group.memberIds, memberId] }))
      return
    }
    case 'memberRotated': {
      const { type: _type, memberId, ...facts } = event
      write.members.change(memberId, ({ activePeriods, status }) => ({ ...facts, activePeriods, status }))
      if (!write.certificates.has(facts.serial)) {
        write.certificates.put(facts.serial, { fingerprint: facts.fingerprint, memberId })
      }
      return
    }
    case 'memberKeyBound':
      write.memberKeys.put(keyName(event.key), { duty: event.duty, memberId: event.memberId })
      return
    case 'memberSuspended':
      write.members.change(event.memberId, (member) => ({
        ...member,
        activePeriods: endLast(member.activePeriods, event.atMs),
        status: 'suspended',
      }))
      return
    case 'memberReinstated':
      write.members.change(event.memberId, (member) => ({
        ...member,
        activePeriods: [...member.activePeriods, { fromMs: event.atMs }],
        status: 'active',
      }))
      return
    case 'memberRemoved':
      write.members.change(event.memberId, (member) => ({
        ...member,
        activePeriods: endLast(member.activePeriods, event.atMs),
        status: 'removed',
      }))
      write.group.change('group', (group) => ({
        ...group,
        memberIds: group.memberIds.filter((memberId) => memberId !== event.memberId),
      }))
      return
    case 'certificateRevoked':
      write.certificates.change(event.serial, (certificate) => ({ ...certificate, revokedAtMs: event.atMs }))
      return
  }
}

type RoleEvent = Extract<
  GovernanceEvent,
  { readonly type: 'roleGranted' | 'roleRevoked' | 'roleFrozen' | 'roleUnfrozen' }
>

function applyRoleEvent({ roles }: Write<GovernanceTables>, event: RoleEvent): void {
  const key = keyOf(event.role, event.did)
  switch (event.type) {
    case 'roleGranted': {
      const { member, atMs } = event
      const periods = [...(roles.get(key)?.periods ?? []), { fromMs: atMs, member }]
      roles.put(key, { member, periods, status: 'held' })
      return
    }
    case 'roleRevoked':
      roles.change(key, (role) => ({ ...role, periods: endLast(role.periods, event.atMs), status: 'revoked' }))
      return
    case 'roleFrozen':
      roles.change(key, (role) => ({ ...role, periods: endLast(role.periods, event.atMs), status: 'frozen' }))
      return
    case 'roleUnfrozen':
      roles.change(key, (role) => ({
        ...role,
        periods: [...role.periods, { fromMs: event.atMs, member: role.member }],
        status: 'held',
      }))
      return
  }
}

function closeProposal(
  { proposals }: Write<GovernanceTables>,
  proposalId: string,
  status: 'passed' | 'withdrawn',
): void {
  proposals.change(proposalId, ({ change: _change, ...proposal }) => ({ ...proposal, status }))
}
