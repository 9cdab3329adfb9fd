/**
 * What the identity bureau of the sample city needs to issue identity certificates: a key that the ledger knows, the type
 * with its wording, and the right to it. Written if it is not there yet, also in a city that was founded before.
 */
import {
  action,
  credentials,
  type GroupClient,
  governance,
  identity,
  proveIdentityKey,
  type SampleName,
  sampleActor,
} from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { displayDocument, identityType, schemaDocument } from '@chengxin/services'
import { ensureDone } from './first-day.ts'

export const bureauDomain = 'identity.sample-city.example'
export const bureauNames = {
  en: 'Identity Bureau',
  'zh-Hans': '身份证明局',
  'zh-Hant': '身份證明局',
  pt: 'Serviço de Identificação',
}

export async function openBureauOffice(group: GroupClient): Promise<void> {
  const { did } = sampleActor('bureau-issuer')
  await bringIn(group, 'bureau-issuer')
  await openCounter(group)
  const { typeId } = identityType
  const [schema, display] = [schemaDocument(identityType), displayDocument(identityType)]
  const { types } = (await group.get('/credential-types?limit=100')) as {
    readonly types: readonly { readonly typeId: string; readonly issuers?: number }[]
  }
  if (!types.some((type) => type.typeId === typeId)) {
    const args = { typeId, schemaHash: schema.hash, displayHash: display.hash }
    const defined = action(credentials.defineType, args)
    const authorised = action(credentials.authoriseIssuer, { issuer: did, typeId, domain: bureauDomain })
    const { height } = await ensureDone(group, 'issuer-authority', [defined, authorised])
    if (height !== undefined) await group.readModelReached(height)
  }
  for (const { hash, text } of [schema, display]) await group.putDocument(hash, text, 'application/json')
}

async function bringIn(group: GroupClient, name: SampleName): Promise<void> {
  const { did, signer } = sampleActor(name)
  if ((await group.find(`/dids/${encodeURIComponent(did)}`)) !== undefined) return
  const proven = await proveIdentityKey(group.groupId as GroupId, signer)
  await ensureDone(group, 'registrar', [action(identity.create, { did, ...proven })])
}

/** Two officers may sign at the counter: the committee says so, as it would of any others. */
async function openCounter(group: GroupClient): Promise<void> {
  const { roles } = (await group.get('/roles?role=counter_officer')) as { readonly roles: readonly { did: string }[] }
  for (const name of ['bureau-clerk', 'bureau-second-officer'] as const) {
    await bringIn(group, name)
    const { did, member } = sampleActor(name)
    if (roles.some((held) => held.did === did)) continue
    const proposalId = `proposal_first-day-${name}` as const
    const change = { kind: 'grantRole', role: 'counter_officer', did, member } as const
    await ensureDone(group, 'identity-bureau-admin', [action(governance.proposeChange, { proposalId, change })])
    await ensureDone(group, 'city-office-admin', [action(governance.approveChange, { proposalId })])
  }
}
