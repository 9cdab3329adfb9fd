/**
 * Requests of verifiers: opened and shown with who asks, for what and until when; answered with what the resident picked,
 * once the resident's key has signed exactly that; kept as a consent that the resident can read and withdraw.
 */
import { readSdJwt } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import {
  type AskedPresentation,
  answerRequest,
  type ClaimPath,
  type CredentialQuery,
  declineRequest,
  hasClaim,
  matchCredential,
  type Option,
  openRequest,
  shownText,
} from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { changeRecord } from '../vault/face.ts'
import { type Agent, logUse } from './agent.ts'
import { type Assertion, findAct, type OpenAct, openAct, takeAct } from './assertion.ts'
import type { Principal } from './authorisation.ts'
import { heldCertificate, keyedWallet } from './holder-keys.ts'
import { reached } from './receive.ts'
import { asJson, type Consent, type ConsentItem, type Copy, type Evidence, type Holding } from './records.ts'
import { watchStatus } from './status-watch.ts'
import { type Asker, askerOf } from './verifiers.ts'

/** One certificate that would answer one part of a request. */
export interface Candidate {
  readonly certificateId: string
  readonly vct: string
  /** Fields that the verifier asks for and the certificate has; without the needed ones there is no answer. */
  readonly fields: readonly {
    readonly path: ClaimPath
    readonly name: string
    readonly value: Json
    readonly needed: boolean
  }[]
}

export interface OpenedRequest extends OpenAct {
  readonly asker: Asker
  readonly parts: readonly {
    readonly queryId: string
    readonly vcts: readonly string[]
    readonly required: boolean
    readonly candidates: readonly Candidate[]
  }[]
  /** Names of the types that are asked for, by `vct`. */
  readonly displays: { readonly [vct: string]: Json }
  readonly answerable: boolean
}

/** The proof of anchoring is no statement about the resident: it goes along unasked where it is wanted. */
const technical = 'anchor'

/**
 * Opens a request. Refusals: `issuer_not_reached`, `request_not_usable`, `asker_not_registered`,
 * `request_beyond_registration`.
 */
export async function openAsked(agent: Agent, principal: Principal, link: string): Promise<OpenedRequest | Refusal> {
  const wallet = await keyedWallet(agent)
  const asked = await reached(() => openRequest(wallet, link))
  if (isRefusal(asked)) return unusable(asked)
  const asker = await askerOf(agent, asked)
  if (isRefusal(asker)) return asker

  await watchStatus(agent, principal.account)
  const all = await agent.kept.holdings.find('account', principal.account, { limit: 1000, newestFirst: true })
  // What its issuer has taken back would only be refused.
  const holdings = all.filter(({ value }) => value.standing?.verdict !== 'not_valid')
  const parts = asked.query.credentials.map((query) => ({
    queryId: query.id,
    vcts: query.vctValues,
    required: isRequired(asked, query.id),
    candidates: holdings.flatMap(({ id, value }) => candidateOf(query, id, value) ?? []),
  }))
  const vcts = new Set(parts.flatMap((part) => part.vcts))
  const displays = await Promise.all([...vcts].map(async (vct) => [vct, await agent.ledger.typeOf(vct)] as const))
  const data = JSON.parse(JSON.stringify({ asked, asker })) as Json
  const { actId, untilMs } = await openAct(agent, principal, { purpose: 'answer', data })
  return {
    actId,
    untilMs,
    asker,
    parts,
    displays: Object.fromEntries(displays.map(([vct, type]) => [vct, type?.display ?? null])),
    answerable: parts.every(({ required, candidates }) => !required || candidates.length > 0),
  }
}

/** Where sets are named, what stands in no required set is the resident's to add. */
function isRequired({ query }: AskedPresentation, id: string): boolean {
  const sets = query.credentialSets
  if (sets === undefined) return true
  return sets.some(({ required, options }) => required && options.length === 1 && options[0]?.includes(id))
}

function candidateOf(query: CredentialQuery, certificateId: string, { vct, copies }: Holding): Candidate | undefined {
  const claims = copies[0] && claimsOf(copies[0])
  if (!claims) return undefined
  const match = matchCredential(query, { format: 'dc+sd-jwt', vct, claims, isHolderBound: true })
  if (isRefusal(match)) return undefined
  const needed = neededIds(query, claims)
  const fields = (query.claims ?? []).flatMap((claim) => {
    const [name] = claim.path
    if (name === technical || typeof name !== 'string' || !hasClaim(claims, claim)) return []
    const isNeeded = needed === undefined || (claim.id !== undefined && needed.has(claim.id))
    return [{ path: claim.path, name, value: claims[name] ?? null, needed: isNeeded }]
  })
  return { certificateId, vct, fields }
}

