/** What residents do at issuers' desks: claim, and ask how a certificate stands. */
import { isRefusal, type JsonObject, refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../../desk/endpoint.ts'
import type { IssuerDeskOffice } from './office.ts'
import { anyObject, object, text } from './shapes.ts'

export function claimEndpoints(offices: readonly IssuerDeskOffice[]): readonly DeskEndpoint[] {
  const named = (name: string) => offices.find(({ office }) => office.office === name)
  return [
    {
      method: 'GET',
      path: '/claimable',
      id: 'listClaimable',
      summary: 'Offices that give certificates to whoever shows the bureau’s certificate of identity.',
      who: 'anyone',
      answer: anyObject,
      refusals: [],
      async handle() {
        const taking = offices.filter(({ takesClaims }) => takesClaims)
        const shown = taking.map(async ({ office, names, types }) => ({
          office: office.office,
          names,
          types: (await types.all())
            .filter(({ state }) => state === 'published')
            .map(({ typeId, names: called }) => ({ typeId, names: called })),
        }))
        return { offices: await Promise.all(shown) }
      },
    },
    {
      method: 'POST',
      path: '/claims',
      id: 'claim',
      summary: 'Asks for the certificate of identity; the link is for the resident’s wallet.',
      who: 'resident',
      body: object({ office: text(60) }),
      answer: anyObject,
      refusals: [
        'office_not_an_issuer',
        'claims_not_taken',
        'verifier_not_registered',
        'trust_bundle_missing',
        'too_busy',
      ],
      async handle(call) {
        const found = named((call.body as { readonly office: string }).office)
        return found ? found.claims.start(personOf(call)) : refuse('office_not_an_issuer')
      },
    },
    {
      method: 'GET',
      path: '/claims',
      id: 'listClaims',
      summary: 'What the resident claimed, and what is there to fetch.',
      who: 'resident',
      answer: anyObject,
      refusals: [],
      async handle(call) {
        const found: JsonObject[] = []
        for (const { claims } of offices) found.push(...(await claims.mine(personOf(call))))
        return { claims: found }
      },
    },
    {
      method: 'GET',
      path: '/claims/{claimId}',
      id: 'getClaim',
      summary: 'A claim: what it led to, with an offer for each certificate that is not fetched yet.',
      who: 'resident',
      answer: anyObject,
      refusals: ['claim_not_found'],
      async handle(call) {
        for (const { claims } of offices) {
          const found = await claims.look(call.params['claimId'] ?? '', personOf(call))
          if (!isRefusal(found)) return found
        }
        return refuse('claim_not_found')
      },
    },
    {
      method: 'POST',
      path: '/notices',
      id: 'askStatus',
      summary: 'How a certificate stands, why, and where to object; asked with a signature by the certificate’s key.',
      who: 'anyone',
      body: object({ office: text(60), jwt: text(8000) }),
      answer: anyObject,
      refusals: [
        'office_not_an_issuer',
        'holder_proof_malformed',
        'holder_proof_elsewhere',
        'holder_proof_old',
        'issued_certificate_not_found',
      ],
      async handle({ body }) {
        const { office, jwt } = body as { readonly office: string; readonly jwt: string }
        const found = named(office)
        return found ? found.office.heard(jwt) : refuse('office_not_an_issuer')
      },
    },
  ]
}
