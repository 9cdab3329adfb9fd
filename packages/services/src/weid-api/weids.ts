/** Making WeIDs for services, and reading anybody's document. */
import { action, identity, NodeAnswered, proveIdentityKey } from '@chengxin/client'
import type { PublicJwk } from '@chengxin/crypto'
import { type GroupId, isDid, isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type ListedDid, readDid } from '../trust-bundle/read-lists.ts'
import { pojoContext } from './pojo.ts'
import { send, type WeidCall, type WeidResult, type WeidService } from './service.ts'

/**
 * A new WeID whose key stays here, for the account that asks. Refusals, in the order they are checked: `token_missing`,
 * `role_not_here`, `weids_used_up`, `ledger_refused`; a key that the ledger did not take is not kept.
 */
export async function createWeId(service: WeidService, { account }: WeidCall): Promise<WeidResult> {
  if (!account) return refuse('token_missing')
  if (!service.registrar) return refuse('role_not_here')
  const signer = await service.keys.make(account)
  if (!signer) return refuse('weids_used_up')
  const proven = await proveIdentityKey(service.group.groupId as GroupId, signer)
  const outcome = await send(service, service.registrar, [action(identity.create, { did: signer.did, ...proven })])
  if (!isRefusal(outcome)) return { respBody: signer.did }
  await service.keys.forget(signer.did)
  return outcome
}

/** A key that is only told, and whose holder proved nothing, founds no WeID. */
export async function refuseForeignKey(): Promise<WeidResult> {
  return refuse('key_type_not_supported')
}

/** A DID of the ledger, or `undefined`. */
export async function findDid({ group }: WeidService, weid: Json | undefined): Promise<ListedDid | undefined> {
  if (typeof weid !== 'string' || !isDid(weid)) return undefined
  try {
    return await readDid(group, weid)
  } catch (error) {
    if (error instanceof NodeAnswered && error.problem.status === 404) return undefined
    throw error
  }
}

export async function getWeIdDocument(service: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const document = await documentOf(service, args['weId'])
  return isRefusal(document) ? document : { respBody: document }
}

/** The same as text. */
export async function getWeIdDocumentJson(service: WeidService, { args }: WeidCall): Promise<WeidResult> {
  const document = await documentOf(service, args['weId'])
  return isRefusal(document) ? document : { respBody: JSON.stringify(document) }
}

async function documentOf(service: WeidService, weid: Json | undefined): Promise<JsonObject | Refusal> {
  if (weid === undefined) return refuse('input_missing')
  const found = await findDid(service, weid)
  if (!found) return refuse('weid_not_found')
  const { did, keys } = found
  const listed = keys.map(({ keyId, jwk, retiredAtMs }) => ({
    id: `${did}#${keyId}`,
    type: jwk.crv,
    owner: did,
    publicKey: pointOf(jwk),
    revoked: retiredAtMs !== undefined,
  }))
  const times = keys.map(({ addedAtMs }) => addedAtMs)
  return {
    '@context': pojoContext,
    id: did,
    created: Math.floor(Math.min(...times) / 1000),
    updated: Math.floor(Math.max(...times, ...keys.map(({ retiredAtMs = 0 }) => retiredAtMs)) / 1000),
    publicKey: listed,
    authentication: listed.map(({ id, type, revoked }) => ({ type, publicKey: id, revoked })),
    service: [],
  }
}

/** The key's numbers in base64, one behind the other, as WeIdentity writes its own kind of key. */
function pointOf(jwk: PublicJwk): string {
  const parts = jwk.crv === 'P-256' ? [jwk.x, jwk.y] : [jwk.x]
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64url'))).toString('base64')
}
