/** Offers of issuers: opened, shown, taken up once the resident has signed, and kept; several copies of each certificate. */

import {
  type Access,
  type Deferred,
  type IssuerFacts,
  notifyIssuer,
  type ReadOffer,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
} from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Assertion, type Evidence } from '../desk/assertion.ts'
import { randomId } from '../desk/random-id.ts'
import { type Agent, logUse } from './agent.ts'
import { openAct, signedAct } from './assertion.ts'
import { isProtected, type Principal } from './authorisation.ts'
import { holderKeyFrom, type KeyedWallet, keyedWallet } from './holder-keys.ts'
import { asJson, type Copy, type Holding, type Order } from './records.ts'

/** As many copies as verifiers are met before anybody thinks of refreshing; more only fill the vault. */
const copiesWanted = 6
/** How long an issuer that needs time is waited for before the resident is told to come back. */
const patienceMs = 20_000

export interface OpenedOffer {
  readonly actId: string
  readonly untilMs: number
  /** What the resident's key signs. */
  readonly statement: string
  readonly issuer: { readonly url: string; readonly host: string; readonly names: IssuerFacts['names'] }
  readonly types: readonly { readonly configurationId: string; readonly vct: string; readonly display: Json }[]
  readonly needsTxCode: boolean
}

/** Opens an offer. Refusals: `second_key_needed`, `issuer_not_reached`, `offer_not_usable`. */
export async function openOffer(agent: Agent, principal: Principal, link: string): Promise<OpenedOffer | Refusal> {
  if (!isProtected(principal.standing)) return refuse('second_key_needed')
  const wallet = await keyedWallet(agent)
  const offer = await reached(() => readOffer(wallet, link))
  if (isRefusal(offer)) return unusable(offer)
  if (!offer.preAuthorized) return unusable(refuse('offer_grant_not_supported'))
  const { issuer, configurationIds, metadata } = offer
  const types = configurationIds.map((configurationId) => {
    const { vct = '' } = metadata.configurations[configurationId] ?? {}
    return { configurationId, vct }
  })
  const says = { issuer, types: types.map(({ vct }) => vct), copies: copiesOf(offer) }
  const data = JSON.parse(JSON.stringify({ offer })) as Json
  const act = await openAct(agent, principal, { purpose: 'claim', says, data })
  const shown = types.map(async (type) => ({
    ...type,
    display: (await agent.ledger.typeOf(type.vct))?.display ?? null,
  }))
  return {
    ...act,
    issuer: { url: issuer, host: new URL(issuer).host, names: metadata.names },
    types: await Promise.all(shown),
    needsTxCode: offer.preAuthorized.needsTxCode,
  }
}

function copiesOf({ metadata }: ReadOffer): number {
  return Math.min(copiesWanted, metadata.batchSize)
}

export interface TakenOffer {
  readonly certificateIds: readonly string[]
  /** Orders that the issuer has not filled yet. */
  readonly waiting: number
}

/**
 * Takes up an offer that the resident has signed for. Refusals: those of `signedAct`, `second_key_needed`,
 * `issuer_not_reached`, `offer_not_usable`.
 */
export async function acceptOffer(
  agent: Agent,
  principal: Principal,
  actId: string,
  { assertion, txCode }: { readonly assertion: Assertion; readonly txCode?: string | undefined },
): Promise<TakenOffer | Refusal> {
  if (!isProtected(principal.standing)) return refuse('second_key_needed')
  const taken = await signedAct(agent, principal, actId, 'claim', assertion)
  if (isRefusal(taken)) return taken
  const { offer } = taken.act.data as unknown as { readonly offer: ReadOffer }
  const wallet = await keyedWallet(agent)
  const access = await reached(() => redeemPreAuthorized(wallet, offer, txCode))
  // The act stands until the issuer has taken the code, which it does once: a code mistyped is typed again.
  if (isRefusal(access)) return unusable(access)
  await agent.kept.acts.erase(actId)

  const certificateIds: string[] = []
  let waiting = 0
  for (const configurationId of offer.configurationIds) {
    const claimed: Claimed = { wallet, access, configurationId, principal, evidence: taken.evidence }
    const outcome = await claimOne(agent, claimed, copiesOf(offer))
    if (isRefusal(outcome)) return unusable(outcome)
    if (outcome === undefined) waiting++
    else certificateIds.push(outcome)
  }
  return { certificateIds, waiting }
}

interface Claimed {
  readonly wallet: KeyedWallet
  readonly access: Access
  readonly configurationId: string
  readonly principal: Pick<Principal, 'account' | 'did'>
  readonly evidence: Evidence
}

