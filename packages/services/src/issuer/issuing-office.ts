/**
 * An office that issues certificates of one or more types by OpenID4VCI, to wallets of any make. What it says of people, what
 * it offered and what it issued lies in the vault; the ledger sees roots and list hashes.
 */
import { randomBytes } from 'node:crypto'
import type { StatusWord } from '@chengxin/audit'
import type { GroupClient } from '@chengxin/client'
import { type PublicJwk, thumbprint } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { issuerEndpoints, type OpenidEndpoint } from '../openid/endpoints.ts'
import { createMemoryStore } from '../openid/expiring-store.ts'
import { createVaultStore } from '../openid/vault-store.ts'
import { answerHolder, hearHolder } from '../openid/vci/holder-voice.ts'
import {
  type CredentialOrder,
  createIssuer,
  type Filled,
  type Issuer,
  isIssuerIdentifier,
} from '../openid/vci/issuer.ts'
import { createPreAuthorizedOffer, offerLink, offerLinkByReference } from '../openid/vci/offer.ts'
import { changeRecord, type Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { nativePlatform } from '../verifier/native-platform.ts'
import { createAuthorisations } from './authorisations.ts'
import { type CertificateType, displayDocument, type Language, languages, vctOf } from './certificate-type.ts'
import {
  type CertificateRecord,
  type Claims,
  certificateMarks,
  grantId,
  type OfferRecord,
  type OfficeRecords,
  officeRecords,
} from './office-records.ts'
import { type OrderBook, openOrderBook } from './order-book.ts'
import type { IssuerSigner } from './sign-jwt.ts'
import { standingView } from './standing-view.ts'
import { openStatusBook, type StatusBook } from './status-book.ts'
import { isReason, leadsTo } from './status-reasons.ts'
import { type PassedOn, passCertificates } from './succession.ts'

export interface OfficeType extends CertificateType {
  /**
   * `identified`: the holder's DID is a field that can be disclosed. `unlinkable`: there is none, and a root waits for several
   * residents. Identified if absent.
   */
  readonly linkage?: 'identified' | 'unlinkable'
}

export interface IssuingOfficeOptions {
  /** A word for addresses, such as `university`. */
  readonly office: string
  /** What the office is called. */
  readonly names: { readonly [language in Language]: string }
  readonly types: readonly OfficeType[]
  readonly group: GroupClient
  /** A P-256 key of the DID that the ledger entitles. */
  readonly signer: IssuerSigner
  readonly vault: Vault
  readonly publicUrl: string
  readonly nowMs?: () => number
  /** How long orders are pooled under one root; 250 ms if absent. */
  readonly poolMs?: number
  /** How long a wallet is kept on the line before it is told to come back; 4 s if absent. */
  readonly patienceMs?: number
  /** Residents under one root of an unlinkable type; 5 if absent. */
  readonly smallestRoot?: number
  /** After which a root is made all the same; ten minutes if absent. */
  readonly longestWaitMs?: number
  /** Wallets that may send residents here to sign in: client id → addresses to send them back to. */
  readonly wallets?: { readonly [clientId: string]: readonly string[] }
  /** Told when readers can see a new version of a status list. */
  readonly published?: () => void
  /** A failure that nobody waits for; it is tried again. */
  readonly failed?: (error: unknown) => void
}

export interface OfferMade {
  readonly offerId: string
  /** `openid-credential-offer://…`: for a QR code or a link. */
  readonly uri: string
  /** To be told to the resident by another way. */
  readonly txCode?: string
}

export interface OfferTerms {
  /** Whether a code must be typed in; false if absent. */
  readonly txCode?: boolean
  /** Ten minutes from now if absent. */
  readonly expiresAtMs?: number
  /** The offer itself in the link, for wallets that cannot fetch it; false if absent. */
  readonly inline?: boolean
  /** The certificate that this one takes the place of; it is marked as superseded once the new one is fetched. */
  readonly replaces?: string
}

export interface IssuingOffice {
  readonly office: string
  readonly identifier: string
  readonly issuer: Issuer
  /** For a server to mount, with absolute paths. */
  readonly openid: readonly OpenidEndpoint[]
  readonly types: readonly OfficeType[]
  addType(type: OfficeType): void
  /** Who sent a browser here to sign in, and for what. Refusals: `request_uri_unknown`. */
  authorisation(id: string): Promise<JsonObject | Refusal>
  /** Agrees in the name of a subject, or refuses. Refusals: `request_uri_unknown`, those of `offer`. */
  authorise(id: string, subject: string): Promise<{ readonly location: string } | Refusal>
  /** Notes what certificates of this type say of somebody from now on. */
  keepClaims(subject: string, typeId: string, claims: Claims): Promise<void>
  claimsOf(subject: string, typeId: string): Promise<Claims | undefined>
  forgetClaims(subject: string, typeId: string): Promise<boolean>
  /** Refusals: `nothing_to_issue` where nothing is kept of the subject, `type_not_issued`. */
  offer(subject: string, typeId: string, terms?: OfferTerms): Promise<OfferMade | Refusal>
  offerRecord(offerId: string): Promise<OfferRecord | undefined>
  /** What a wallet's request for certificates comes to; an office's own program may order as well. */
  fillOrder(order: CredentialOrder): Promise<Filled | Refusal>
  /** Refusals of all: `issued_certificate_not_found`, `reason_not_fitting`, `certificate_revoked`. Published when it resolves. */
  revoke(reference: string, reasonCode: string): Promise<CertificateRecord | Refusal>
  suspend(reference: string, reasonCode: string): Promise<CertificateRecord | Refusal>
  resume(reference: string, reasonCode: string): Promise<CertificateRecord | Refusal>
  /** Many at once, under one version of each list. */
  setStatus(
    references: readonly string[],
    word: StatusWord,
    reasonCode: string,
  ): Promise<readonly (CertificateRecord | Refusal)[]>
  recordOf(reference: string): Promise<CertificateRecord | undefined>
  recordsOf(subject: string): Promise<readonly CertificateRecord[]>
  /** The certificate that a holder's key belongs to. */
  recordOfKey(key: PublicJwk): Promise<CertificateRecord | undefined>
  /**
   * Says otherwise what is certified: the holder gets a new certificate for the old one's key, and once it is fetched the old one
   * is superseded. The offer is for the counter. Refusals: `issued_certificate_not_found`, `certificate_revoked`.
   */
  correct(reference: string, claims: Claims): Promise<OfferMade | Refusal>
  /**
   * Passes a type on to a successor, see `succession.ts`: nothing more is offered here, and whoever proves the key of a certificate
   * is offered a new one there. To be called again and again, for as long as certificates of this office are in force.
   */
  passOn(typeId: string, successor: IssuingOffice): Promise<PassedOn>
  /** Stops offering a type that has passed on; `passOn` begins with it. */
  stopOffering(typeId: string, successor: IssuingOffice): void
  /** Status lists pass to the successor's key; with `publishes` each gets a version by it at once. */
  passLists(successor: IssuingOffice, publishes: boolean): Promise<void>
  /** Goes on with another office's lists under this one's key; for `passLists`. */
  takeLists(lists: StatusBook, publishes: boolean): Promise<void>
  readonly statusLists: number
  /** How many certificates of a type have this status. */
  count(typeId: string, word: StatusWord): Promise<number>
  list(typeId: string, word: StatusWord, after?: string): Promise<readonly CertificateRecord[]>
  /**
   * Answers a holder who asks with nothing but the certificate's key, see `hearHolder`.
   */
  heard(jwt: unknown): Promise<JsonObject | Refusal>
  readonly records: OfficeRecords
  /** Makes batches of whatever waits. */
  issueAll(): Promise<void>
  waiting(typeId: string): number
  close(): Promise<void>
}

const upkeepEveryMs = 10 * 60_000
/** Not at once: an office may be opened before the door to its ledger is. */
const firstUpkeepMs = 5000
const offerForMs = 10 * 60_000
const ordersKeptMs = 24 * 3_600_000

/** Opens the office, and takes up what an earlier process left undone. */
export async function createIssuingOffice(options: IssuingOfficeOptions): Promise<IssuingOffice> {
  const { office, group, signer, publicUrl, nowMs = Date.now, failed = () => {} } = options
  const { poolMs = 250, patienceMs = 4000, smallestRoot = 5, longestWaitMs = 600_000 } = options
  const records = officeRecords(options.vault, office)
  const types = new Map<string, OfficeType>()
  const publicGroupUrl = `${publicUrl}/v1/groups/${group.groupId}`
  const published = options.published ?? (() => {})
  const book = await openStatusBook({ group, signer, records: records.lists, publicGroupUrl, nowMs, published })
  let last: Promise<unknown> = Promise.resolve()
  /** In turn: two officers who change the same certificate at once must not both find it unchanged. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.catch(() => undefined).then(work)
    last = next
    return next
  }
  const change = (references: readonly string[], word: StatusWord, reasonCode: string) =>
    inTurn(() => setStatus(records, book, nowMs(), { references, word, reasonCode }))
  const orders = await openOrderBook({
    ...{ records, group, signer, book, nowMs, poolMs, longestWaitMs, failed },
    displayHashOf(typeId) {
      const type = types.get(typeId)
      return type && displayDocument(type).hash
    },
    validForDaysOf: (typeId) => types.get(typeId)?.policy?.validForDays,
    smallestRoot: (typeId) => (types.get(typeId)?.linkage === 'unlinkable' ? smallestRoot : 1),
    async supersede(replaced) {
      const references = replaced.map(({ reference }) => reference)
      if (references.length > 0) await change(references, 'superseded', 'corrected')
      for (const { reference, by } of replaced) await noteReplaced(records, reference, by)
    },
  })
  const successors = new Map<string, IssuingOffice>()
  const configurations: { [id: string]: Issuer['configurations'][string] } = {}
  const issuer = createIssuer({
    identifier: `${publicUrl}/v1/issuers/${office}`,
    display: languages.map((locale) => ({ name: options.names[locale], locale })),
    configurations,
    async fill(order) {
      if (successors.has(order.configurationId)) return refuse('issuance_denied')
      return fill(records, orders, order, { patienceMs, nowMs })
    },
    notified: (order, event) => forgetFetched(records, order, event),
    redirectUris: (clientId) => options.wallets?.[clientId] ?? [],
    nonceSecret: new Uint8Array(randomBytes(32)),
    nowMs,
    platform: nativePlatform,
    stores: {
      preAuthorized: createVaultStore(records.codes, nowMs),
      tokens: createVaultStore(records.tokens, nowMs),
      deferred: createVaultStore(records.deferred, nowMs),
      notifications: createMemoryStore({ nowMs }),
    },
  })
  const authorisations = createAuthorisations(issuer, publicUrl)
  function addType(type: OfficeType): void {
    types.set(type.typeId, type)
    configurations[type.typeId] = {
      vct: vctOf(group.groupId, type.typeId),
      scope: type.typeId,
      metadata: credentialMetadata(type),
    }
  }
  for (const type of options.types) addType(type)
  const keepUp = () => void Promise.all([book.renew(), sweep(records, nowMs)]).catch(failed)
  const timers = [setTimeout(keepUp, firstUpkeepMs).unref(), setInterval(keepUp, upkeepEveryMs).unref()]

  const changeOne = (word: StatusWord) => async (reference: string, reasonCode: string) =>
    (await change([reference], word, reasonCode))[0] as CertificateRecord | Refusal

  const claimsOf = async (subject: string, typeId: string) =>
    (await records.grants.get(grantId(subject, typeId)))?.value.claims
  async function keepClaims(subject: string, typeId: string, claims: Claims): Promise<void> {
    const id = grantId(subject, typeId)
    const grant = { subject, typeId, claims }
    while (!(await records.grants.insert(id, grant, { subject }))) {
      const isChanged = await changeRecord(records.grants, id, () => ({ value: grant, result: true }))
      if (isChanged === true) return
    }
  }

  /** A new offer for whoever holds what was corrected: the old certificate's key is proof enough. */
  async function renewalOf(record: CertificateRecord) {
    const { isCorrected, replacedBy, subject, typeId, reference, status } = record
    const successor = successors.get(typeId)
    // Whoever is suspended stays so: a new certificate elsewhere would be a way around.
    if (successor !== undefined && status === 'valid') {
      const there = await successor.offer(subject, typeId)
      return isRefusal(there) ? {} : { replacement: there.uri }
    }
    if (isCorrected !== true || replacedBy !== undefined) return {}
    const offer = await makeOffer(issuer, records, { subject, typeId, terms: { replaces: reference } })
    return isRefusal(offer) ? {} : { replacement: offer.uri }
  }

  const heard = (jwt: unknown) =>
    hearHolder(jwt, issuer, async ({ key, wish }) => {
      const bound = await records.holderKeys.get(thumbprint(sha256, key))
      const record = bound && (await records.certificates.get(bound.value.reference))?.value
      if (bound === undefined || record === undefined) return undefined
      const { copy } = bound.value
      if (wish === 'status') return { ...standingView(record, copy), ...(await renewalOf(record)) }
      return standingView(await inTurn(() => cancelCopy(records, book, record.reference, copy)), copy)
    })

  return {
    office,
    identifier: issuer.identifier,
    issuer,
    authorisation: authorisations.open,
    async authorise(id, subject) {
      if (subject === 'denied') return authorisations.finish(id, 'denied')
      const asked = await authorisations.open(id)
      if (isRefusal(asked)) return asked
      const [typeId = ''] = asked['configurationIds'] as readonly string[]
      const offerId = await noteOffer(issuer, records, { subject, typeId, terms: {} })
      return isRefusal(offerId) ? offerId : authorisations.finish(id, { subject: offerId })
    },
    openid: [
      ...issuerEndpoints(issuer),
      authorisations.endpoint,
      {
        method: 'POST',
        path: `${new URL(issuer.identifier).pathname}/holder`,
        handle: (request) => answerHolder(request, heard),
      },
    ],
    heard,
    get types() {
      return [...types.values()]
    },
    addType,
    keepClaims,
    claimsOf,
    forgetClaims: (subject, typeId) => records.grants.erase(grantId(subject, typeId)),
    async offer(subject, typeId, terms = {}) {
      return successors.has(typeId) ? refuse('type_not_issued') : makeOffer(issuer, records, { subject, typeId, terms })
    },
    async passOn(typeId, successor) {
      successors.set(typeId, successor)
      const passed = await passCertificates(records, typeId, successor, claimsOf)
      if (passed.superseded.length > 0) await change(passed.superseded, 'superseded', 'facts_changed')
      return passed
    },
    stopOffering: (typeId, successor) => void successors.set(typeId, successor),
    passLists: (successor, publishes) => successor.takeLists(book, publishes),
    async takeLists(lists, publishes) {
      if (publishes) await lists.passTo(signer)
      else lists.signWith(signer)
    },
    get statusLists() {
      return book.lists.length
    },
    fillOrder: (order) => issuer.fill(order),
    offerRecord: async (offerId) => (await records.offers.get(offerId))?.value,
    revoke: changeOne('revoked'),
    suspend: changeOne('suspended'),
    resume: changeOne('valid'),
    setStatus: change,
    recordOf: async (reference) => (await records.certificates.get(reference))?.value,
    async correct(reference, claims) {
      const record = (await records.certificates.get(reference))?.value
      if (record === undefined) return refuse('issued_certificate_not_found')
      const { subject, typeId, status, replacedBy } = record
      if (status === 'revoked' || replacedBy !== undefined) return refuse('certificate_revoked')
      await keepClaims(subject, typeId, claims)
      await changeRecord(records.certificates, reference, (value) => ({
        value: { ...value, isCorrected: true },
        result: true,
      }))
      return makeOffer(issuer, records, { subject, typeId, terms: { replaces: reference } })
    },
    count: (typeId, word) => records.certificates.count('state', `${typeId} ${word}`),
    async list(typeId, word, after) {
      const page = { limit: 50, newestFirst: true, ...(after !== undefined && { after }) }
      const found = await records.certificates.find('state', `${typeId} ${word}`, page)
      return found.map(({ value }) => value)
    },
    async recordsOf(subject) {
      const found: CertificateRecord[] = []
      for await (const { value } of everyRecord(records.certificates, ['subject', subject])) found.push(value)
      return found
    },
    async recordOfKey(key) {
      const bound = await records.holderKeys.get(thumbprint(sha256, key))
      return bound && (await records.certificates.get(bound.value.reference))?.value
    },
    records,
    issueAll: orders.issueAll,
    waiting: orders.waiting,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      await orders.close()
    },
  }
}

