/** A wallet of any make has sent the resident's browser here to sign in for a certificate: who asks for what, and the answer. */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../../desk/endpoint.ts'
import type { Language } from '../certificate-type.ts'
import type { IssuingOffice } from '../issuing-office.ts'
import type { ClaimBook } from './claims.ts'
import { anyObject, object } from './shapes.ts'

export interface SigningIn {
  readonly office: IssuingOffice
  readonly names: { readonly [language in Language]: string }
  /** Absent where the office knows residents by their accounts. */
  readonly claims?: Pick<ClaimBook, 'subjectsOf'>
}

export function authorizationEndpoints(offices: readonly SigningIn[]): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/authorizations/{id}',
      id: 'getAuthorization',
      summary: 'Who sent the resident here to sign in, and for which certificates.',
      who: 'resident',
      answer: anyObject,
      refusals: ['request_uri_unknown'],
      async handle({ params }) {
        for (const { office, names } of offices) {
          const found = await office.authorisation(params['id'] ?? '')
          if (!isRefusal(found)) return { ...found, office: office.office, names }
        }
        return refuse('request_uri_unknown')
      },
    },
    {
      method: 'POST',
      path: '/authorizations/{id}',
      id: 'answerAuthorization',
      summary: 'Agrees or refuses; the answer is the address that the browser goes back to.',
      who: 'resident',
      body: object({ agree: { type: 'boolean' } }),
      answer: object({ location: { type: 'string' } }),
      refusals: ['request_uri_unknown', 'type_not_issued', 'nothing_to_issue'],
      async handle(call) {
        const id = call.params['id'] ?? ''
        const { agree } = call.body as { readonly agree: boolean }
        for (const asked of offices) {
          if (isRefusal(await asked.office.authorisation(id))) continue
          return agree ? agreed(asked, id, personOf(call).accountId) : asked.office.authorise(id, 'denied')
        }
        return refuse('request_uri_unknown')
      },
    },
  ]
}

/** What an office has for the resident: under their account, or what they claimed and have not fetched, newest first. */
async function agreed(
  { office, claims }: SigningIn,
  id: string,
  accountId: string,
): Promise<{ readonly location: string } | Refusal> {
  for (const subject of claims === undefined
    ? [accountId]
    : await unfetched(office, await claims.subjectsOf(accountId))) {
    const answered = await office.authorise(id, subject)
    if (!isRefusal(answered) || answered.refused !== 'nothing_to_issue') return answered
  }
  return refuse('nothing_to_issue')
}

/** What was issued once is not issued again beside it: its holder asks for a new copy where the old one is. */
async function unfetched(office: IssuingOffice, subjects: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const subject of subjects) if ((await office.recordsOf(subject)).length === 0) found.unshift(subject)
  return found
}