/** The certificate's id; undefined where the issuer needs more time. */
async function claimOne(agent: Agent, claimed: Claimed, copies: number): Promise<string | undefined | Refusal> {
  const { wallet, access, configurationId } = claimed
  let answer = await reached(() => requestCertificates(wallet, access, configurationId, copies))
  const untilMs = Date.now() + patienceMs
  while (!isRefusal(answer) && 'transactionId' in answer && Date.now() < untilMs) {
    const order = answer
    await new Promise((resolve) => setTimeout(resolve, Math.min(order.retryAfterSeconds * 1000, 1000)))
    answer = await reached(() => requestDeferredCertificates(wallet, access, order))
  }
  if (isRefusal(answer)) return answer
  if ('transactionId' in answer) return keepOrder(agent, claimed, answer)
  return keep(agent, claimed, answer)
}

async function keep(agent: Agent, claimed: Claimed, { certificates, notificationId }: Received): Promise<string> {
  const { wallet, access, configurationId, principal, evidence } = claimed
  const copies = certificates.map(({ text, key }): Copy => ({ text, key: wallet.privateKeyOf(key), shownTo: [] }))
  const { issuer, metadata } = access.offer
  const vct = metadata.configurations[configurationId]?.vct ?? ''
  const { account, did } = principal
  const holding: Holding = {
    account,
    did,
    vct,
    configurationId,
    issuerUrl: issuer,
    copies,
    receivedAtMs: agent.nowMs(),
    evidence,
  }
  const certificateId = randomId('certificate')
  await agent.kept.holdings.insert(certificateId, asJson(holding), { account })
  await logUse(agent, { account, kind: 'received', certificateId, vct, party: new URL(issuer).host })
  // The certificate is kept; an issuer that does not hear of it loses nothing.
  if (notificationId) {
    await notifyIssuer(wallet, access, notificationId, 'credential_accepted').catch(() => undefined)
  }
  return certificateId
}

async function keepOrder(agent: Agent, claimed: Claimed, deferred: Deferred): Promise<undefined> {
  const { wallet, access, configurationId, principal, evidence } = claimed
  const { dpopKey, ...rest } = access
  const { account, did } = principal
  const order: Order = {
    account,
    did,
    access: JSON.parse(JSON.stringify(rest)) as Json,
    ...(dpopKey && { accessKey: wallet.privateKeyOf(dpopKey) }),
    transactionId: deferred.transactionId,
    keys: deferred.keys.map((key) => wallet.privateKeyOf(key)),
    vct: deferred.vct,
    configurationId,
    evidence,
    askAgainAtMs: agent.nowMs() + deferred.retryAfterSeconds * 1000,
  }
  await agent.kept.orders.insert(randomId('order'), asJson(order), { account })
  return undefined
}

/** Asks again for what issuers had no time for. Orders that an issuer no longer knows are dropped. */
export async function collectOrders(agent: Agent, account: string): Promise<void> {
  for (const { id, value: order } of await agent.kept.orders.find('account', account)) {
    if (order.askAgainAtMs > agent.nowMs()) continue
    const wallet = await keyedWallet(agent)
    const keys = new Map(order.keys.map((jwk) => [holderKeyFrom(jwk), jwk]))
    const accessKey = order.accessKey && holderKeyFrom(order.accessKey)
    const access = { ...(order.access as unknown as Access), ...(accessKey && { dpopKey: accessKey }) }
    const { transactionId, vct, configurationId, evidence, did } = order
    const waiting: Deferred = { transactionId, vct, keys: [...keys.keys()], retryAfterSeconds: 0 }
    const answer = await reached(() => requestDeferredCertificates(wallet, access, waiting))
    if (isRefusal(answer) && answer.refused === 'issuer_not_reached') continue
    if (!isRefusal(answer) && 'transactionId' in answer) continue
    if (!(await agent.kept.orders.erase(id)) || isRefusal(answer)) continue
    const known = { ...wallet, privateKeyOf: (key: (typeof waiting.keys)[number]) => keys.get(key) as Copy['key'] }
    await keep(agent, { wallet: known, access, configurationId, principal: { account, did }, evidence }, answer)
  }
}

/** What others refuse is a reason of theirs; that nobody answers is no fault of anybody's. */
export async function reached<T>(ask: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await ask()
  } catch {
    return refuse('issuer_not_reached')
  }
}

function unusable(refusal: Refusal): Refusal {
  if (refusal.refused === 'issuer_not_reached') return refusal
  const { refused, code } = refusal as Refusal & { readonly code?: string }
  const facts: JsonObject = { reason: code ?? refused }
  return { ...refuse('offer_not_usable'), ...facts }
}
