/** How the agent's addresses are described: all are for residents, and every answer is an object. */
import { isRefusal, type Json, type JsonObject, type Refusal } from '@chengxin/kernel'
import { type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { Agent } from './agent.ts'
import { type Principal, principalOf, residentOf } from './authorisation.ts'
import { after, answerOf } from './shapes.ts'

export type Answer = Json | Refusal | object | undefined
export type Handle = (call: DeskCall) => Promise<Answer>

export function asPrincipal(agent: Agent, act: (principal: Principal, call: DeskCall) => Promise<Answer>): Handle {
  return async (call) => {
    const principal = await principalOf(agent, personOf(call))
    return isRefusal(principal) ? principal : act(principal, call)
  }
}

/** For what needs no authorisation: saying no. */
export function asResident(agent: Agent, act: (principal: Principal, call: DeskCall) => Promise<Answer>): Handle {
  return async (call) => {
    const resident = await residentOf(agent, personOf(call))
    return isRefusal(resident) ? resident : act(resident, call)
  }
}

type Described = Pick<DeskEndpoint, 'path' | 'id' | 'summary'>

export function get(
  path: string,
  id: string,
  summary: string,
  answer: JsonObject,
  handle: Handle,
  refusals: readonly string[] = [],
) {
  return endpoint('GET', { path, id, summary }, { answer, handle, refusals })
}

export function list(path: string, id: string, summary: string, member: string, handle: Handle): DeskEndpoint {
  return {
    ...endpoint('GET', { path, id, summary }, { answer: answerOf(member, 'next'), handle, refusals: [] }),
    query: after,
  }
}

export function remove(
  path: string,
  id: string,
  summary: string,
  handle: Handle,
  refusals: readonly string[],
): DeskEndpoint {
  return endpoint('DELETE', { path, id, summary }, { answer: answerOf(), handle, refusals })
}

export function post(
  path: string,
  id: string,
  summary: string,
  body: JsonObject | undefined,
  answer: JsonObject,
  handle: Handle,
  refusals: readonly string[],
): DeskEndpoint {
  return { ...endpoint('POST', { path, id, summary }, { answer, handle, refusals }), ...(body && { body }) }
}

function endpoint(
  method: DeskEndpoint['method'],
  described: Described,
  {
    answer,
    handle,
    refusals,
  }: { readonly answer: JsonObject; readonly handle: Handle; readonly refusals: readonly string[] },
): DeskEndpoint {
  return {
    method,
    ...described,
    who: 'resident',
    answer,
    refusals,
    // What has nothing to say answers with an object all the same, so that every answer is read alike.
    handle: async (call) => ((await handle(call)) ?? {}) as Json | Refusal,
  }
}

export function accountOf(call: DeskCall): string {
  return personOf(call).accountId
}
