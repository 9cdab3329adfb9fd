/** DID resolution over HTTP (W3C DID Resolution v0.3, section "Bindings"): the document, or the document with its metadata. */
import { isDid } from '@chengxin/kernel'
import { type Answer, jsonAnswer } from '../answer.ts'
import { type Endpoint, type GroupPlace, refusedWith } from '../endpoint.ts'
import type { IdentityResolver, ResolvedIdentity } from '../options.ts'
import { resolution } from '../schemas.ts'

const resultType = 'application/ld+json;profile="https://w3id.org/did-resolution"'
const documentType = 'application/did+json'
const context = 'https://w3id.org/did-resolution/v1'

export function identifierEndpoints(
  groups: ReadonlyMap<string, GroupPlace>,
  identities: IdentityResolver,
): readonly Endpoint[] {
  /** A DID names its deployment; the first group of it that knows the DID answers. */
  const find = (did: string): ResolvedIdentity | undefined => {
    if (!isDid(did)) return undefined
    for (const { ledger } of groups.values()) {
      if (!did.startsWith(`did:weid:${ledger.genesis.chainId}:`)) continue
      const found = identities.resolve(ledger, did)
      if (found !== undefined) return found
    }
    return undefined
  }
  return [
    {
      method: 'GET',
      path: '/1.0/identifiers/{did}',
      id: 'resolveDid',
      tag: 'identities',
      summary: 'A DID’s document (DID 1.1) with its metadata; with `Accept: application/did+json`, the document alone.',
      access: 'open',
      crossOrigin: true,
      params: { did: { type: 'string', maxLength: 200 } },
      answers: {
        200: {
          about: 'The resolution result, or the document.',
          content: { 'application/ld+json': resolution, [documentType]: { type: 'object' } },
        },
        400: { about: 'Not a DID of this method.', content: { 'application/ld+json': resolution } },
        404: { about: 'No group of this node knows the DID.', content: { 'application/ld+json': resolution } },
        410: { about: 'The DID has been deactivated.', content: { 'application/ld+json': resolution } },
      },
      refusals: ['did_malformed', 'did_deactivated', 'not_found'],
      answer: async (call) => {
        const did = call.params['did'] ?? ''
        const accept = call.headers['accept'] ?? ''
        const wantsDocument = accept.includes(documentType) || accept.includes('application/did')
        const found = find(did)
        if (!isDid(did)) return wantsDocument ? refusedWith('did_malformed') : failed(400, 'INVALID_DID')
        if (found === undefined) return wantsDocument ? refusedWith('not_found') : failed(404, 'NOT_FOUND')
        if (!wantsDocument) return resolved(found)
        if (found.deactivated) return refusedWith('did_deactivated')
        return jsonAnswer(found.document, { mediaType: documentType, caching: 'ask' })
      },
    },
  ]
}

function resolved({ document, deactivated, createdAtMs }: ResolvedIdentity): Answer {
  const result = {
    '@context': context,
    didDocument: document,
    didResolutionMetadata: { contentType: documentType },
    didDocumentMetadata: {
      ...(deactivated ? { deactivated } : {}),
      // DID core section 7.1.3 wants whole seconds in UTC.
      ...(createdAtMs === undefined ? {} : { created: new Date(createdAtMs).toISOString().replace(/\.\d+Z$/, 'Z') }),
    },
  }
  return jsonAnswer(result, { status: deactivated ? 410 : 200, mediaType: resultType, caching: 'ask' })
}

function failed(status: number, code: string): Answer {
  const result = {
    '@context': context,
    didDocument: null,
    didResolutionMetadata: { error: { type: `https://www.w3.org/ns/did#${code}` } },
    didDocumentMetadata: {},
  }
  return jsonAnswer(result, { status, mediaType: resultType })
}
