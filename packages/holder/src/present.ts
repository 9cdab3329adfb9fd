/** Chooses certificates for a request, discloses what was asked for and nothing else, and proves that they are the holder's. */
import { readSdJwt } from '@chengxin/audit'
import { parseJsonObject, sha256 } from '@chengxin/crypto'
import { isRefusal, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { disclosuresFor } from './dcql/disclose.ts'
import { type Candidate, chosenQueries, matchCredential } from './dcql/match.ts'
import type { ClaimPath } from './dcql/query.ts'
import { encryptObject } from './encryption.ts'
import type { AskedPresentation } from './open-request.ts'
import { formRequest, type HeldCertificate, secondsOf, signToken, type Wallet } from './wallet.ts'

/** A certificate that answers a query, and what of it would be shown. */
export interface Option {
  readonly certificate: HeldCertificate
  readonly paths: readonly ClaimPath[]
}

/** By the query's id: what the holder can choose among before agreeing. */
export type Options = ReadonlyMap<string, readonly Option[]>

/** Everything held that would answer. `dcql_not_satisfied` where it is not enough. */
export function optionsFor({ query }: AskedPresentation, held: readonly HeldCertificate[]): Options | Refusal {
  const options = new Map<string, readonly Option[]>()
  for (const credentialQuery of query.credentials) {
    const matching = held.flatMap((certificate): Option[] => {
      const candidate = candidateOf(certificate)
      const match = candidate && matchCredential(credentialQuery, candidate)
      return !match || isRefusal(match) ? [] : [{ certificate, paths: match.paths }]
    })
    if (matching.length > 0) options.set(credentialQuery.id, matching)
  }
  const chosen = chosenQueries(query, new Set(options.keys()))
  if (isRefusal(chosen)) return chosen
  return new Map([...options].filter(([id]) => chosen.has(id)))
}

function candidateOf({ text }: HeldCertificate): Candidate | undefined {
  const sdJwt = readSdJwt(sha256, text)
  if (isRefusal(sdJwt) || typeof sdJwt.claims['vct'] !== 'string') return undefined
  return { format: 'dc+sd-jwt', vct: sdJwt.claims['vct'], claims: sdJwt.claims, isHolderBound: true }
}

/** The first option of every query: for those who are not asked to choose. */
export function firstOptions(options: Options): Options {
  return new Map([...options].map(([id, [first]]) => [id, first ? [first] : []]))
}

/** The `vp_token` for what the holder agreed to. */
export async function presentationsOf(
  wallet: Wallet,
  asked: AskedPresentation,
  agreed: Options,
): Promise<{ readonly [id: string]: readonly string[] }> {
  const answers: [string, string[]][] = []
  for (const [id, options] of agreed) {
    answers.push([id, await Promise.all(options.map((option) => presentationOf(wallet, asked, option)))])
  }
  return Object.fromEntries(answers)
}

/** What is shown of a certificate: its hash stands in the holder's proof (`sd_hash`). */
export function shownText({ certificate, paths }: Option): string {
  const sdJwt = readSdJwt(sha256, certificate.text)
  if (isRefusal(sdJwt)) throw new Error('A certificate that is held cannot be read.')
  const [issuerText = ''] = certificate.text.split('~')
  return [issuerText, ...disclosuresFor(sdJwt, paths).map(({ text }) => text), ''].join('~')
}

async function presentationOf(wallet: Wallet, { audience, nonce }: AskedPresentation, option: Option): Promise<string> {
  const { certificate } = option
  const shown = shownText(option)
  const payload = { aud: audience, nonce, iat: secondsOf(wallet.nowMs()), sd_hash: toBase64url(sha256(toUtf8(shown))) }
  return shown + (await signToken(certificate.key, { typ: 'kb+jwt' }, payload))
}

export interface WalletAnswer {
  /** Where the holder's browser goes on. */
  readonly redirectUri?: string
}

/** Posts the answer. Refuses with the verifier's code, or `response_malformed`. */
export async function answerRequest(
  wallet: Wallet,
  asked: AskedPresentation,
  agreed: Options,
): Promise<WalletAnswer | Refusal> {
  const token = await presentationsOf(wallet, asked, agreed)
  const state = asked.state === undefined ? {} : { state: asked.state }
  if (asked.encryption)
    return post(wallet, asked, { response: await encryptObject({ vp_token: token, ...state }, asked.encryption) })
  return post(wallet, asked, { vp_token: JSON.stringify(token), ...state })
}

/** Tells the verifier that the holder refused. */
export function declineRequest(wallet: Wallet, asked: AskedPresentation): Promise<WalletAnswer | Refusal> {
  const state = asked.state === undefined ? {} : { state: asked.state }
  return post(wallet, asked, { error: 'access_denied', ...state })
}

async function post(
  wallet: Wallet,
  { responseUri }: AskedPresentation,
  form: { readonly [name: string]: string },
): Promise<WalletAnswer | Refusal> {
  if (responseUri === undefined) throw new Error('The browser takes the answer to this request.')
  const { status, body } = await wallet.send(formRequest(responseUri, form))
  const answer = parseJsonObject(body)
  if (status !== 200) return refuse(typeof answer?.['code'] === 'string' ? answer['code'] : 'response_malformed')
  const redirectUri = answer?.['redirect_uri']
  return typeof redirectUri === 'string' ? { redirectUri } : {}
}

/** What the browser gives back to the page that asked. */
export async function browserAnswer(wallet: Wallet, asked: AskedPresentation, agreed: Options): Promise<JsonObject> {
  const token = await presentationsOf(wallet, asked, agreed)
  return asked.encryption
    ? { response: await encryptObject({ vp_token: token }, asked.encryption) }
    : { vp_token: token }
}