/** What the smallest set that the certificate can answer needs; undefined where everything is needed. */
function neededIds({ claims = [], claimSets }: CredentialQuery, held: JsonObject): ReadonlySet<string> | undefined {
  if (claimSets === undefined) return undefined
  const canShow = (id: string) => claims.some((claim) => claim.id === id && hasClaim(held, claim))
  const possible = claimSets.filter((ids) => ids.every(canShow)).toSorted((one, other) => one.length - other.length)
  return new Set(possible[0] ?? [])
}

function claimsOf({ text }: Copy): JsonObject | undefined {
  const sdJwt = readSdJwt(sha256, text)
  return isRefusal(sdJwt) ? undefined : sdJwt.claims
}

/** What the resident picked for one part of a request: a certificate, and names of fields. */
export interface Choice {
  readonly queryId: string
  readonly certificateId: string
  readonly fields: readonly string[]
}

interface Prepared {
  readonly asked: AskedPresentation
  readonly asker: Asker
  readonly items: readonly (ConsentItem & {
    readonly queryId: string
    readonly paths: readonly ClaimPath[]
    readonly copy: number
  })[]
}

/**
 * Makes the statement that the resident's key signs: who gets what, down to the hash of each presentation. Refusals:
 * `act_not_found`, `choice_not_an_answer`, `certificate_not_held`, `certificate_not_good`, `no_copy_left`.
 */
export async function prepareAnswer(
  agent: Agent,
  principal: Principal,
  actId: string,
  choices: readonly Choice[],
): Promise<(OpenAct & { readonly statement: string }) | Refusal> {
  const act = await findAct(agent, principal, actId, 'answer')
  if (isRefusal(act)) return act
  const { asked, asker } = act.data as unknown as { readonly asked: AskedPresentation; readonly asker: Asker }
  if (!isAnswer(asked, choices)) return refuse('choice_not_an_answer')
  const items: Prepared['items'][number][] = []
  for (const choice of choices) {
    const item = await prepareItem(agent, principal, asked, choice)
    if (isRefusal(item)) return item
    items.push(item)
  }
  const says = {
    audience: asked.audience,
    nonce: asked.nonce,
    purposeId: asker.purposeId,
    presentations: items.map(({ sdHash, vct, fields }) => ({ sdHash, vct, fields })),
    keptUntilMs: asker.keptUntilMs,
  }
  const data = JSON.parse(JSON.stringify({ asked, asker, items })) as Json
  return openAct(agent, principal, { purpose: 'present', says, data })
}

function isAnswer({ query }: AskedPresentation, choices: readonly Choice[]): boolean {
  const chosen = new Set(choices.map(({ queryId }) => queryId))
  if (chosen.size !== choices.length || choices.length === 0) return false
  if (![...chosen].every((id) => query.credentials.some((credential) => credential.id === id))) return false
  const isPossible = (ids: readonly string[]) => ids.every((id) => chosen.has(id))
  const sets = query.credentialSets
  if (sets === undefined) return query.credentials.every(({ id }) => chosen.has(id))
  return sets.every(({ required, options }) => !required || options.some(isPossible))
}

async function prepareItem(
  agent: Agent,
  { account }: Principal,
  asked: AskedPresentation,
  { queryId, certificateId, fields }: Choice,
): Promise<Prepared['items'][number] | Refusal> {
  const holding = (await agent.kept.holdings.get(certificateId))?.value
  if (holding?.account !== account) return refuse('certificate_not_held')
  if (holding.standing?.verdict === 'not_valid') return refuse('certificate_not_good')
  const query = asked.query.credentials.find(({ id }) => id === queryId) as CredentialQuery
  const candidate = candidateOf(query, certificateId, holding)
  const asksFor = (name: string) => candidate?.fields.some((field) => field.name === name) === true
  const isWhole = candidate?.fields.every(({ needed, name }) => !needed || fields.includes(name)) === true
  if (!isWhole || !fields.every(asksFor)) return refuse('choice_not_an_answer')

  const copy = copyFor(holding, asked.audience)
  if (copy === undefined) return refuse('no_copy_left')
  const paths = (query.claims ?? [])
    .map(({ path }) => path)
    .filter(([name]) => name === technical || fields.includes(String(name)))
  const certificate = heldCertificate(holding.copies[copy] as Copy)
  const sdHash = toBase64url(sha256(toUtf8(shownText({ certificate, paths }))))
  return { queryId, certificateId, vct: holding.vct, fields: [...fields], sdHash, paths, copy }
}

