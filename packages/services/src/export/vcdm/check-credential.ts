/**
 * What the W3C's Verifiable Credentials Data Model 2.0 (section 4) asks of a credential before anybody signs it. Its test
 * suite expects issuers and verifiers to refuse what breaks one of these rules, and libraries let several of them pass.
 */
import { hasLoneSurrogate, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { VcdmCode } from './codes.ts'

export const baseContext = 'https://www.w3.org/ns/credentials/v2'

/** XML Schema's dateTimeStamp: a time zone is not optional. */
const dateTimeStamp =
  /^-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$/
const languageTag = /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/

/** An absolute URL as VCDM means it: any scheme, and no character that an IRI may not have. */
export function isUrl(value: Json | undefined): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no address has them
  const form = /^[a-zA-Z][a-zA-Z0-9+.-]*:[^\s\u0000-\u0020\u007f<>"{}|\\^`]+$/
  return typeof value === 'string' && form.test(value) && !hasLoneSurrogate(value)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly Json[]) : [value]
}

const no = (code: VcdmCode): Refusal => refuse(code)

/**
 * The first rule that the credential breaks, or `undefined`. Codes, in the order they are checked: `context_missing`,
 * `context_not_supported` (a context that is neither a URL nor an object), `id_malformed`, `type_missing`, `text_malformed`,
 * `issuer_malformed`, `subject_missing`, `subject_malformed`, `date_malformed`, `dates_reversed`, `status_malformed`,
 * `schema_malformed`, `service_malformed`, `resource_malformed`.
 */
export function refuseCredential(credential: JsonObject): Refusal | undefined {
  return (
    refuseContext(credential['@context']) ??
    refuseId(credential) ??
    (hasType(credential, 'VerifiableCredential') ? undefined : no('type_missing')) ??
    refuseTexts(credential) ??
    refuseIssuer(credential['issuer']) ??
    refuseSubjects(credential['credentialSubject']) ??
    refuseDates(credential) ??
    refuseStatuses(credential['credentialStatus']) ??
    refuseSchemas(credential['credentialSchema']) ??
    refuseServices(credential) ??
    refuseResources(credential['relatedResource'])
  )
}

function refuseContext(context: Json | undefined): Refusal | undefined {
  if (!Array.isArray(context) || context[0] !== baseContext) return no('context_missing')
  return context.every((each: Json) => isUrl(each) || isObject(each)) ? undefined : no('context_not_supported')
}

function refuseId(object: JsonObject): Refusal | undefined {
  return object['id'] === undefined || isUrl(object['id']) ? undefined : no('id_malformed')
}

/** Whether the object names its types, and this one among them if one is asked for. */
function hasType(object: JsonObject, wanted?: string): boolean {
  const types = listOf(object['type'])
  const areNames = types.length > 0 && types.every((type) => typeof type === 'string' && type !== '')
  return areNames && (wanted === undefined || types.includes(wanted))
}

function refuseTexts(object: JsonObject): Refusal | undefined {
  for (const name of ['name', 'description']) {
    const value = object[name]
    if (value === undefined) continue
    if (!listOf(value).every(isText) || listOf(value).length === 0) return no('text_malformed')
  }
  return undefined
}

function isText(value: Json): boolean {
  if (typeof value === 'string') return true
  if (!isObject(value)) return false
  const { '@value': text, '@language': language, '@direction': direction, ...rest } = value
  if (typeof text !== 'string' || Object.keys(rest).length > 0) return false
  if (language !== undefined && !(typeof language === 'string' && languageTag.test(language))) return false
  return direction === undefined || direction === 'ltr' || direction === 'rtl'
}

function refuseIssuer(issuer: Json | undefined): Refusal | undefined {
  if (isUrl(issuer)) return undefined
  if (!isObject(issuer) || !isUrl(issuer['id'])) return no('issuer_malformed')
  return refuseTexts(issuer)
}

function refuseSubjects(subject: Json | undefined): Refusal | undefined {
  const subjects = listOf(subject)
  if (subjects.length === 0) return no('subject_missing')
  for (const each of subjects) {
    if (!isObject(each) || Object.keys(each).length === 0) return no('subject_malformed')
    const refused = refuseId(each)
    if (refused) return refused
  }
  return undefined
}

function refuseDates({ validFrom, validUntil }: JsonObject): Refusal | undefined {
  for (const date of [validFrom, validUntil]) {
    if (date !== undefined && !(typeof date === 'string' && isDate(date))) return no('date_malformed')
  }
  if (validFrom === undefined || validUntil === undefined) return undefined
  return Date.parse(validUntil as string) < Date.parse(validFrom as string) ? no('dates_reversed') : undefined
}

function isDate(text: string): boolean {
  return dateTimeStamp.test(text) && !Number.isNaN(Date.parse(text))
}

function refuseStatuses(status: Json | undefined): Refusal | undefined {
  for (const each of listOf(status)) {
    if (!isObject(each) || !hasType(each)) return no('status_malformed')
    const refused = refuseId(each)
    if (refused) return refused
  }
  return undefined
}

function refuseSchemas(schema: Json | undefined): Refusal | undefined {
  const areWhole = listOf(schema).every((each) => isObject(each) && hasType(each) && isUrl(each['id']))
  return areWhole ? undefined : no('schema_malformed')
}

function refuseServices(credential: JsonObject): Refusal | undefined {
  for (const name of ['refreshService', 'termsOfUse', 'evidence', 'renderMethod', 'confidenceMethod']) {
    for (const each of listOf(credential[name])) {
      if (!isObject(each) || !hasType(each)) return no('service_malformed')
      const refused = refuseId(each)
      if (refused) return refused
    }
  }
  return undefined
}

function refuseResources(resource: Json | undefined): Refusal | undefined {
  const resources = listOf(resource)
  const areWhole = resources.every((each) => isObject(each) && isUrl(each['id']) && hasDigest(each))
  const ids = resources.map((each) => (each as JsonObject)?.['id'])
  return areWhole && new Set(ids).size === ids.length ? undefined : no('resource_malformed')
}

function hasDigest({ digestSRI, digestMultibase, mediaType }: JsonObject): boolean {
  const digests = [digestSRI, digestMultibase].filter((digest) => digest !== undefined)
  const areTexts = digests.every((digest) => typeof digest === 'string' && digest !== '')
  return digests.length > 0 && areTexts && (mediaType === undefined || typeof mediaType === 'string')
}
