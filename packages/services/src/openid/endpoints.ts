/**
 * The addresses of an issuer and of a verifier as a list, for any server to mount: it hands in requests as they came and
 * sends the answers as they are. The page where residents sign in (`authorization`) is the server's own.
 */
import { wellKnownPath } from '@chengxin/holder'
import { answerOf, type OpenidAnswer, type OpenidRequest } from './exchange.ts'
import { pushRequest } from './vci/authorize.ts'
import { requestCredentials, requestDeferred, takeNotification } from './vci/credential.ts'
import type { Issuer } from './vci/issuer.ts'
import { answerAuthorizationServerMetadata, answerIssuerMetadata } from './vci/metadata.ts'
import { answerNonce } from './vci/nonce.ts'
import { fetchOffer } from './vci/offer.ts'
import { exchangeToken } from './vci/token.ts'
import { answerRequestObject } from './vp/request.ts'
import { receiveBrowserResponse, receiveResponse } from './vp/response.ts'
import type { Verifier } from './vp/verifier.ts'

export interface OpenidEndpoint {
  readonly method: 'GET' | 'POST'
  /** From the root of the host; `{id}` is one part of it, handed in beside the request. */
  readonly path: string
  handle(request: OpenidRequest, id: string): Promise<OpenidAnswer>
}

type Handle = OpenidEndpoint['handle']

export function issuerEndpoints(issuer: Issuer): readonly OpenidEndpoint[] {
  const { identifier, endpoints } = issuer
  const post = (url: string, handle: Handle) => endpointOf('POST', new URL(url).pathname, handle)
  const get = (path: string, handle: Handle) => endpointOf('GET', path, handle)
  return [
    get(wellKnownPath('openid-credential-issuer', identifier), async () => answerIssuerMetadata(issuer)),
    get(wellKnownPath('oauth-authorization-server', identifier), async () => answerAuthorizationServerMetadata(issuer)),
    get(`${new URL(endpoints.offers).pathname}/{id}`, async (_, id) => answerOf(await fetchOffer(issuer, id))),
    post(endpoints.pushed, async (request) => answerOf(await pushRequest(issuer, request))),
    post(endpoints.token, async (request) => answerOf(await exchangeToken(issuer, request))),
    post(endpoints.nonce, async () => answerNonce(issuer)),
    post(endpoints.credential, async (request) => answerOf(await requestCredentials(issuer, request))),
    post(endpoints.deferred, async (request) => answerOf(await requestDeferred(issuer, request))),
    post(endpoints.notification, async (request) => answerOf(await takeNotification(issuer, request))),
  ]
}

export function verifierEndpoints(verifier: Verifier): readonly OpenidEndpoint[] {
  const base = new URL(verifier.baseUrl).pathname.replace(/\/$/, '')
  const requestObject: Handle = async (request, id) => answerOf(await answerRequestObject(verifier, id, request))
  return [
    endpointOf('GET', `${base}/requests/{id}`, requestObject),
    endpointOf('POST', `${base}/requests/{id}`, requestObject),
    endpointOf('POST', `${base}/responses`, async (request) => answerOf(await receiveResponse(verifier, request))),
    endpointOf('POST', `${base}/browser-responses`, async (request) =>
      answerOf(await receiveBrowserResponse(verifier, request)),
    ),
  ]
}

function endpointOf(method: OpenidEndpoint['method'], path: string, handle: Handle): OpenidEndpoint {
  return { method, path, handle }
}

/** The endpoint for a method and a path, with the part of the path that `{id}` stands for. */
export function findEndpoint(
  endpoints: readonly OpenidEndpoint[],
  method: string,
  path: string,
): { readonly endpoint: OpenidEndpoint; readonly id: string } | undefined {
  for (const endpoint of endpoints) {
    const [before = '', after] = endpoint.path.split('{id}')
    const id = after === undefined || !path.startsWith(before) ? '' : path.slice(before.length)
    const isHere = after === undefined ? path === before : id !== '' && !id.includes('/')
    if (endpoint.method === method && isHere) return { endpoint, id }
  }
  return undefined
}
