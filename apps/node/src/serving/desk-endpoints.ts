/** Desks as addresses of this node's API: who is let in, and how answers are written. */
import { type Answer, type Call, type Endpoint, jsonAnswer, type Refused, refusedWith } from '@chengxin/api'
import { isRefusal, type JsonObject, refuse } from '@chengxin/kernel'
import {
  type Asker,
  type Desk,
  type DeskCall,
  type DeskEndpoint,
  DeskFile,
  type Person,
  VaultFull,
} from '@chengxin/services'

export interface DeskDoor {
  /** Who is signed in, by the request's headers. */
  personOf(headers: Call['headers']): Promise<Person | undefined>
  /** Scheme and host of this node's pages; whatever changes something must come from there or from no page at all. */
  readonly origin: string
}

export function deskEndpoints(desk: Desk, door: DeskDoor): readonly Endpoint[] {
  return desk.endpoints.map((endpoint) => asEndpoint(desk, endpoint, door))
}

function asEndpoint(desk: Desk, endpoint: DeskEndpoint, door: DeskDoor): Endpoint {
  const { method, path, id, summary, who, query, body, bodyMediaType, bodyLimit = 64 * 1024, refusals } = endpoint
  const mediaType = bodyMediaType ?? 'application/json'
  const doorRefusals = [
    ...(who === 'anyone' ? [] : ['sign_in_needed', 'role_needed']),
    ...(method === 'GET' ? [] : ['origin_not_allowed', 'disk_full']),
  ]
  return {
    method,
    path: `/v1/desks/${desk.name}${path}`,
    id: `${desk.name.replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase())}_${id}`,
    tag: `desk: ${desk.name}`,
    summary,
    access: 'open',
    params: Object.fromEntries(
      [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => [name, { type: 'string', maxLength: 200 }]),
    ),
    ...(query === undefined ? {} : { query: query }),
    ...(body === undefined && bodyMediaType === undefined
      ? {}
      : {
          body: {
            limit: bodyLimit,
            content: { [mediaType]: body ?? {} },
            ...(bodyMediaType === undefined ? {} : { raw: true }),
          },
        }),
    answers: { 200: { about: summary, content: { 'application/json': endpoint.answer } } },
    refusals: [...doorRefusals, ...refusals],
    answer: (call) => answerAt(endpoint, call, door),
  }
}

async function answerAt(endpoint: DeskEndpoint, call: Call, door: DeskDoor): Promise<Answer | Refused> {
  if (endpoint.method !== 'GET' && !isOwnPage(call.headers['origin'], door.origin)) {
    return refusedWith('origin_not_allowed')
  }
  const person = await door.personOf(call.headers)
  const shut = shutFor(endpoint.who, person)
  if (shut !== undefined) return refusedWith(shut)
  const deskCall: DeskCall = {
    params: call.params,
    query: call.query,
    body: call.body,
    headers: call.headers,
    address: call.address,
    person,
  }
  const answer = await endpoint.handle(deskCall).catch((error: unknown) => {
    if (error instanceof VaultFull) return refuse('disk_full')
    throw error
  })
  if (isRefusal(answer)) return refusedWith(answer.refused, { members: factsBeside(answer) })
  if (!(answer instanceof DeskFile)) return jsonAnswer(answer)
  return {
    status: 200,
    mediaType: answer.mediaType,
    body: answer.bytes,
    caching: 'never',
    headers: answer.headers,
  }
}

/** A browser names the page's origin with everything that changes something; programs have none to name. */
function isOwnPage(origin: string | undefined, own: string): boolean {
  return origin === undefined || origin === own
}

function shutFor(who: Asker, person: Person | undefined): string | undefined {
  if (who === 'anyone') return undefined
  if (person === undefined) return 'sign_in_needed'
  if (who === 'signed-in' || who === person.kind) return undefined
  return typeof who !== 'string' && who.some((role) => person.roles.includes(role)) ? undefined : 'role_needed'
}

/** What a refusal says beside its code, such as the rows of a file that are faulty. */
function factsBeside(refusal: object): JsonObject {
  const { refused: _code, ...facts } = refusal as { readonly refused: string }
  return facts
}