/** Whether certificates can be offered under this address: wallets accept https, or this machine alone. */
export function canIssueAt(publicUrl: string): boolean {
  return isIssuerIdentifier(`${publicUrl}/v1/issuers/office`)
}

function credentialMetadata({ display, schema }: OfficeType): JsonObject {
  const names = Object.keys((schema['properties'] ?? {}) as JsonObject)
  return {
    display: languages.map((locale) => ({ name: display[locale].name, locale })),
    claims: names.map((name) => ({
      path: [name],
      display: languages.map((locale) => ({ name: display[locale].claims[name] ?? name, locale })),
    })),
  }
}

interface StatusChange {
  readonly references: readonly string[]
  readonly word: StatusWord
  readonly reasonCode: string
}

interface Wish {
  readonly subject: string
  readonly typeId: string
  readonly terms: OfferTerms
}

/** Notes that something is offered; its name stands for the subject from here on: a wallet's token says nothing of anybody. */
async function noteOffer(issuer: Issuer, records: OfficeRecords, wish: Wish): Promise<string | Refusal> {
  const { subject, typeId, terms } = wish
  if (!Object.hasOwn(issuer.configurations, typeId)) return refuse('type_not_issued')
  if ((await records.grants.get(grantId(subject, typeId))) === undefined) return refuse('nothing_to_issue')
  const { replaces, expiresAtMs = issuer.nowMs() + offerForMs } = terms
  const offerId = randomId('offer')
  const record = { offerId, subject, typeId, expiresAtMs, ...(replaces !== undefined && { replaces }) }
  await records.offers.insert(offerId, record, { subject })
  return offerId
}

