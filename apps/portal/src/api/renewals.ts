/** The queue of certificates to issue anew, at the desk of whoever issued them. */
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'

export type RenewingDesk = 'bureau' | 'issuer'

export interface QueuedRenewal {
  readonly reference: string
  readonly typeId: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly askedAtMs: number
  /** The holder's user agent is another node's: the certificate is suspended until a clerk decides. */
  readonly isElsewhere?: boolean
}

interface Queue {
  readonly renewals: readonly QueuedRenewal[]
  readonly count: number
}

export const renewalsQuery = (desk: RenewingDesk) =>
  queryOptions({
    queryKey: ['desk', desk, 'renewals'],
    queryFn: ({ signal }) => getJson<Queue>(`/v1/desks/${desk}/renewals`, signal),
  })

export const renewalDesk = {
  decide: (desk: RenewingDesk, reference: string, agree: boolean) =>
    sendJson<unknown>('POST', `/v1/desks/${desk}/renewals/${reference}/decision`, { agree }),
} as const
