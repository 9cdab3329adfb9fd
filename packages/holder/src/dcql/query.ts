/**
 * DCQL (OpenID4VP 1.0 section 6), the query language of verifiers, read strictly. Members that the standard does not name
 * are left aside, as it demands; what it names must be as it says.
 */
import { type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'

export interface DcqlQuery {
  readonly credentials: readonly CredentialQuery[]
  readonly credentialSets?: readonly CredentialSet[]
}

export interface CredentialQuery {
  readonly id: string
  readonly format: string
  /** Whether more than one certificate may answer. */
  readonly multiple: boolean
  /** Types that are asked for; empty for formats that name theirs otherwise. */
  readonly vctValues: readonly string[]
  readonly needsHolderBinding: boolean
  /** Authorities that the verifier would trust; who those are is not judged here. */
  readonly hasTrustedAuthorities: boolean
  /** Absent: nothing that can be withheld is asked for. */
  readonly claims?: readonly ClaimQuery[]
  /** Ids of claims, the preferred set first. */
  readonly claimSets?: readonly (readonly string[])[]
}

/** A name in an object, a place in a list, or `null` for all its members. */
export type ClaimPath = readonly (string | number | null)[]

export interface ClaimQuery {
  readonly id?: string
  readonly path: ClaimPath
  readonly values?: readonly (string | number | boolean)[]
}

export interface CredentialSet {
  /** Ids of credential queries that together answer, the preferred option first. */
  readonly options: readonly (readonly string[])[]
  readonly required: boolean
}

const maxMembers = 64
const idForm = /^[A-Za-z0-9_-]{1,128}$/

class Malformed extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/**
 * Reads a query. Refusals: `dcql_malformed` (form), `dcql_id_repeated`, `dcql_id_unknown` (a set names what is not asked
 * for), `dcql_path_malformed`, `dcql_claim_repeated` (the same path twice), `dcql_claim_id_missing` (sets of claims without
 * ids).
 */
export function parseDcql(value: Json | undefined): DcqlQuery | Refusal {
  try {
    const query = readQuery(value)
    for (const { claims = [] } of query.credentials) refuseRepeated(claims.map(pathText), 'dcql_claim_repeated')
    return query
  } catch (thrown) {
    if (thrown instanceof Malformed) return refuse(thrown.code)
    throw thrown
  }
}

/**
 * Reads a query as a wallet should: claims that are asked for twice are left as they are, since disclosing is the same.
 * Other refusals as of `parseDcql`.
 */
export function parseForeignDcql(value: Json | undefined): DcqlQuery | Refusal {
  try {
    return readQuery(value)
  } catch (thrown) {
    if (thrown instanceof Malformed) return refuse(thrown.code)
    throw thrown
  }
}

function pathText({ path }: ClaimQuery): string {
  return JSON.stringify(path)
}

function readQuery(value: Json | undefined): DcqlQuery {
  const query = object(value)
  const credentials = list(query['credentials']).map(readCredentialQuery)
  refuseRepeated(
    credentials.map(({ id }) => id),
    'dcql_id_repeated',
  )
  if (query['credential_sets'] === undefined) return { credentials }
  const known = new Set(credentials.map(({ id }) => id))
  return { credentials, credentialSets: list(query['credential_sets']).map((set) => readCredentialSet(set, known)) }
}

function readCredentialQuery(value: Json): CredentialQuery {
  const query = object(value)
  const { format, claims, claim_sets: claimSets } = query
  if (typeof format !== 'string' || format === '') throw new Malformed('dcql_malformed')
  const meta = object(query['meta'])
  const authorities = query['trusted_authorities']
  if (authorities !== undefined) list(authorities).forEach(checkAuthority)
  if (claimSets !== undefined && claims === undefined) throw new Malformed('dcql_malformed')
  const asked = claims === undefined ? undefined : readClaims(claims)
  return {
    id: identifier(query['id']),
    format,
    multiple: flag(query['multiple'], false),
    vctValues: format === 'dc+sd-jwt' ? list(meta['vct_values']).map(text) : [],
    needsHolderBinding: flag(query['require_cryptographic_holder_binding'], true),
    hasTrustedAuthorities: authorities !== undefined,
    ...(asked && { claims: asked }),
    ...(asked && claimSets !== undefined && { claimSets: readClaimSets(claimSets, asked) }),
  }
}

function checkAuthority(value: Json): void {
  const { type, values } = object(value)
  text(type)
  list(values).map(text)
}

function readClaims(value: Json): readonly ClaimQuery[] {
  const claims = list(value).map(readClaim)
  refuseRepeated(
    claims.flatMap(({ id }) => id ?? []),
    'dcql_id_repeated',
  )
  return claims
}

function readClaim(value: Json): ClaimQuery {
  const { id, path, values } = object(value)
  return {
    ...(id !== undefined && { id: identifier(id) }),
    path: readPath(path),
    ...(values !== undefined && { values: list(values).map(readValue) }),
  }
}

function readPath(value: Json | undefined): ClaimPath {
  const isStep = (step: Json) =>
    step === null || typeof step === 'string' || (Number.isSafeInteger(step) && (step as number) >= 0)
  if (!Array.isArray(value) || value.length === 0 || value.length > maxMembers || !value.every(isStep)) {
    throw new Malformed('dcql_path_malformed')
  }
  // A certificate is an object, so that nothing but a name can come first.
  if (typeof value[0] !== 'string') throw new Malformed('dcql_path_malformed')
  return value as ClaimPath
}

function readValue(value: Json): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)) return value as string
  throw new Malformed('dcql_malformed')
}

function readClaimSets(value: Json, claims: readonly ClaimQuery[]): readonly (readonly string[])[] {
  if (claims.some(({ id }) => id === undefined)) throw new Malformed('dcql_claim_id_missing')
  const known = new Set(claims.flatMap(({ id }) => id ?? []))
  return list(value).map((set) => readIds(set, known))
}

function readCredentialSet(value: Json, known: ReadonlySet<string>): CredentialSet {
  const { options, required } = object(value)
  return { options: list(options).map((option) => readIds(option, known)), required: flag(required, true) }
}

function readIds(value: Json, known: ReadonlySet<string>): readonly string[] {
  const ids = list(value).map(identifier)
  if (!ids.every((id) => known.has(id))) throw new Malformed('dcql_id_unknown')
  refuseRepeated(ids, 'dcql_id_repeated')
  return ids
}

function refuseRepeated(texts: readonly string[], code: string): void {
  if (new Set(texts).size < texts.length) throw new Malformed(code)
}

function object(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed('dcql_malformed')
  return value as JsonObject
}

function list(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxMembers) throw new Malformed('dcql_malformed')
  return value as readonly Json[]
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string' || value === '') throw new Malformed('dcql_malformed')
  return value
}

function identifier(value: Json | undefined): string {
  if (typeof value !== 'string' || !idForm.test(value)) throw new Malformed('dcql_malformed')
  return value
}

function flag(value: Json | undefined, otherwise: boolean): boolean {
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') throw new Malformed('dcql_malformed')
  return value
}
