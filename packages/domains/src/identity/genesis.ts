/** The first identities: everyone whom the founding document names must be among them, or nobody could ever sign. */
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import type { IdentityEvent } from './types.ts'

export function foundIdentity(document: GenesisDocument, host: Host): readonly IdentityEvent[] {
  const { identities, members, committee, webauthn, createdAtMs: atMs } = document
  const known = new Set<string>(identities.map(({ did }) => did))
  if (known.size < identities.length) throw new Error('Genesis: an identity is listed twice.')
  for (const did of [...committee.dids, ...members.flatMap(({ adminDids }) => adminDids)]) {
    if (!known.has(did)) throw new Error(`Genesis: ${did} has a duty but is not among the identities.`)
  }
  const created = identities.map(({ did, key, sponsor }): IdentityEvent => {
    if (host.deriveDid(key) !== did) throw new Error(`Genesis: ${did} is not the DID that its key founds.`)
    if (!members.some(({ memberId }) => memberId === sponsor)) {
      throw new Error(`Genesis: ${sponsor} sponsors an identity but is no member.`)
    }
    return { type: 'created', atMs, did, key, sponsor }
  })
  const parties = webauthn.map(({ rpId, origins }, number): IdentityEvent => {
    return { type: 'relyingPartyAccepted', number, origins, rpId }
  })
  return [...parties, ...created]
}
