/** Who I am here, where else I am signed in, and the personas of a sample city. */
import { refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import { personaAccountId } from './personas.ts'
import { done, object, sessionAnswer, sessionsAnswer } from './shapes.ts'
import type { SignInParts } from './sign-in-desk.ts'

export function sessionEndpoints(parts: SignInParts): readonly DeskEndpoint[] {
  const { sessions, attempts, personas } = parts
  return [
    {
      method: 'GET',
      path: '/session',
      id: 'session',
      summary: 'Who is signed in, and whom a visitor of the sample city can be.',
      who: 'anyone',
      answer: sessionAnswer,
      refusals: [],
      handle: async ({ headers }) => parts.describe(await parts.sessionOf(headers)),
    },
    {
      method: 'DELETE',
      path: '/session',
      id: 'signOut',
      summary: 'Sign out.',
      who: 'anyone',
      answer: sessionAnswer,
      refusals: [],
      handle: (call) => parts.signOut(call),
    },
    {
      method: 'POST',
      path: '/personas/{persona}',
      id: 'bePersona',
      summary: 'Be somebody of the sample city.',
      who: 'anyone',
      body: object({}),
      answer: sessionAnswer,
      refusals: ['too_many_attempts', 'persona_not_found'],
      async handle(call) {
        if (!attempts.take(call.address)) return refuse('too_many_attempts')
        const persona = personas.find(({ name }) => name === call.params['persona'])
        if (persona === undefined) return refuse('persona_not_found')
        return parts.signIn(call, { accountId: personaAccountId(persona.name), persona: persona.name })
      },
    },
    {
      method: 'GET',
      path: '/sessions',
      id: 'listSessions',
      summary: 'Where I am signed in.',
      who: 'signed-in',
      answer: sessionsAnswer,
      refusals: [],
      async handle(call) {
        const current = await parts.sessionOf(call.headers)
        const mine = await sessions.ofAccount(personOf(call).accountId)
        return {
          sessions: mine.map(({ sessionId, device, signedInAtMs, untilMs }) => ({
            ...{ sessionId, device, signedInAtMs, untilMs },
            current: sessionId === current?.sessionId,
          })),
        }
      },
    },
    {
      method: 'DELETE',
      path: '/sessions/{sessionId}',
      id: 'endSession',
      summary: 'End a session of mine.',
      who: 'signed-in',
      answer: done,
      refusals: ['session_not_found'],
      async handle(call) {
        const sessionId = call.params['sessionId'] ?? ''
        const mine = await sessions.ofAccount(personOf(call).accountId)
        if (!mine.some((session) => session.sessionId === sessionId)) return refuse('session_not_found')
        await sessions.end(sessionId)
        return { done: true }
      },
    },
  ]
}
