/** Holds answers to what /openapi.json says of them: path, status, media type, and the body by its JSON Schema. */
import { Ajv2020 } from 'ajv/dist/2020.js'

interface MediaType {
  readonly schema: object
}
interface Operation {
  readonly responses: { readonly [status: string]: { readonly content?: { readonly [mediaType: string]: MediaType } } }
}
export interface OpenApiDocument {
  readonly openapi: string
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: { readonly schemas: { readonly [name: string]: object } }
  readonly [member: string]: unknown
}

export interface CheckedAnswer {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string | number | string[] | undefined }
  readonly body: string
}

/** Throws where a schema of the document does not compile, or a reference leads nowhere. */
export function expectSoundSchemas(document: OpenApiDocument): void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'openapi', components: document.components })
  for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)) {
    if (ajv.getSchema(`openapi#${reference}`) === undefined) throw new Error(`${reference} leads nowhere.`)
  }
  const contents = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
    ),
  )
  for (const { schema } of contents) ajv.compile(withAbsoluteReferences(schema))
  for (const schema of Object.values(document.components.schemas)) ajv.compile(withAbsoluteReferences(schema))
}

/** A check that throws a sentence where an answer departs from the document. */
export function createConformanceCheck(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'openapi', components: document.components })
  const validators = new Map<string, ReturnType<typeof ajv.compile>>()
  // Parameters match one part each, so the longest template decides; the last may take the rest of the path.
  const templates = Object.keys(document.paths).map((path) => ({ path, pattern: patternOf(path) }))

  return (method: string, url: string, { statusCode, headers, body }: CheckedAnswer): void => {
    const path = url.split('?')[0] ?? ''
    const found = templates.filter(({ pattern }) => pattern.test(path)).sort((a, b) => b.path.length - a.path.length)[0]
    const operation = found && document.paths[found.path]?.[method.toLowerCase()]
    if (found === undefined || operation === undefined) {
      if (statusCode === (found === undefined ? 404 : 405)) return
      throw new Error(`${method} ${path} answers ${statusCode} and is not documented.`)
    }
    if (statusCode === 304) return
    const declared = operation.responses[String(statusCode)] ?? operation.responses['default']
    const mediaType = String(headers['content-type'] ?? '').split(';')[0] ?? ''
    const content = declared?.content?.[mediaType]
    const place = `${method} ${found.path} ${statusCode} ${mediaType}`
    if (content === undefined) throw new Error(`${place} is not documented: ${body.slice(0, 300)}`)
    if (!mediaType.includes('json')) return
    const validate = validators.get(place) ?? ajv.compile(withAbsoluteReferences(content.schema))
    validators.set(place, validate)
    if (!validate(JSON.parse(body))) {
      throw new Error(`${place} departs from its schema: ${ajv.errorsText(validate.errors)} in ${body.slice(0, 500)}`)
    }
  }
}

function patternOf(path: string): RegExp {
  const takesRest = /\/(tile|tile\/entries)\/\{path\}$|\{key\}$/.test(path)
  const parts = path.split(/\{[A-Za-z]+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const last = parts.length - 2
  const source = parts.reduce(
    (text, part, index) => text + part + (index > last ? '' : index === last && takesRest ? '.+' : '[^/]+'),
    '',
  )
  return new RegExp(`^${source}$`)
}

function withAbsoluteReferences(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object
}
