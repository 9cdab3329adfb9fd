/**
 * The wallet of a resident who keeps the keys: what the user agent does with offers and requests, done in the browser, with
 * keys that stand in the open vault and nowhere else.
 */
import { generateKeyPair, type PrivateJwk, publicPart, signPortably } from '@chengxin/crypto'
import { isRefusal, type Json, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import type { Asker } from '../asker.ts'
import { type Choice, isAnswer, pickCopy, seenBy } from '../choose.ts'
import type { ReadOffer } from '../offer.ts'
import type { AskedPresentation } from '../open-request.ts'
import { answerRequest, type Option } from '../present.ts'
import {
  type Access,
  type Deferred,
  notifyIssuer,
  type Received,
  redeemPreAuthorized,
  requestCertificates,
  requestDeferredCertificates,
} from '../redeem.ts'
import type { HolderKey, Wallet } from '../wallet.ts'
import type { OwnContent, OwnCopy, OwnHolding, OwnOrder } from './own-content.ts'

/** As many copies as verifiers are met before anybody thinks of refreshing; a vault of one's own is smaller than an agent's. */
const copiesWanted = 4

/** A wallet that remembers the private parts of the keys it makes, so that they can be put into the vault. */
export interface OwnWallet extends Wallet {
  privateKeyOf(key: HolderKey): PrivateJwk
}

export function ownWallet(reach: Omit<Wallet, 'newKey'>): OwnWallet {
  const made = new Map<HolderKey, PrivateJwk>()
  return {
    ...reach,
    async newKey() {
      const privateJwk = await newPrivateKey()
      const key = holderKeyOf(privateJwk)
      made.set(key, privateJwk)
      return key
    },
    privateKeyOf(key) {
      const privateJwk = made.get(key)
      if (privateJwk === undefined) throw new Error('A key that this wallet did not make was asked for.')
      return privateJwk
    },
  }
}

async function newPrivateKey(): Promise<PrivateJwk> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  if (isRefusal(pair) || pair.jwk.crv !== 'P-256') throw new Error('This platform makes no P-256 keys.')
  const { d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  return { ...pair.jwk, d: d as string }
}

function holderKeyOf(privateJwk: PrivateJwk): HolderKey {
  return { jwk: publicPart(privateJwk), sign: async (bytes) => signPortably(privateJwk, bytes) }
}

export interface TakenBySelf {
  readonly content: OwnContent
  readonly certificateIds: readonly string[]
  /** Orders that the issuer has not filled yet. */
  readonly waiting: number
}

/** Takes up an offer. Refusals: `offer_grant_not_supported`, those of the issuer, `certificate_malformed`. */
export async function takeForSelf(
  wallet: OwnWallet,
  content: OwnContent,
  offer: ReadOffer,
  txCode?: string,
): Promise<TakenBySelf | Refusal> {
  const access = await redeemPreAuthorized(wallet, offer, txCode)
  if (isRefusal(access)) return access
  const holdings: OwnHolding[] = []
  const orders: OwnOrder[] = []
  for (const configurationId of offer.configurationIds) {
    const count = Math.min(copiesWanted, offer.metadata.batchSize)
    const answer = await requestCertificates(wallet, access, configurationId, count)
    // What came before stays: an issuer gives each once.
    if (isRefusal(answer) && holdings.length + orders.length === 0) return answer
    if (isRefusal(answer)) continue
    if ('transactionId' in answer) orders.push(orderOf(wallet, access, configurationId, answer))
    else holdings.push(await received(wallet, access, configurationId, answer))
  }
  return {
    content: { ...content, holdings: [...content.holdings, ...holdings], orders: [...content.orders, ...orders] },
    certificateIds: holdings.map(({ certificateId }) => certificateId),
    waiting: orders.length,
  }
}

async function received(
  wallet: OwnWallet,
  access: Access,
  configurationId: string,
  { certificates, notificationId }: Received,
): Promise<OwnHolding> {
  const { issuer, metadata } = access.offer
  // Where the issuer keeps no copy after this, it can be asked for a new one: the queue of renewals knows whom to ask.
  if (notificationId !== undefined) {
    await notifyIssuer(wallet, access, notificationId, 'credential_accepted').catch(() => undefined)
  }
  return {
    certificateId: randomName('certificate'),
    vct: metadata.configurations[configurationId]?.vct ?? '',
    configurationId,
    issuerUrl: issuer,
    receivedAtMs: wallet.nowMs(),
    copies: certificates.map(({ text, key }): OwnCopy => ({ text, key: wallet.privateKeyOf(key), shownTo: [] })),
  }
}

function orderOf(wallet: OwnWallet, access: Access, configurationId: string, deferred: Deferred): OwnOrder {
  const { dpopKey, ...rest } = access
  return {
    access: JSON.parse(JSON.stringify(rest)) as Json,
    ...(dpopKey && { accessKey: wallet.privateKeyOf(dpopKey) }),
    transactionId: deferred.transactionId,
    keys: deferred.keys.map((key) => wallet.privateKeyOf(key)),
    vct: deferred.vct,
    configurationId,
  }
}

/** Asks again for what issuers had no time for. Orders that an issuer no longer knows are dropped. */
export async function collectForSelf(wallet: OwnWallet, content: OwnContent): Promise<OwnContent> {
  const holdings = [...content.holdings]
  const orders: OwnOrder[] = []
  for (const order of content.orders) {
    const keys = new Map(order.keys.map((jwk) => [holderKeyOf(jwk), jwk]))
    const dpopKey = order.accessKey && holderKeyOf(order.accessKey)
    const access = { ...(order.access as unknown as Access), ...(dpopKey && { dpopKey }) }
    const { transactionId, vct, configurationId } = order
    const waiting: Deferred = { transactionId, vct, keys: [...keys.keys()], retryAfterSeconds: 0 }
    const answer = await requestDeferredCertificates(wallet, access, waiting).catch(() => undefined)
    if (answer === undefined || (!isRefusal(answer) && 'transactionId' in answer)) orders.push(order)
    else if (!isRefusal(answer)) {
      const known: OwnWallet = { ...wallet, privateKeyOf: (key) => keys.get(key) as PrivateJwk }
      holdings.push(await received(known, access, configurationId, answer))
    }
  }
  return { ...content, holdings, orders }
}

export interface AnsweredBySelf {
  readonly content: OwnContent
  readonly consentId: string
  /** Where the resident's browser goes on. */
  readonly redirectUri?: string
}

/**
 * Shows what the resident picked. Refusals, in the order they are checked: `choice_not_an_answer`, `certificate_not_held`,
 * `no_copy_left`, those of the verifier.
 */
export async function answerForSelf(
  wallet: Wallet,
  content: OwnContent,
  { asked, asker }: { readonly asked: AskedPresentation; readonly asker: Asker },
  choices: readonly Choice[],
): Promise<AnsweredBySelf | Refusal> {
  if (!isAnswer(asked, choices)) return refuse('choice_not_an_answer')
  const agreed = new Map<string, readonly Option[]>()
  const used = new Map<string, number>()
  for (const choice of choices) {
    const holding = content.holdings.find(({ certificateId }) => certificateId === choice.certificateId)
    if (holding === undefined) return refuse('certificate_not_held')
    const picked = pickCopy(asked, choice, holding)
    if (isRefusal(picked)) return picked
    const { text, key } = holding.copies[picked.copy] as OwnCopy
    agreed.set(choice.queryId, [{ certificate: { text, key: holderKeyOf(key) }, paths: picked.paths }])
    used.set(choice.certificateId, picked.copy)
  }
  const answer = await answerRequest(wallet, asked, agreed)
  if (isRefusal(answer)) return answer
  const consentId = randomName('consent')
  const items = choices.map(({ certificateId, fields }) => ({
    certificateId,
    vct: content.holdings.find((holding) => holding.certificateId === certificateId)?.vct ?? '',
    fields,
  }))
  const { names, domain, did, purpose, purposeId, keptUntilMs: untilMs } = asker
  const verifier = { names, domain, did }
  const consent = { consentId, verifier, purpose, purposeId, items, givenAtMs: wallet.nowMs(), untilMs }
  const holdings = content.holdings.map((holding) => noteSeen(holding, used.get(holding.certificateId), asked.audience))
  return {
    content: { ...content, holdings, consents: [...content.consents, consent] },
    consentId,
    ...(answer.redirectUri !== undefined && { redirectUri: answer.redirectUri }),
  }
}

function noteSeen(holding: OwnHolding, used: number | undefined, audience: string): OwnHolding {
  if (used === undefined) return holding
  return { ...holding, copies: holding.copies.map((copy, index) => (index === used ? seenBy(copy, audience) : copy)) }
}

function randomName(kind: 'certificate' | 'consent'): string {
  return `${kind}_${toBase64url(crypto.getRandomValues(new Uint8Array(16)))}`
}
