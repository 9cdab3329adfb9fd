/** Public documents that the ledger has anchored, and the group's trust bundle. */
import { isRefusal } from '@chengxin/kernel'
import { type Answer, bytesAnswer, jsonAnswer } from '../answer.ts'
import { type DocumentStore, documentMediaTypes, type StoredDocument } from '../documents.ts'
import { type Call, type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'
import type { NamedDocument } from '../options.ts'
import { bytes, hash, object } from '../schemas.ts'

const anyDocument = Object.fromEntries(
  documentMediaTypes.map((mediaType) => [mediaType, mediaType.includes('json') ? {} : bytes]),
)
const stored = {
  about: 'It is kept, and was before or is now flushed to disk.',
  content: { 'application/json': object({ hash }) },
}
/** A document shows itself and runs nothing, whatever it claims to be. */
const inert = { 'content-security-policy': "default-src 'none'; sandbox" }

export function documentEndpoints(store: DocumentStore, named: readonly NamedDocument[]): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: `${groupPath}/documents/{hash}`,
      id: 'showDocument',
      tag: 'documents',
      summary: 'A public document by its SHA-256.',
      access: 'open',
      crossOrigin: true,
      params: { hash },
      answers: { 200: { about: 'The very bytes.', content: anyDocument } },
      refusals: ['not_found', 'document_damaged'],
      answer: async (call) => {
        const document = await store.get(groupOf(call).ledger.groupId, call.params['hash'] ?? '')
        if (isRefusal(document)) return document
        return document === undefined ? refusedWith('not_found') : documentAnswer(document, 'forever')
      },
    },
    {
      method: 'PUT',
      path: `${groupPath}/documents/{hash}`,
      id: 'storeDocument',
      tag: 'documents',
      summary: 'Store a document whose SHA-256 a transaction of the group has anchored.',
      access: 'open',
      params: { hash },
      body: { limit: store.limitBytes, content: anyDocument, raw: true },
      answers: { 200: stored },
      refusals: ['media_type_not_supported', 'document_hash_differs', 'document_not_anchored', 'document_store_full'],
      answer: (call) => putDocument(call, store),
    },
    {
      method: 'GET',
      path: `${groupPath}/trust-bundle`,
      id: 'showTrustBundle',
      tag: 'documents',
      summary:
        'What a verifier needs to check offline: keys, issuers, status lists and a checkpoint, signed by the committee.',
      access: 'open',
      crossOrigin: true,
      answers: { 200: { about: 'JWS in JSON serialisation.', content: { 'application/json': { type: 'object' } } } },
      refusals: ['not_found'],
      answer: async (call) => {
        const body = await store.trustBundle(groupOf(call).ledger.groupId)
        if (body === undefined) return refusedWith('not_found')
        return { status: 200, mediaType: 'application/json', body, caching: 'ask' }
      },
    },
    {
      method: 'PUT',
      path: `${groupPath}/trust-bundle`,
      id: 'storeTrustBundle',
      tag: 'documents',
      summary: 'Offer a trust bundle; it is kept if the committee signed it and it is newer than the one held.',
      access: 'open',
      body: { limit: 8 * 1024 * 1024, content: { 'application/json': { type: 'object' } }, raw: true },
      answers: { 200: { about: 'It is kept.', content: { 'application/json': object({}) } } },
      refusals: [],
      answer: async (call) => {
        const text = Buffer.from((call.body as Uint8Array | undefined) ?? []).toString('utf8')
        const refusal = await store.putTrustBundle(groupOf(call).ledger.groupId, text)
        return isRefusal(refusal) ? refusal : jsonAnswer({})
      },
    },
    ...named.map((one) => namedEndpoint(store, one)),
  ]
}

function namedEndpoint(store: DocumentStore, { path, summary, mediaType, hashes }: NamedDocument): Endpoint {
  const [, parameter = 'name'] = /:([A-Za-z]+)/.exec(path) ?? []
  return {
    method: 'GET',
    path: `${groupPath}${path.replace(`:${parameter}`, `{${parameter}}`)}`,
    id: `show${path.replaceAll(/[^A-Za-z]+(.)?/g, (_match, letter: string = '') => letter.toUpperCase())}`,
    tag: 'documents',
    summary,
    access: 'open',
    crossOrigin: true,
    params: { [parameter]: { type: 'string', maxLength: 100 } },
    answers: { 200: { about: 'The newest anchored version that this node holds.', content: { [mediaType]: bytes } } },
    refusals: ['not_found', 'document_damaged', 'read_model_unavailable'],
    answer: async (call) => {
      const { ledger, projection } = groupOf(call)
      for (const one of await hashes(projection.sql, call.params[parameter] ?? '')) {
        const document = await store.get(ledger.groupId, one)
        if (isRefusal(document)) return document
        if (document !== undefined) return documentAnswer({ ...document, mediaType }, 'ask')
      }
      return refusedWith('not_found')
    },
  }
}

async function putDocument(call: Call, store: DocumentStore): Promise<Answer | ReturnType<typeof refusedWith>> {
  const { ledger, projection } = groupOf(call)
  const name = call.params['hash'] ?? ''
  const mediaType = (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  // Who has just anchored a hash need not know that lists follow the ledger: a short wait closes the gap.
  await projection.reached(ledger.head().height, AbortSignal.timeout(anchoringWaitMs)).catch(() => {})
  const refusal = await store.put(ledger.groupId, name, {
    mediaType,
    bytes: (call.body as Uint8Array | undefined) ?? new Uint8Array(),
  })
  return isRefusal(refusal) ? refusedWith(refusal.refused) : jsonAnswer({ hash: name })
}

const anchoringWaitMs = 5000

function documentAnswer({ mediaType, bytes: body }: StoredDocument, caching: 'forever' | 'ask'): Answer {
  return bytesAnswer(body, { mediaType, caching, headers: inert })
}
