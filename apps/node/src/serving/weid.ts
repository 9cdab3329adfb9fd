/**
 * WeIdentity's interface, for the service accounts that the operator of this node wrote down; where there is none, the address does
 * not exist. Their keys lie in the vault. What the ledger is told by registrar and authority needs these keys on this node.
 */
import type { Answer, Call, Endpoint } from '@chengxin/api'
import { jsonAnswer } from '@chengxin/api'
import { createAttempts, keptInVault } from '@chengxin/services'
import {
  Book,
  invokeWeid,
  type ServiceAccount,
  serviceKeysInVault,
  type WeidBook,
  type WeidService,
} from '@chengxin/services/weid-api'
import { hashOfToken } from '../offices/accounts.ts'
import type { OpenDesksOptions } from './desks.ts'

/** As long as a credential with its salts may be. */
const bodyLimit = 64 * 1024

export function weidEndpoints(options: OpenDesksOptions): readonly Endpoint[] {
  return options.offices.accounts.length > 0 ? [invokeEndpoint(serviceOf(options))] : []
}

function serviceOf({
  group,
  vault,
  chainId,
  offices: { accounts, registrar, authority },
}: OpenDesksOptions): WeidService {
  const named = new Map(
    accounts.map(({ account, tokenHash, isAuthority = false, mostWeids, callsPerMinute }) => {
      const known: ServiceAccount = { name: account, isAuthority, mostWeids }
      return [tokenHash, { known, calls: createAttempts(callsPerMinute, Date.now) }] as const
    }),
  )
  const byName = new Map([...named.values()].map((each) => [each.known.name, each]))
  const chief = accounts.find(({ isAuthority }) => isAuthority)
  const held = authority && chief ? [{ signer: authority, account: chief.account }] : []
  return {
    group,
    book: new Book(keptInVault<WeidBook>(vault.collection('weid-book'), 'book')),
    keys: serviceKeysInVault({ vault, chainId, held }),
    accountOf: (token) => named.get(hashOfToken(token))?.known,
    admits: ({ name }) => byName.get(name)?.calls.take(name) ?? false,
    ...(registrar && { registrar }),
    ...(authority && { authority }),
    nowMs: Date.now,
  }
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
