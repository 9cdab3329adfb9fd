/**
 * The sample city's offices, as the demonstration needs them: DIDs, roles given by the committee, the type of certificate
 * and the university's right to it. All of it may be there already; then it is left as it is.
 */
import {
  type Action,
  action,
  buildTransaction,
  credentials,
  type GroupClient,
  governance,
  identity,
  type Outcome,
  proveIdentityKey,
  type SampleName,
  sampleActor,
  TransactionFailed,
} from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { type CertificateType, displayDocument, schemaDocument } from '../issuer/certificate-type.ts'

export const universityDomain = 'university.sample-city.example'

/** Refusals that say that this was done before. */
const doneBefore = new Set([
  'identity_already_exists',
  'role_already_held',
  'proposal_already_exists',
  'proposal_not_open',
  'already_approved',
  'type_already_exists',
  'issuer_already_authorised',
])

/** Sends one action in the name of somebody of the cast: `done` where it happened now, else why it had before. */
async function ensure(group: GroupClient, name: SampleName, wanted: Action): Promise<string> {
  const { signer } = sampleActor(name)
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
  const [outcome] = (await group.submit([jws])) as [Outcome]
  if (outcome.status === 'committed') return 'done'
  if (outcome.code !== undefined && doneBefore.has(outcome.code)) return outcome.code
  throw new TransactionFailed(outcome)
}

/** Has the registrar bring somebody of the cast in. */
export async function ensureIdentity(group: GroupClient, name: SampleName): Promise<boolean> {
  const { did, signer } = sampleActor(name)
  const proven = await proveIdentityKey(group.groupId as GroupId, signer)
  return (await ensure(group, 'registrar', action(identity.create, { did, ...proven }))) === 'done'
}

/** Two of the three committee members give a role. `round` names the proposal, which can be made only once. */
export async function ensureRole(group: GroupClient, role: string, name: SampleName, round: string): Promise<boolean> {
  const { did, member } = sampleActor(name)
  const proposalId = `proposal_${round}-${name}` as const
  const change = { kind: 'grantRole', role, did, member } as const
  const proposed = await ensure(
    group,
    'identity-bureau-admin',
    action(governance.proposeChange, { proposalId, change }),
  )
  if (proposed === 'role_already_held') return false
  await ensure(group, 'city-office-admin', action(governance.approveChange, { proposalId }))
  return true
}

/** Defines the type and publishes its schema and display texts under their anchored hashes. */
export async function ensureType(group: GroupClient, type: CertificateType): Promise<boolean> {
  const [schema, display] = [schemaDocument(type), displayDocument(type)]
  const args = { typeId: type.typeId, schemaHash: schema.hash, displayHash: display.hash }
  const isNew = (await ensure(group, 'issuer-authority', action(credentials.defineType, args))) === 'done'
  await group.readModelReached(await heightOf(group))
  for (const { hash, text } of [schema, display]) await group.putDocument(hash, text, 'application/json')
  return isNew
}

export async function ensureAuthorised(group: GroupClient, typeId: CertificateType['typeId']): Promise<boolean> {
  const { did } = sampleActor('university')
  const args = { issuer: did, typeId, domain: universityDomain }
  return (await ensure(group, 'issuer-authority', action(credentials.authoriseIssuer, args))) === 'done'
}

async function heightOf(group: GroupClient): Promise<number> {
  return ((await group.get('')) as { readonly height: number }).height
}

const roles = [
  ['registrar', 'registrar'],
  ['identity_bureau', 'identity-bureau'],
  ['issuer_authority', 'issuer-authority'],
] as const

/** Fills every office of the demonstration; tells how many were vacant. */
export async function fillOffices(group: GroupClient, round: string): Promise<{ identities: number; roles: number }> {
  const counts = { identities: 0, roles: 0 }
  for (const [role, name] of roles) {
    // The registrar founds the others, and was itself founded with the city.
    if (name !== 'registrar' && (await ensureIdentity(group, name))) counts.identities++
    if (await ensureRole(group, role, name, round)) counts.roles++
  }
  if (await ensureIdentity(group, 'university')) counts.identities++
  return counts
}
