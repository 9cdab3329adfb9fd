/**
 * WeIdentity's interface on the sample city's node, with two service accounts whose tokens everybody knows: one that says who
 * issues, one that issues. Elsewhere nobody has said yet whose keys a node should hold, and the address does not exist.
 */
import type { Answer, Call, Endpoint } from '@chengxin/api'
import { jsonAnswer } from '@chengxin/api'
import { sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { keptInVault } from '@chengxin/services'
import { Book, invokeWeid, serviceKeysInVault, type WeidBook, type WeidService } from '@chengxin/services/weid-api'
import type { DesksOptions } from './desks.ts'

const sampleTokens = {
  'sample-authority': { name: 'authority', isAuthority: true },
  'sample-service': { name: 'service' },
} as const
/** As long as a credential with its salts may be. */
const bodyLimit = 64 * 1024

export function weidEndpoints(options: DesksOptions): readonly Endpoint[] {
  return options.isSampleCity ? [invokeEndpoint(sampleService(options))] : []
}

function sampleService({ group, vault, chainId }: DesksOptions): WeidService {
  const signerOf = (name: 'issuer-authority' | 'registrar') => {
    const { privateJwk, did } = sampleActor(name)
    return nativeSigner(privateJwk, { did })
  }
  const authority = signerOf('issuer-authority')
  return {
    group,
    book: new Book(keptInVault<WeidBook>(vault.collection('weid-book'), 'book')),
    keys: serviceKeysInVault({ vault, chainId, held: [{ signer: authority, account: 'authority' }] }),
    accountOf: (token) => (isSampleToken(token) ? sampleTokens[token] : undefined),
    registrar: signerOf('registrar'),
    authority,
    nowMs: Date.now,
  }
}

function isSampleToken(token: string): token is keyof typeof sampleTokens {
  return Object.hasOwn(sampleTokens, token)
}

function invokeEndpoint(service: WeidService): Endpoint {
  return {
    method: 'POST',
    path: '/weid/api/invoke',
    id: 'weid_invoke',
    tag: 'WeIdentity',
    summary: 'A function by the name that WeIdentity gives it.',
    about: 'Functions that write need `Authorization: Bearer` with the token of a service account.',
    access: 'open',
    body: { limit: bodyLimit, raw: true, content: { 'application/json': {} } },
    answers: { 200: { about: 'Zero as `errorCode`, or what stood in the way.', content: { 'application/json': {} } } },
    refusals: [],
    answer: (call) => answerOf(service, call),
  }
}

async function answerOf(service: WeidService, { body, headers }: Call): Promise<Answer> {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : ''
  const token = /^Bearer ([A-Za-z0-9._-]+)$/.exec(headers['authorization'] ?? '')?.[1]
  return jsonAnswer(await invokeWeid(service, text, token))
}
