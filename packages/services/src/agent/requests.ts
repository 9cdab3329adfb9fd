/**
 * Requests of verifiers: opened and shown with who asks, for what and until when; answered with what the resident picked,
 * once the resident's key has signed exactly that; kept as a consent that the resident can read and withdraw.
 */
import { sha256 } from '@chengxin/crypto/node'
import {
  type AskedPart,
  type AskedPresentation,
  type Asker,
  answerRequest,
  askerOf,
  type Choice,
  type ClaimPath,
  claimedRegistration,
  declineRequest,
  isAnswer,
  isAnswerable,
  type Option,
  openRequest,
  partsOf,
  pickCopy,
  seenBy,
  shownText,
} from '@chengxin/holder'
import { isRefusal, type Json, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type Assertion, type Evidence } from '../desk/assertion.ts'
import { randomId } from '../desk/random-id.ts'
import { changeRecord } from '../vault/face.ts'
import { type Agent, logUse } from './agent.ts'
import { findAct, type OpenAct, openAct, takeAct } from './assertion.ts'
import type { Principal } from './authorisation.ts'
import { heldCertificate, keyedWallet } from './holder-keys.ts'
import { reached } from './receive.ts'
import { asJson, type Consent, type ConsentItem, type Copy } from './records.ts'
import { watchStatus } from './status-watch.ts'

export interface OpenedRequest extends OpenAct {
  readonly asker: Asker
  readonly parts: readonly AskedPart[]
  /** Names of the types that are asked for, by `vct`. */
  readonly displays: { readonly [vct: string]: Json }
  readonly answerable: boolean
}

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
  const parts = partsOf(asked, holdings)
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
    answerable: isAnswerable(parts),
  }
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

async function prepareItem(
  agent: Agent,
  { account }: Principal,
  asked: AskedPresentation,
  choice: Choice,
): Promise<Prepared['items'][number] | Refusal> {
  const { queryId, certificateId, fields } = choice
  const holding = (await agent.kept.holdings.get(certificateId))?.value
  if (holding?.account !== account) return refuse('certificate_not_held')
  if (holding.standing?.verdict === 'not_valid') return refuse('certificate_not_good')
  const picked = pickCopy(asked, choice, holding)
  if (isRefusal(picked)) return picked
  const { copy, paths } = picked
  const certificate = heldCertificate(holding.copies[copy] as Copy)
  const sdHash = toBase64url(sha256(toUtf8(shownText({ certificate, paths }))))
  return { queryId, certificateId, vct: holding.vct, fields: [...fields], sdHash, paths, copy }
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
  const withdrawalUri = withdrawalUriOf(asked)
  const code = isRefusal(answer) ? answer.refused : undefined
  const consent: Consent = {
    account,
    verifier: { names: asker.names, domain: asker.domain, did: asker.did, audience: asked.audience },
    purpose: asker.purpose,
    purposeId: asker.purposeId,
    nonce: asked.nonce,
    ...(withdrawalUri !== undefined && { withdrawalUri }),
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
        copies: holding.copies.map((held, index) => (index === copy ? seenBy(held, asked.audience) : held)),
      }),
      result: undefined,
    }))
    const use = { account, certificateId, vct, fields, party: asker.domain }
    await logUse(agent, code === undefined ? { ...use, kind: 'presented' } : { ...use, kind: 'refused', code })
  }
  return consentId
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

/** Only where the answer went too: a request must not make us post elsewhere. */
function withdrawalUriOf({ verifierInfo, responseUri = '' }: AskedPresentation): string | undefined {
  const uri: unknown = claimedRegistration(verifierInfo)?.withdrawalUri
  if (typeof uri !== 'string' || !URL.canParse(uri) || !URL.canParse(responseUri)) return undefined
  return new URL(uri).origin === new URL(responseUri).origin ? uri : undefined
}
