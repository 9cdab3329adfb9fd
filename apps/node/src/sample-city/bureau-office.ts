/**
 * What the identity bureau of the sample city needs to issue identity certificates: a key that the ledger knows, the type
 * with its wording, and the right to it. Written if it is not there yet, also in a city that was founded before.
 */
import { action, credentials, type GroupClient, identity, proveIdentityKey, sampleActor } from '@chengxin/client'
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
  const { did, signer } = sampleActor('bureau-issuer')
  if ((await group.find(`/dids/${encodeURIComponent(did)}`)) === undefined) {
    const proven = await proveIdentityKey(group.groupId as GroupId, signer)
    await ensureDone(group, 'registrar', [action(identity.create, { did, ...proven })])
  }
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
