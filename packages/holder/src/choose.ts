/** Which of the certificates that are held answer a request, with which fields, and which copy of each is shown. */
import { readSdJwt } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { hasClaim } from './dcql/claim-path.ts'
import { matchCredential } from './dcql/match.ts'
import type { ClaimPath, CredentialQuery } from './dcql/query.ts'
import type { AskedPresentation } from './open-request.ts'

/** One of several of the same certificate, each with its own key, salts and place in the status list. */
export interface HeldCopy {
  /** SD-JWT VC with all fields disclosed. */
  readonly text: string
  /** Audiences that have seen this copy: another one gets another copy while there is one. */
  readonly shownTo: readonly string[]
  /** Set where the copy is on paper: then it is shown to nobody else. */
  readonly printId?: string
}

export interface HeldCopies {
  readonly vct: string
  readonly copies: readonly HeldCopy[]
}

/** One certificate that would answer one part of a request. */
export interface HeldCandidate {
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

export interface AskedPart {
  readonly queryId: string
  readonly vcts: readonly string[]
  readonly required: boolean
  readonly candidates: readonly HeldCandidate[]
}

/** What the resident picked for one part of a request: a certificate, and names of fields. */
export interface Choice {
  readonly queryId: string
  readonly certificateId: string
  readonly fields: readonly string[]
}

export interface Field {
  readonly name: string
  readonly value: Json
}

/** The proof of anchoring is no statement about the resident: it goes along unasked where it is wanted. */
const proofOfAnchoring = 'anchor'
/** Members that speak of the certificate and not of its holder. */
const technical = new Set([
  'iss',
  'iat',
  'nbf',
  'exp',
  'vct',
  'vct#integrity',
  'cnf',
  'status',
  proofOfAnchoring,
  'x5c',
])

/** Everything that a certificate says; empty where it cannot be read. */
export function claimsOf(text: string | undefined): JsonObject {
  const sdJwt = text === undefined ? undefined : readSdJwt(sha256, text)
  return sdJwt === undefined || isRefusal(sdJwt) ? {} : sdJwt.claims
}

/** What a certificate says of its holder. */
export function fieldsOf(text: string | undefined): readonly Field[] {
  return Object.entries(claimsOf(text)).flatMap(([name, value]) => (technical.has(name) ? [] : [{ name, value }]))
}

/** The parts of a request, each with what could answer it. */
export function partsOf(
  asked: AskedPresentation,
  held: readonly { readonly id: string; readonly value: HeldCopies }[],
): readonly AskedPart[] {
  return asked.query.credentials.map((query) => ({
    queryId: query.id,
    vcts: query.vctValues,
    required: isRequired(asked, query.id),
    candidates: held.flatMap(({ id, value }) => candidateOf(query, id, value) ?? []),
  }))
}

export function isAnswerable(parts: readonly AskedPart[]): boolean {
  return parts.every(({ required, candidates }) => !required || candidates.length > 0)
}

/** Where sets are named, what stands in no required set is the resident's to add. */
function isRequired({ query }: AskedPresentation, id: string): boolean {
  const sets = query.credentialSets
  if (sets === undefined) return true
  return sets.some(({ required, options }) => required && options.length === 1 && options[0]?.includes(id))
}

function candidateOf(
  query: CredentialQuery,
  certificateId: string,
  { vct, copies }: HeldCopies,
): HeldCandidate | undefined {
  const claims = claimsOf(copies[0]?.text)
  if (claims['vct'] === undefined) return undefined
  const match = matchCredential(query, { format: 'dc+sd-jwt', vct, claims, isHolderBound: true })
  if (isRefusal(match)) return undefined
  const needed = neededIds(query, claims)
  const fields = (query.claims ?? []).flatMap((claim) => {
    const [name] = claim.path
    if (name === proofOfAnchoring || typeof name !== 'string' || !hasClaim(claims, claim)) return []
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

/** Whether the choices answer the request: each part once, and all that is required. */
export function isAnswer({ query }: AskedPresentation, choices: readonly Choice[]): boolean {
  const chosen = new Set(choices.map(({ queryId }) => queryId))
  if (chosen.size !== choices.length || choices.length === 0) return false
  if (![...chosen].every((id) => query.credentials.some((credential) => credential.id === id))) return false
  const isPossible = (ids: readonly string[]) => ids.every((id) => chosen.has(id))
  const sets = query.credentialSets
  if (sets === undefined) return query.credentials.every(({ id }) => chosen.has(id))
  return sets.every(({ required, options }) => !required || options.some(isPossible))
}

/** What is disclosed of which copy. Refusals, in the order they are checked: `choice_not_an_answer`, `no_copy_left`. */
export function pickCopy(
  asked: AskedPresentation,
  { queryId, certificateId, fields }: Choice,
  holding: HeldCopies,
): { readonly copy: number; readonly paths: readonly ClaimPath[] } | Refusal {
  const query = asked.query.credentials.find(({ id }) => id === queryId)
  const candidate = query && candidateOf(query, certificateId, holding)
  const asksFor = (name: string) => candidate?.fields.some((field) => field.name === name) === true
  const isWhole = candidate?.fields.every(({ needed, name }) => !needed || fields.includes(name)) === true
  if (!query || !isWhole || !fields.every(asksFor)) return refuse('choice_not_an_answer')
  const copy = copyFor(holding, asked.audience)
  if (copy === undefined) return refuse('no_copy_left')
  const paths = (query.claims ?? [])
    .map(({ path }) => path)
    .filter(([name]) => name === proofOfAnchoring || fields.includes(String(name)))
  return { copy, paths }
}

/** A copy that this verifier knows already, else one that nobody knows, else the one that fewest know; never one on paper. */
function copyFor({ copies }: HeldCopies, audience: string): number | undefined {
  const free = copies.flatMap(({ shownTo, printId }, index) => (printId === undefined ? [{ index, shownTo }] : []))
  const known = free.find(({ shownTo }) => shownTo.includes(audience))
  return (known ?? free.toSorted((one, other) => one.shownTo.length - other.shownTo.length)[0])?.index
}

/** The copy, with this audience among those that have seen it. */
export function seenBy<T extends HeldCopy>(copy: T, audience: string): T {
  return copy.shownTo.includes(audience) ? copy : { ...copy, shownTo: [...copy.shownTo, audience] }
}