/** A copy that this verifier knows already, else one that nobody knows, else the one that fewest know; never one on paper. */
function copyFor({ copies }: Holding, audience: string): number | undefined {
  const free = copies.flatMap(({ shownTo, printId }, index) => (printId === undefined ? [{ index, shownTo }] : []))
  const known = free.find(({ shownTo }) => shownTo.includes(audience))
  return (known ?? free.toSorted((one, other) => one.shownTo.length - other.shownTo.length)[0])?.index
}

export interface Answered {
  readonly consentId: string
  /** Where the resident's browser goes on. */
  readonly redirectUri?: string
}

/**
 * Presents what the resident has signed for. Refusals: those of `takeAct`, `certificate_not_held`, `issuer_not_reached`,
 * `request_not_usable` (with the verifier's own code: it did not accept).
 */
export async function agreeToRequest(
  agent: Agent,
  principal: Principal,
  actId: string,
  assertion: Assertion,
): Promise<Answered | Refusal> {
  const taken = await takeAct(agent, principal, actId, 'present', assertion)
  if (isRefusal(taken)) return taken
  const prepared = taken.act.data as unknown as Prepared
  const agreed = new Map<string, readonly Option[]>()
  for (const { queryId, certificateId, copy, paths } of prepared.items) {
    const text = (await agent.kept.holdings.get(certificateId))?.value.copies[copy]
    if (!text) return refuse('certificate_not_held')
    agreed.set(queryId, [{ certificate: heldCertificate(text), paths }])
  }
  const wallet = await keyedWallet(agent)
  const answer = await reached(() => answerRequest(wallet, prepared.asked, agreed))
  const consentId = await keepConsent(agent, principal, prepared, taken.evidence, answer)
  if (isRefusal(answer)) return unusable(answer)
  return { consentId, ...(answer.redirectUri !== undefined && { redirectUri: answer.redirectUri }) }
}

async function keepConsent(
  agent: Agent,
  { account }: Principal,
  { asked, asker, items }: Prepared,
  evidence: Evidence,
  answer: object,
): Promise<string> {
  const consentId = randomId('consent')
  const code = isRefusal(answer) ? answer.refused : undefined
  const consent: Consent = {
    account,
    verifier: { names: asker.names, domain: asker.domain, did: asker.did, audience: asked.audience },
    purpose: asker.purpose,
    purposeId: asker.purposeId,
    nonce: asked.nonce,
    items: items.map(({ certificateId, vct, sdHash, fields }) => ({ certificateId, vct, sdHash, fields })),
    givenAtMs: agent.nowMs(),
    untilMs: asker.keptUntilMs,
    state: code === undefined ? 'given' : 'not_accepted',
    ...(code !== undefined && { refusedWith: code }),
    evidence,
  }
  await agent.kept.consents.insert(consentId, asJson(consent), { account })
  for (const { certificateId, vct, copy, fields } of items) {
    await changeRecord(agent.kept.holdings, certificateId, (holding) => ({
      value: asJson({
        ...holding,
        copies: holding.copies.map((held, index) => (index === copy ? seen(held, asked.audience) : held)),
      }),
      result: undefined,
    }))
    const use = { account, certificateId, vct, fields, party: asker.domain }
    await logUse(agent, code === undefined ? { ...use, kind: 'presented' } : { ...use, kind: 'refused', code })
  }
  return consentId
}

function seen(copy: Copy, audience: string): Copy {
  return copy.shownTo.includes(audience) ? copy : { ...copy, shownTo: [...copy.shownTo, audience] }
}

/** Tells the verifier that the resident refuses. Refuses with `act_not_found`; that the verifier does not hear is no harm. */
export async function declineAsked(agent: Agent, principal: Principal, actId: string): Promise<Refusal | undefined> {
  const act = await findAct(agent, principal, actId, 'answer')
  if (isRefusal(act) || !(await agent.kept.acts.erase(actId))) return refuse('act_not_found')
  const { asked, asker } = act.data as unknown as { readonly asked: AskedPresentation; readonly asker: Asker }
  const wallet = await keyedWallet(agent)
  await reached(() => declineRequest(wallet, asked))
  await logUse(agent, { account: principal.account, kind: 'declined', party: asker.domain })
  return undefined
}

function unusable(refusal: Refusal): Refusal {
  if (refusal.refused === 'issuer_not_reached') return refusal
  return { ...refuse('request_not_usable'), ...{ reason: refusal.refused } }
}
