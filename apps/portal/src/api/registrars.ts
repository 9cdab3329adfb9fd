/** The desk of registrars: who brings identities in besides the bureau, and whom an office brings in by a passport. */
import { queryOptions } from '@tanstack/react-query'
import type { IdentityFacts } from './bureau.ts'
import { getJson, sendJson } from './http.ts'
import type { Texts } from './issuer.ts'

const desk = '/v1/desks/registrars'

export interface Registrars {
  readonly registrars: readonly { readonly did: string; readonly member: string; readonly sinceMs: number }[]
  readonly open: readonly {
    readonly authorisationId: string
    readonly did: string
    readonly kind: 'grant' | 'revoke'
    readonly proposedAtMs: number
    readonly mine: boolean
  }[]
}

export interface NewcomerRow {
  readonly newcomerId: string
  readonly facts: IdentityFacts
  readonly state: 'invited' | 'admitted'
  readonly invitedAtMs: number
  readonly did?: string
}

export interface NewcomerInvitation {
  readonly names: Texts
  readonly family_name: string
  readonly given_name: string
  readonly groupId: string
}

export const registrars = {
  propose: (did: string, kind: 'grant' | 'revoke') =>
    sendJson<{ authorisationId: string }>('POST', `${desk}/authorisations`, { did, kind }),
  decide: (authorisationId: string, agree: boolean) =>
    sendJson<{ state: 'done' | 'with_committee' | 'declined' }>(
      'POST',
      `${desk}/authorisations/${authorisationId}/decision`,
      { agree },
    ),
  invite: (facts: IdentityFacts) => sendJson<{ secret: string }>('POST', `${desk}/newcomers`, { facts }),
  read: (secret: string) => sendJson<NewcomerInvitation>('POST', `${desk}/invitation`, { secret }),
  comeIn: (secret: string, proof: object) => sendJson<{ did: string }>('POST', `${desk}/admission`, { secret, proof }),
}

export const registrarsQuery = queryOptions({
  queryKey: ['desk', 'registrars', 'holders'],
  queryFn: ({ signal }) => getJson<Registrars>(`${desk}/registrars`, signal),
})

export const newcomersQuery = queryOptions({
  queryKey: ['desk', 'registrars', 'newcomers'],
  queryFn: ({ signal }) => getJson<{ newcomers: readonly NewcomerRow[] }>(`${desk}/newcomers`, signal),
})
