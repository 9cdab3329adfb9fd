/**
 * What is done when a type passes from a dissolved office to its successor, each step so that it can be done again after an
 * interruption: the rights on the ledger, the type, entitlements, certificates, and once all its rights have ended the status lists.
 */
import { type Action, action, buildTransaction, credentials, type GroupClient, type Signer } from '@chengxin/client'
import { type GroupId, type Refusal, refuse } from '@chengxin/kernel'
import type { IssuerDeskOffice } from './desk/office.ts'

/** A type, the office that had it and the one that keeps it. */
export interface Passage {
  readonly typeId: string
  readonly old: IssuerDeskOffice
  readonly successor: IssuerDeskOffice
}

export interface Passed {
  /** Entitlements that the successor has now. */
  readonly entitlements: number
  /** Certificates whose holders can fetch a new one. */
  readonly certificates: number
}

/** The type as the ledger has it stands with the successor, and the old office offers it no more. */
export async function adopt({ typeId, old, successor }: Passage): Promise<void> {
  const type = old.office.types.find((known) => known.typeId === typeId)
  const described = await old.types.get(typeId)
  old.office.stopOffering(typeId, successor.office)
  if (type && described) successor.types.adopt({ type, fields: described.fields, linkage: described.linkage })
}

/** Entitlements and certificates; told again, what has been fetched since is superseded. */
export async function handOver(passage: Passage): Promise<Passed> {
  const { typeId, old, successor } = passage
  await adopt(passage)
  const isCertified = async (entitlementId: string) => (await old.office.recordsOf(entitlementId)).length > 0
  const entitlements = await old.entitlements.passOn(typeId, successor.entitlements, isCertified)
  const { passed: certificates } = await old.office.passOn(typeId, successor.office)
  return { entitlements, certificates }
}

/**
 * The successor's right first, then the end of the old one, which names the successor; both happen or neither, so that at no moment
 * there is nobody. Refusals: `type_authority_elsewhere`.
 */
export async function entitle(
  group: GroupClient,
  authority: Signer | undefined,
  { typeId: named, old, successor }: Passage,
): Promise<Refusal | undefined> {
  const typeId = named as `type_${string}`
  const wanted: Action[] = []
  if (!(await hasRight(group, successor, typeId))) {
    wanted.push(action(credentials.authoriseIssuer, { issuer: successor.did, typeId }))
  }
  if (await hasRight(group, old, typeId)) {
    wanted.push(action(credentials.withdrawIssuer, { issuer: old.did, typeId, successor: successor.did }))
  }
  if (wanted.length === 0) return undefined
  if (authority === undefined) return refuse('type_authority_elsewhere')
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: wanted }, authority)
  const [outcome] = await group.submit([jws])
  if (outcome?.status !== 'committed') return refuse('type_authority_elsewhere')
  if (outcome.height !== undefined) await group.readModelReached(outcome.height)
  return undefined
}

/** Whether the ledger lets the office issue nothing any more: then its lists are for a successor to continue. */
export async function isDissolved(group: GroupClient, office: IssuerDeskOffice): Promise<boolean> {
  return (await periodsOf(group, office)).every(({ endedAtMs }) => endedAtMs !== undefined)
}

async function hasRight(group: GroupClient, office: IssuerDeskOffice, typeId: string): Promise<boolean> {
  return (await periodsOf(group, office, `&typeId=${typeId}`)).some(({ endedAtMs }) => endedAtMs === undefined)
}

async function periodsOf(group: GroupClient, { did }: IssuerDeskOffice, more = '') {
  const path = `/issuers?limit=200&issuer=${encodeURIComponent(did)}${more}`
  return ((await group.get(path)) as { readonly issuers: readonly { readonly endedAtMs?: number }[] }).issuers
}
