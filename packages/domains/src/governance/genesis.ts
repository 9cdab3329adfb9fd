/** What the founding document means for governance. A document that breaks a rule founds nothing: that is an exception. */
import { isRefusal } from '@chengxin/kernel'
import type { GenesisDocument, GenesisMember, Host } from '@chengxin/module-kit'
import { stateCertificate } from './changes/certificates.ts'
import { keyName } from './changes/member-keys.ts'
import { isSoundThreshold } from './committee.ts'
import type { GovernanceEvent, Seat } from './types.ts'

export function foundGovernance(document: GenesisDocument, host: Host): readonly GovernanceEvent[] {
  const { ca, members, committee, ruleset } = document
  const admitted = members.flatMap((member) => foundMember(member, document, host))
  const keys = admitted.flatMap((event) => (event.type === 'memberKeyBound' ? [keyName(event.key)] : []))
  mustBeDistinct(keys, 'Keys of members')
  mustBeDistinct(
    members.map(({ memberId }) => memberId),
    'Members',
  )
  mustBeDistinct(committee.dids, 'Committee DIDs')
  const seats = committee.dids.map((did): Seat => {
    const member = members.find(({ adminDids }) => adminDids.includes(did))
    if (member === undefined) throw new Error(`Genesis: ${did} sits on the committee but administers no member.`)
    return { did, member: member.memberId }
  })
  if (!isSoundThreshold(committee.threshold, seats.length)) {
    throw new Error('Genesis: the threshold is more than half of the committee and at most all of it.')
  }
  return [
    { type: 'groupFounded', ca },
    ...admitted,
    { type: 'committeeChanged', seats, threshold: committee.threshold, version: 1 },
    { type: 'rulesetActivated', fromLeaf: 0, hash: ruleset.hash, version: ruleset.version },
  ]
}

function foundMember(member: GenesisMember, { ca, createdAtMs }: GenesisDocument, host: Host): GovernanceEvent[] {
  const { memberId, certificate, adminDids, cosignerKey, logKey, peerId, validatorKey } = member
  const statement = stateCertificate(host, certificate, ca, createdAtMs)
  if (isRefusal(statement)) throw new Error(`Genesis: the certificate of ${memberId} is refused: ${statement.refused}.`)
  mustBeDistinct(adminDids, `Administrators of ${memberId}`)
  const { key: certificateKey, ...stated } = statement
  const duties = [
    ['certificate', certificateKey],
    ['log', logKey],
    ['cosigner', cosignerKey],
    ['validator', validatorKey],
  ] as const
  return [
    {
      type: 'memberAdmitted',
      adminDids,
      atMs: createdAtMs,
      ...stated,
      cosignerKey,
      logKey,
      memberId,
      ...(peerId !== undefined && { peerId }),
      ...(validatorKey && { validatorKey }),
    },
    ...duties.flatMap(([duty, key]): GovernanceEvent[] =>
      key === undefined ? [] : [{ type: 'memberKeyBound', duty, key, memberId }],
    ),
  ]
}

function mustBeDistinct(names: readonly string[], what: string): void {
  if (new Set(names).size < names.length) throw new Error(`Genesis: ${what} are not all distinct.`)
}
