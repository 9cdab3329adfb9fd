/**
 * Credential offers (OpenID4VCI 1.0 section 4): what a resident scans or follows to fetch a certificate. An offer by
 * reference is fetched once: the code inside must not lie about.
 */
import { randomInt } from 'node:crypto'
import { preAuthorizedGrant } from '@chengxin/holder'
import { type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { jsonAnswer, type OpenidAnswer } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { randomSecret } from '../secrets.ts'
import type { Grant, Issuer } from './issuer.ts'

export interface OfferOptions extends Grant {
  /** How long the offer stands; ten minutes if absent. */
  readonly validForMs?: number
  /** Whether a code that reaches the resident another way must be typed in; true if absent. */
  readonly withTxCode?: boolean
}

export interface Offer {
  readonly offer: JsonObject
  /** The code to tell the resident by another way than the offer itself. */
  readonly txCode?: string
}

const defaultValidForMs = 10 * 60_000
const triesForTxCode = 3

/** An offer for somebody the issuer knows already: whoever holds it, and the code if there is one, fetches. */
export async function createPreAuthorizedOffer(issuer: Issuer, options: OfferOptions): Promise<Offer> {
  const { subject, configurationIds, validForMs = defaultValidForMs, withTxCode = true } = options
  checkKnown(issuer, configurationIds)
  const code = randomSecret()
  const txCode = withTxCode ? String(randomInt(1_000_000)).padStart(6, '0') : undefined
  const record = { subject, configurationIds, triesLeft: triesForTxCode, ...(txCode !== undefined && { txCode }) }
  const isKept = await issuer.stores.preAuthorized.add(keyOf(code), record, issuer.nowMs() + validForMs)
  if (!isKept) throw new Error('There is no room for another offer.')
  const grant = { 'pre-authorized_code': code, ...(withTxCode && { tx_code: { input_mode: 'numeric', length: 6 } }) }
  const offer = offerOf(issuer, configurationIds, { [preAuthorizedGrant]: grant })
  return { offer, ...(txCode !== undefined && { txCode }) }
}

/** An offer for whoever signs in: nothing in it is secret. `issuerState` comes back with the wallet's request. */
export function createAuthorizationOffer(
  issuer: Issuer,
  configurationIds: readonly string[],
  issuerState?: string,
): Offer {
  checkKnown(issuer, configurationIds)
  const grant = issuerState === undefined ? {} : { issuer_state: issuerState }
  return { offer: offerOf(issuer, configurationIds, { authorization_code: grant }) }
}

function offerOf({ identifier }: Issuer, configurationIds: readonly string[], grants: JsonObject): JsonObject {
  return { credential_issuer: identifier, credential_configuration_ids: configurationIds, grants }
}

function checkKnown({ configurations }: Issuer, ids: readonly string[]): void {
  const unknown = ids.find((id) => !Object.hasOwn(configurations, id))
  if (unknown !== undefined || ids.length === 0) throw new Error(`Nothing is issued under the name ${unknown}.`)
}

export function offerLink({ offer }: Offer): string {
  return `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`
}

/** A short link for small codes: the offer itself stays here until it is fetched. */
export async function offerLinkByReference(issuer: Issuer, { offer }: Offer): Promise<string> {
  const id = randomSecret()
  const isKept = await issuer.stores.offers.add(keyOf(id), offer, issuer.nowMs() + defaultValidForMs)
  if (!isKept) throw new Error('There is no room for another offer.')
  const uri = `${issuer.endpoints.offers}/${id}`
  return `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(uri)}`
}

/** GET of an offer by reference: `offer_not_found` where it was fetched before or is past its time. */
export async function fetchOffer({ stores }: Issuer, id: string): Promise<OpenidAnswer | Refusal> {
  const entry = await stores.offers.take(keyOf(id))
  return entry ? jsonAnswer(200, entry.value) : refuse('offer_not_found')
}
