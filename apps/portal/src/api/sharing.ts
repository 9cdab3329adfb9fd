/** The desk where departments share licences: what offices ask, what residents decide, and every look. */
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'
import type { Purpose, Texts } from './verifier.ts'

const desk = '/v1/desks/sharing'

export interface Source {
  readonly office: string
  readonly names: Texts
  readonly typeId: string
  readonly display: unknown
}

export interface Catalogue {
  readonly office: string
  readonly names: Texts
  readonly purposes: readonly Purpose[]
  readonly sources: readonly Source[]
}

export type ShareState = 'waiting' | 'agreed' | 'lawful' | 'refused' | 'withdrawn' | 'ended'

interface ShareFacts {
  readonly shareId: string
  readonly askedAtMs: number
  readonly decideByMs: number
  readonly untilMs: number
  readonly purposeId: string
  readonly ground: 'consent' | 'law'
  readonly law?: string
  readonly typeId: string
  readonly fields: readonly string[]
  readonly state: ShareState
  readonly statementId?: string
}

export interface OfficeShare extends ShareFacts {
  readonly source: string
  readonly document: { readonly type: string; readonly number: string }
}

/** Names and words as the registrations have them. */
export interface Named {
  readonly consumer: { readonly office: string; readonly names?: Texts; readonly domain?: string }
  readonly source: { readonly office: string; readonly names?: Texts }
  readonly purpose?: Texts
  readonly display?: unknown
}

export interface ResidentShare extends ShareFacts, Named {
  /** What to sign, while it waits. */
  readonly statement?: string
}

export interface Access extends Named {
  readonly accessId: string
  readonly statementId: string
  readonly atMs: number
  readonly purposeId: string
  readonly ground: 'consent' | 'law'
  readonly law?: string
  readonly typeId: string
  readonly fields: readonly string[]
}

export interface ShownLicence extends Access {
  readonly fieldsShown: { readonly [field: string]: unknown }
  readonly metadata: {
    readonly status: string
    readonly elements: readonly { readonly name: string; readonly gbtName: string; readonly value: string }[]
  }
}

export const catalogueQuery = queryOptions({
  queryKey: ['desk', 'sharing', 'catalogue'],
  queryFn: ({ signal }) => getJson<Catalogue>(`${desk}/catalogue`, signal),
})

export const sharesQuery = queryOptions({
  queryKey: ['desk', 'sharing', 'shares'],
  queryFn: async ({ signal }) => (await getJson<{ shares: readonly OfficeShare[] }>(`${desk}/shares`, signal)).shares,
  refetchInterval: 5_000,
})

export const ownSharesQuery = queryOptions({
  queryKey: ['desk', 'sharing', 'own-shares'],
  queryFn: async ({ signal }) =>
    (await getJson<{ shares: readonly ResidentShare[] }>(`${desk}/resident/shares`, signal)).shares,
  refetchInterval: 10_000,
})

export const accessesQuery = (who: 'office' | 'resident') =>
  queryOptions({
    queryKey: ['desk', 'sharing', 'accesses', who],
    queryFn: async ({ signal }) => {
      const path = who === 'office' ? '/accesses' : '/resident/accesses'
      return (await getJson<{ accesses: readonly Access[] }>(`${desk}${path}`, signal)).accesses
    },
    refetchInterval: 10_000,
  })

export interface LicenceWish {
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
  readonly document: { readonly type: string; readonly number: string }
}

const own = (shareId: string) => `${desk}/resident/shares/${shareId}`

export const sharingDesk = {
  ask: (wish: LicenceWish) => sendJson<OfficeShare>('POST', `${desk}/shares`, wish),
  look: (shareId: string) => sendJson<ShownLicence>('POST', `${desk}/shares/${shareId}/licence`),
  agree: (shareId: string, assertion: object) =>
    sendJson<ResidentShare>('POST', `${own(shareId)}/consent`, { assertion }),
  refuse: (shareId: string) => sendJson<ResidentShare>('POST', `${own(shareId)}/refusal`),
  withdraw: (shareId: string) => sendJson<ResidentShare>('POST', `${own(shareId)}/withdrawal`),
  receipt: (statementId: string) => getJson<unknown>(`${desk}/receipts/${statementId}`),
} as const
