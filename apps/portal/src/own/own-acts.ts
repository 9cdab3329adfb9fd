/** What a resident does with certificates of one's own keeping: take, show, look how they stand, remove. */
import {
  type AskedPart,
  type AskedPresentation,
  type Asker,
  answerForSelf,
  askerOf,
  type Choice,
  claimsOf,
  collectForSelf,
  declineRequest,
  fieldsOf,
  isAnswerable,
  type OwnContent,
  openRequest,
  partsOf,
  type ReadOffer,
  readOffer,
  standingOf,
  takeForSelf,
} from '@chengxin/holder'
import { isRefusal, type Refusal } from '@chengxin/kernel'
import type { HeldCertificate } from '../api/agent.ts'
import { ApiProblem } from '../api/http.ts'
import { changeOwnVault, type Owner } from './own-vault.ts'
import { askerCheckOf, ledgerOf, walletOf } from './reach.ts'

export interface OwnOffer {
  readonly offer: ReadOffer
  readonly types: readonly { readonly configurationId: string; readonly vct: string; readonly display?: unknown }[]
  readonly needsTxCode: boolean
}

export async function openOwnOffer(groupId: string, link: string): Promise<OwnOffer> {
  const offer = await readOffer(await walletOf(groupId), link)
  if (isRefusal(offer)) throw new ApiProblem(409, 'offer_not_usable', offer.refused)
  const types = offer.configurationIds.map(async (configurationId) => {
    const vct = offer.metadata.configurations[configurationId]?.vct ?? ''
    const display = (await ledgerOf(groupId).typeOf(vct))?.display
    return { configurationId, vct, ...(display && { display }) }
  })
  return { offer, types: await Promise.all(types), needsTxCode: offer.preAuthorized?.needsTxCode === true }
}

/** Takes an offer; how many certificates are still to come. */
export async function takeOwnOffer(owner: Owner, groupId: string, offer: ReadOffer, txCode?: string): Promise<number> {
  const wallet = await walletOf(groupId)
  const taken = await changeOwnVault(
    owner,
    (content) => takeForSelf(wallet, content, offer, txCode),
    () => 'offer_not_usable',
  )
  return taken.waiting
}

export interface OwnRequest {
  readonly asked: AskedPresentation
  readonly asker: Asker
}

const ofDesks: readonly string[] = ['asker_not_registered', 'request_beyond_registration']

/** Who asks and for what; nothing of the vault is needed for that. */
export async function openOwnRequest(groupId: string, link: string): Promise<OwnRequest> {
  const asked = await openRequest(await walletOf(groupId), link)
  if (isRefusal(asked)) throw new ApiProblem(409, 'request_not_usable', asked.refused)
  const asker = await askerOf(askerCheckOf(groupId), asked)
  if (isRefusal(asker)) throw new ApiProblem(403, requestCode(asker), asker.refused)
  return { asked, asker }
}

function requestCode({ refused }: Refusal): string {
  return ofDesks.includes(refused) ? refused : 'request_not_usable'
}

export interface OwnAnswers {
  readonly parts: readonly AskedPart[]
  readonly answerable: boolean
  readonly displays: Readonly<Record<string, unknown>>
}

/** What in the open vault would answer. Certificates that their issuer has taken back are left out. */
export async function answersFor(groupId: string, { asked }: OwnRequest, content: OwnContent): Promise<OwnAnswers> {
  const bundle = await ledgerOf(groupId).trust()
  const held: { readonly id: string; readonly value: OwnContent['holdings'][number] }[] = []
  for (const value of content.holdings) {
    const text = value.copies[0]?.text
    const standing = text === undefined ? undefined : await standingOf(text, bundle, Date.now())
    if (standing !== undefined && standing.verdict !== 'not_valid') held.push({ id: value.certificateId, value })
  }
  const parts = partsOf(asked, held)
  const vcts = [...new Set(parts.flatMap((part) => part.vcts))]
  const displays = await Promise.all(
    vcts.map(async (vct) => [vct, (await ledgerOf(groupId).typeOf(vct))?.display] as const),
  )
  return { parts, answerable: isAnswerable(parts), displays: Object.fromEntries(displays) }
}

/** Shows what was picked; the passkey is asked for this act alone. */
export async function answerOwnRequest(
  owner: Owner,
  groupId: string,
  request: OwnRequest,
  choices: readonly Choice[],
): Promise<{ readonly content: OwnContent; readonly redirectUri?: string }> {
  const wallet = await walletOf(groupId)
  const known: readonly string[] = ['choice_not_an_answer', 'certificate_not_held', 'no_copy_left']
  return changeOwnVault(
    owner,
    (content) => answerForSelf(wallet, content, request, choices),
    ({ refused }) => (known.includes(refused) ? refused : 'request_not_usable'),
  )
}

/** Tells the verifier that the resident refuses. */
export async function refuseOwnRequest(groupId: string, { asked }: OwnRequest): Promise<void> {
  await declineRequest(await walletOf(groupId), asked)
}

/** Asks issuers again that needed time. */
export async function collectOwnOrders(owner: Owner, groupId: string): Promise<OwnContent> {
  const wallet = await walletOf(groupId)
  return (await changeOwnVault(owner, async (content) => ({ content: await collectForSelf(wallet, content) }))).content
}

export async function removeOwn(owner: Owner, certificateId: string): Promise<OwnContent> {
  const without = (content: OwnContent): OwnContent => ({
    ...content,
    holdings: content.holdings.filter((holding) => holding.certificateId !== certificateId),
  })
  return (await changeOwnVault(owner, async (content) => ({ content: without(content) }))).content
}

/** The cards of the open vault, each with how it stands now. */
export async function cardsOf(groupId: string, { holdings }: OwnContent): Promise<readonly HeldCertificate[]> {
  const ledger = ledgerOf(groupId)
  const bundle = await ledger.trust()
  const cards = holdings.map(async ({ certificateId, vct, issuerUrl, receivedAtMs, copies }) => {
    const text = copies[0]?.text ?? ''
    const type = await ledger.typeOf(vct)
    const { iss } = claimsOf(text)
    const issuer = bundle?.issuers.find(({ did, domain }) => did === iss || `https://${domain}` === iss)
    return {
      certificateId,
      vct,
      ...(type && { typeId: type.typeId, display: type.display }),
      issuer: { url: issuerUrl, host: new URL(issuerUrl).host, ...(issuer && { name: issuer.name }) },
      fields: fieldsOf(text),
      receivedAtMs,
      copies: copies.length,
      copiesUnseen: copies.filter(({ shownTo }) => shownTo.length === 0).length,
      standing: await standingOf(text, bundle, Date.now()),
    }
  })
  return (await Promise.all(cards)).toReversed()
}