async function makeOffer(issuer: Issuer, records: OfficeRecords, wish: Wish): Promise<OfferMade | Refusal> {
  const offerId = await noteOffer(issuer, records, wish)
  if (isRefusal(offerId)) return offerId
  const { typeId, terms } = wish
  const { txCode = false, inline = false } = terms
  const validForMs = (terms.expiresAtMs ?? issuer.nowMs() + offerForMs) - issuer.nowMs()
  const grant = { subject: offerId, configurationIds: [typeId], validForMs, withTxCode: txCode }
  const made = await createPreAuthorizedOffer(issuer, grant)
  const uri = inline ? offerLink(made) : await offerLinkByReference(issuer, made)
  return { offerId, uri, ...(made.txCode !== undefined && { txCode: made.txCode }) }
}

/** An offer is used up by its first order; another order with it, after a crash or by a thief, gets nothing. */
async function fill(
  records: OfficeRecords,
  orders: OrderBook,
  order: CredentialOrder,
  { patienceMs, nowMs }: { readonly patienceMs: number; readonly nowMs: () => number },
): Promise<Filled | Refusal> {
  const offer = await changeRecord(records.offers, order.subject, (value) => {
    const isOpen = value.orderId === undefined && value.expiresAtMs > nowMs()
    if (!isOpen || value.typeId !== order.configurationId) return { result: value }
    const used = { ...value, orderId: order.orderId }
    return { value: used, result: used }
  })
  if (offer === undefined || offer.orderId !== order.orderId) return refuse('issuance_denied')
  const { certificates } = await orders.order(order, offer, patienceMs)
  return certificates === undefined ? { status: 'waiting', retryAfterSeconds: 2 } : { status: 'ready', certificates }
}

