/** The desk of succession: what a dissolved office passes to whom, and what came to an office from others. */
import type { Signer } from '@chengxin/client'
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'
import type { Certificate, StatusWord, Texts } from './issuer.ts'
import { sendWithWord } from './officers-word.ts'

const desk = '/v1/desks/succession'

export interface PassingType {
  readonly typeId: string
  readonly names: Texts
  readonly state: 'here' | 'proposed' | 'passed'
  /** In force: valid or suspended. */
  readonly certificates: number
  /** Not claimed yet. */
  readonly entitlements: number
  /** Words of the offices that it can pass to. */
  readonly successors: readonly string[]
}

export interface Proposal {
  readonly successionId: string
  readonly typeId: string
  readonly to: string
  readonly state: 'open' | 'agreed'
  readonly proposedAtMs: number
  readonly mine: boolean
}

export interface PassedType {
  readonly typeId: string
  readonly from: string
  readonly to: string
  readonly decidedAtMs: number
  readonly entitlements?: number
  readonly certificates?: number
  /** Whether this successor continues the status lists. */
  readonly listsPassed: boolean
}

export interface InheritedType extends PassedType {
  readonly names: Texts
}

export interface SuccessionOverview {
  readonly types: readonly PassingType[]
  readonly statusLists: number
  readonly offices: readonly { readonly office: string; readonly names: Texts; readonly did: string }[]
  readonly proposals: readonly Proposal[]
  readonly passed: readonly PassedType[]
  readonly inherited: readonly InheritedType[]
}

const key = (...parts: readonly string[]) => ['desk', 'succession', ...parts] as const

export const successionQuery = queryOptions({
  queryKey: key('overview'),
  queryFn: ({ signal }) => getJson<SuccessionOverview>(`${desk}/overview`, signal),
  refetchInterval: 10_000,
})

export const inheritedQuery = (office: string, typeId: string, status: StatusWord) =>
  queryOptions({
    queryKey: key('inherited', office, typeId, status),
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ office, typeId, status }).toString()
      return (await getJson<{ certificates: readonly Certificate[] }>(`${desk}/inherited?${query}`, signal))
        .certificates
    },
  })

export const successionDesk = {
  /** Both want the officer's key over exactly what is sent. */
  propose: (typeId: string, successor: string, signer: Signer) =>
    sendWithWord<{ successionId: string }>(`${desk}/proposals`, { typeId, successor }, signer),
  decide: (successionId: string, agree: boolean, signer: Signer) =>
    sendWithWord<{ state: string }>(`${desk}/proposals/${successionId}/decision`, { agree }, signer),
  setStatus: (wish: {
    readonly office: string
    readonly typeId: string
    readonly references: readonly string[]
    readonly word: StatusWord
    readonly reasonCode: string
  }) => sendJson<{ changed: number }>('POST', `${desk}/inherited/status`, wish),
} as const
