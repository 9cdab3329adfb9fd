/**
 * A credential as RDF. JSON-LD in general needs documents from the net and a thousand pages of rules; a credential of ours
 * needs the base context of Verifiable Credentials 2.0, which is written down here, and a vocabulary for everything else.
 * What would not become a statement would not be signed, so it is refused instead of being left out.
 */
import { hasLoneSurrogate, isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { baseContext, isObject, isUrl, listOf } from './check-credential.ts'
import type { VcdmCode } from './codes.ts'

/** A statement in the default graph; blank nodes are `_:` and a label. */
export interface Quad {
  readonly subject: string
  readonly predicate: string
  /** As N-Quads spell it, but for a blank node. */
  readonly object: string
  /** Where in the document it comes from (JSON Pointer): `/credentialSubject/degree`. */
  readonly pointer: string
}

const rdfType = '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>'
const xsd = 'http://www.w3.org/2001/XMLSchema#'
const credentials = 'https://www.w3.org/2018/credentials#'
const security = 'https://w3id.org/security#'

/** Vocabularies of contexts that say nothing else. */
const vocabularies: { readonly [context: string]: string } = {
  'https://www.w3.org/ns/credentials/undefined-terms/v2': 'https://www.w3.org/ns/credentials/undefined-term#',
}

/** Terms that every node has. */
const literalTerms: { readonly [term: string]: readonly [iri: string, datatype?: string] } = {
  name: ['https://schema.org/name'],
  description: ['https://schema.org/description'],
  mediaType: ['https://schema.org/encodingFormat'],
  digestSRI: [`${credentials}digestSRI`, `${credentials}sriString`],
  digestMultibase: [`${security}digestMultibase`, `${security}multibase`],
}

/** Terms of the credential itself whose values are nodes. */
const nodeTerms: ReadonlySet<string> = new Set([
  'issuer',
  'credentialSubject',
  'credentialStatus',
  'credentialSchema',
  'evidence',
  'refreshService',
  'relatedResource',
  'renderMethod',
  'termsOfUse',
  'confidenceMethod',
])
const dateTerms: ReadonlySet<string> = new Set(['validFrom', 'validUntil'])

/** Types of the base context that bring no terms of their own, or none that are used here. */
const baseTypes: { readonly [type: string]: string } = {
  VerifiableCredential: `${credentials}VerifiableCredential`,
  JsonSchemaCredential: `${credentials}JsonSchemaCredential`,
  JsonSchema: `${credentials}JsonSchema`,
}
/** What else the base context gives a meaning to: it cannot name a claim, and its types would change what terms mean. */
const reservedTerms: ReadonlySet<string> = new Set([
  ...['BitstringStatusList', 'BitstringStatusListCredential', 'BitstringStatusListEntry', 'DataIntegrityProof'],
  ...['EnvelopedVerifiableCredential', 'EnvelopedVerifiablePresentation', 'VerifiablePresentation', 'JsonSchema'],
  ...['JsonSchemaCredential', 'VerifiableCredential', '...', '_sd', '_sd_alg', 'aud', 'cnf', 'exp', 'iat', 'iss'],
  ...['jku', 'kid', 'nbf', 'sub', 'x5u', 'proof'],
])

/** Carries a refusal out of the recursion; it never leaves this file. */
class Rejection extends Error {
  readonly refusal: Refusal
  constructor(code: VcdmCode) {
    super(code)
    this.refusal = refuse(code)
  }
}

/** The vocabulary that the contexts give to terms of nobody else, or `context_not_supported`. */
export function vocabularyOf(contexts: readonly Json[]): string | undefined | Refusal {
  let vocabulary: string | undefined
  for (const context of contexts) {
    if (context === baseContext) continue
    const inline = isObject(context) && Object.keys(context).length === 1 ? context['@vocab'] : undefined
    const found = typeof context === 'string' ? vocabularies[context] : inline
    if (!isUrl(found)) return refuse('context_not_supported')
    vocabulary = found
  }
  return vocabulary
}

/**
 * All statements of a credential that `refuseCredential` lets pass. Codes: `context_not_supported`, and on the way
 * `already_signed`, `claim_name_malformed`, `claim_value_malformed`, `type_unknown`, `id_malformed`.
 */
export function quadsOf(credential: JsonObject): readonly Quad[] | Refusal {
  const { '@context': contexts, ...rest } = credential
  const vocabulary = vocabularyOf(listOf(contexts))
  if (isRefusal(vocabulary)) return vocabulary
  if (rest['proof'] !== undefined) return refuse('already_signed')
  try {
    const writer = new Writer(vocabulary)
    writer.node(rest, '', true)
    return writer.quads
  } catch (thrown) {
    if (thrown instanceof Rejection) return thrown.refusal
    throw thrown
  }
}

class Writer {
  readonly quads: Quad[] = []
  readonly #vocabulary: string | undefined
  #blankNodes = 0

  constructor(vocabulary: string | undefined) {
    this.#vocabulary = vocabulary
  }

  /** Writes what a node says, and answers with its name. */
  node(object: JsonObject, pointer: string, isRoot = false): string {
    const { id, type, ...members } = object
    if (id !== undefined && !isUrl(id)) throw new Rejection('id_malformed')
    const subject = id === undefined ? `_:b${this.#blankNodes++}` : `<${id}>`
    for (const each of listOf(type)) this.#write(subject, rdfType, this.#typeIri(each), pointer)
    for (const [name, value] of Object.entries(members))
      this.#member(subject, name, value, `${pointer}/${name}`, isRoot)
    return subject
  }

  #member(subject: string, name: string, value: Json, pointer: string, isRoot: boolean): void {
    const values = listOf(value)
    if (values.length === 0) throw new Rejection('claim_value_malformed')
    for (const [index, each] of values.entries()) {
      const place = Array.isArray(value) ? `${pointer}/${index}` : pointer
      if (isRoot && nodeTerms.has(name))
        this.#write(subject, `<${credentials}${name}>`, this.#nodeValue(each, place), place)
      else if (isRoot && dateTerms.has(name)) {
        this.#write(subject, `<${credentials}${name}>`, literal(each, `${xsd}dateTime`), place)
      } else if (Object.hasOwn(literalTerms, name)) this.#literalTerm(subject, name, each, place)
      else this.#write(subject, this.#claimIri(name), this.#claimValue(each, place), place)
    }
  }

  #literalTerm(subject: string, name: string, value: Json, pointer: string): void {
    const [iri, datatype] = literalTerms[name] as readonly [string, string?]
    if (isObject(value) && typeof value['@value'] !== 'string') {
      this.#write(subject, `<${iri}>`, this.node(value, pointer), pointer)
      return
    }
    const text = isObject(value) ? languageLiteral(value) : datatype ? literal(value, datatype) : plainLiteral(value)
    this.#write(subject, `<${iri}>`, text, pointer)
  }

  #nodeValue(value: Json, pointer: string): string {
    if (isUrl(value)) return `<${value}>`
    if (!isObject(value)) throw new Rejection('id_malformed')
    return this.node(value, pointer)
  }

  #claimValue(value: Json, pointer: string): string {
    if (!isObject(value)) return plainLiteral(value)
    if (Object.keys(value).length === 0) throw new Rejection('claim_value_malformed')
    return this.node(value, pointer)
  }

  #claimIri(name: string): string {
    const isName = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && !reservedTerms.has(name)
    if (!isName || this.#vocabulary === undefined) throw new Rejection('claim_name_malformed')
    return `<${this.#vocabulary}${name}>`
  }

  #typeIri(type: Json): string {
    if (typeof type !== 'string') throw new Rejection('type_unknown')
    if (Object.hasOwn(baseTypes, type)) return `<${baseTypes[type]}>`
    const isName = /^[A-Za-z][A-Za-z0-9_-]*$/.test(type) && !reservedTerms.has(type)
    if (isName && this.#vocabulary !== undefined) return `<${this.#vocabulary}${type}>`
    if (isName || !isUrl(type)) throw new Rejection('type_unknown')
    return `<${type}>`
  }

  #write(subject: string, predicate: string, object: string, pointer: string): void {
    this.quads.push({ subject, predicate, object, pointer })
  }
}

function plainLiteral(value: Json): string {
  if (typeof value === 'boolean') return literal(String(value), `${xsd}boolean`)
  // A number with a fraction has a spelling in RDF that is not the one in JSON.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return literal(String(value), `${xsd}integer`)
  return literal(value)
}

function literal(value: Json, datatype?: string): string {
  return `"${escaped(value)}"${datatype === undefined ? '' : `^^<${datatype}>`}`
}

function languageLiteral({ '@value': text, '@language': language, '@direction': direction }: JsonObject): string {
  // A direction is not part of the statement, so it would be said and not signed.
  if (direction !== undefined) throw new Rejection('claim_value_malformed')
  return typeof language === 'string' ? `"${escaped(text as Json)}"@${language.toLowerCase()}` : literal(text as Json)
}

/** Text as canonical N-Quads spell it; control characters but for the end of a line have no business in a certificate. */
function escaped(value: Json): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (typeof value !== 'string' || hasLoneSurrogate(value) || /[\u0000-\u0009\u000b-\u001f\u007f]/.test(value)) {
    throw new Rejection('claim_value_malformed')
  }
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