/** Once a wallet says that it has the certificates, or that it wants none, the office keeps no copy. */
async function forgetFetched(records: OfficeRecords, { orderId }: CredentialOrder, event: string): Promise<void> {
  if (event !== 'credential_failure') await records.orders.erase(orderId)
}

/** Notes and publishes a change; the list first, so that no record ever promises more than the list will show. */
async function setStatus(
  { certificates }: OfficeRecords,
  book: StatusBook,
  nowMs: number,
  { references, word, reasonCode }: StatusChange,
): Promise<readonly (CertificateRecord | Refusal)[]> {
  const outcomes: (CertificateRecord | Refusal)[] = []
  for (const reference of references) {
    const value = (await certificates.get(reference))?.value
    outcomes.push(changedRecord(value, word, reasonCode, nowMs))
  }
  const changed = outcomes.filter((outcome) => !isRefusal(outcome)) as readonly CertificateRecord[]
  // A copy that its holder cancelled stays so, whatever becomes of the others.
  const places = changed.flatMap((record) => record.places.filter((_, copy) => !record.cancelled?.includes(copy)))
  await book.set(places, word)
  for (const record of changed) {
    const { reference } = record
    await changeRecord(certificates, reference, () => ({
      value: record,
      marks: certificateMarks(record),
      result: 0,
    }))
  }
  await book.publishChanged()
  return outcomes
}

function changedRecord(
  value: CertificateRecord | undefined,
  word: StatusWord,
  reasonCode: string,
  sinceMs: number,
): CertificateRecord | Refusal {
  if (value === undefined) return refuse('issued_certificate_not_found')
  if (!isReason(reasonCode) || !leadsTo(reasonCode, word)) return refuse('reason_not_fitting')
  if (value.status === word) return value
  const isFinal = value.status === 'revoked' || value.status === 'superseded'
  return isFinal ? refuse('certificate_revoked') : { ...value, status: word, reasonCode, sinceMs }
}

async function noteReplaced({ certificates }: OfficeRecords, reference: string, by: string): Promise<void> {
  await changeRecord(certificates, reference, (value) => ({ value: { ...value, replacedBy: by }, result: true }))
}

/** A copy is cancelled alone; the others of the same certificate stay as they are. */
async function cancelCopy(
  { certificates }: OfficeRecords,
  book: StatusBook,
  reference: string,
  copy: number,
): Promise<CertificateRecord> {
  const record = (await certificates.get(reference))?.value as CertificateRecord
  const place = record.places[copy]
  if (place !== undefined && record.status !== 'revoked') await book.set([place], 'revoked')
  const changed = await changeRecord(certificates, reference, (value) => {
    const cancelled = [...new Set([...(value.cancelled ?? []), copy])]
    return { value: { ...value, cancelled }, result: { ...value, cancelled } }
  })
  await book.publishChanged()
  return changed ?? record
}

/** Offers past their time, and orders whose wallet never came back. */
async function sweep(records: OfficeRecords, nowMs: () => number): Promise<void> {
  for await (const { id, value } of everyRecord(records.offers)) {
    if (value.expiresAtMs + ordersKeptMs < nowMs()) await records.offers.erase(id)
  }
  for await (const { id, value } of everyRecord(records.orders, ['state', 'filled'])) {
    if (value.orderedAtMs + ordersKeptMs < nowMs()) await records.orders.erase(id)
  }
  for (const store of [records.codes, records.tokens, records.deferred]) {
    await createVaultStore(store, nowMs).sweep()
  }
}
