/** The issuer's desk: types, registers, certificates, what two officers decide, and what residents claim. */
import type { Signer } from '@chengxin/client'
import { queryOptions } from '@tanstack/react-query'
import type { Language } from '../i18n/languages.ts'
import { getJson, sendBytes, sendJson } from './http.ts'
import { sendWithWord } from './officers-word.ts'

const desk = '/v1/desks/issuer'

export type Texts = { readonly [language in Language]: string }
export type StatusWord = 'valid' | 'suspended' | 'revoked' | 'superseded'

export const fieldKinds = ['text', 'date', 'decimal', 'choice', 'code'] as const

export interface Field {
  readonly name: string
  readonly labels: Texts
  readonly kind: (typeof fieldKinds)[number]
  readonly isRequired: boolean
  readonly isUnique?: boolean
  readonly choices?: readonly string[]
  readonly most?: string
  readonly meaning?: 'name' | 'birth_date'
}

export interface TypeDraft {
  readonly typeId: string
  readonly names: Texts
  readonly fields: readonly Field[]
  readonly linkage: 'identified' | 'unlinkable'
  /** The printed form, by language: lines in which `{field}` stands for a value. */
  readonly template?: { readonly [language in Language]: readonly string[] }
  /** From the day of issue; without an end if absent. */
  readonly validForDays?: number
}

export interface OfficeType extends TypeDraft {
  readonly state: 'draft' | 'awaiting' | 'published'
  readonly schemaHash: string
  readonly displayHash: string
  readonly entitlements: { readonly open: number; readonly claimed: number }
  readonly certificates: { readonly [word in StatusWord]: number }
  readonly waiting: number
}

export interface Office {
  readonly office: string
  readonly names: Texts
  readonly did: string
  readonly identifier: string
  /** Residents under one root of an unlinkable type. */
  readonly smallestRoot: number
  readonly aloneUpTo: number
  readonly openActs: number
  readonly types: readonly OfficeType[]
}

export interface TakenRegister {
  readonly importId: string
  readonly typeId: string
  readonly columns: readonly string[]
  readonly rowCount: number
  readonly firstRows: readonly { readonly line: number; readonly cells: readonly string[] }[]
}

export interface Mapping {
  readonly columns: { readonly [field: string]: string }
  readonly documentNumber?: string
  readonly documentType?: { readonly column: string } | { readonly always: string }
}

export interface Wish {
  readonly mapping: Mapping
  readonly leftOut: readonly number[]
}

export interface Fault {
  readonly code: string
  readonly line: number
  readonly column?: string
  readonly firstLine?: number
}

export interface Trial {
  readonly rows: number
  readonly good: number
  readonly leftOut: number
  readonly faultCount: number
  readonly faults: readonly Fault[]
}

export interface Job {
  readonly jobId: string
  readonly typeId: string
  readonly done: number
  readonly of: number
  readonly state: 'running' | 'done'
}

export interface Certificate {
  readonly reference: string
  readonly typeId: string
  readonly issuedOnMs: number
  readonly residentsInRoot: number
  readonly places: number
  readonly status: StatusWord
  readonly reasonCode?: string
  readonly sinceMs?: number
  readonly isCorrected?: boolean
  readonly replacedBy?: string
  readonly claims?: { readonly [field: string]: string }
}

export interface OpenAct {
  readonly actId: string
  readonly word: StatusWord
  readonly reasonCode: string
  readonly count: number
  readonly proposedAtMs: number
  readonly isOwn: boolean
}

export interface OpenDoubt {
  readonly doubtId: string
  readonly doubt: {
    readonly typeId: string
    readonly differs: readonly ('name' | 'birth_date')[]
    readonly raisedAtMs: number
    readonly identity: { readonly familyName: string; readonly givenName: string; readonly birthDate: string }
  }
  readonly entitlement: { readonly claims: { readonly [field: string]: string } }
}

export interface Claim {
  readonly claimId: string
  readonly office: string
  readonly state: 'asked' | 'matched' | 'refused'
  readonly refusedWith?: string
  readonly certificates: readonly {
    readonly typeId: string
    readonly state: 'offered' | 'issued' | 'withdrawn'
    readonly uri?: string
  }[]
  readonly withClerk: number
  readonly refusedByClerk: number
}

export interface ClaimableOffice {
  readonly office: string
  readonly names: Texts
  readonly types: readonly { readonly typeId: string; readonly names: Texts }[]
}

const key = (...parts: readonly string[]) => ['desk', 'issuer', ...parts]

export const officeQuery = queryOptions({
  queryKey: key('office'),
  queryFn: ({ signal }) => getJson<Office>(`${desk}/office`, signal),
})

export const certificatesQuery = (typeId: string, status: StatusWord) =>
  queryOptions({
    queryKey: key('certificates', typeId, status),
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ typeId, status }).toString()
      return (await getJson<{ certificates: readonly Certificate[] }>(`${desk}/certificates?${query}`, signal))
        .certificates
    },
  })

export const actsQuery = queryOptions({
  queryKey: key('acts'),
  queryFn: ({ signal }) => getJson<{ aloneUpTo: number; acts: readonly OpenAct[] }>(`${desk}/acts`, signal),
})

export const doubtsQuery = queryOptions({
  queryKey: key('doubts'),
  queryFn: async ({ signal }) => (await getJson<{ doubts: readonly OpenDoubt[] }>(`${desk}/doubts`, signal)).doubts,
})

/** Asked again while it runs: somebody looks at it. */
export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: key('job', jobId),
    queryFn: ({ signal }) => getJson<Job>(`${desk}/jobs/${jobId}`, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'done' ? false : 500),
  })

export const claimableQuery = queryOptions({
  queryKey: key('claimable'),
  queryFn: async ({ signal }) =>
    (await getJson<{ offices: readonly ClaimableOffice[] }>(`${desk}/claimable`, signal)).offices,
})

export const claimsQuery = queryOptions({
  queryKey: key('claims'),
  queryFn: async ({ signal }) => (await getJson<{ claims: readonly Claim[] }>(`${desk}/claims`, signal)).claims,
})

export const claimQuery = (claimId: string) =>
  queryOptions({
    queryKey: key('claim', claimId),
    queryFn: ({ signal }) => getJson<Claim>(`${desk}/claims/${claimId}`, signal),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'asked' ? 1_000 : false),
  })

/** Another wallet that has sent the resident's browser here. */
export interface Authorization {
  readonly clientId: string
  readonly configurationIds: readonly string[]
  readonly office: string
  readonly names: Texts
}

export const authorizationQuery = (id: string) =>
  queryOptions({
    queryKey: key('authorization', id),
    queryFn: ({ signal }) => getJson<Authorization>(`${desk}/authorizations/${encodeURIComponent(id)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

export const issuerDesk = {
  answerAuthorization: (id: string, agree: boolean) =>
    sendJson<{ location: string }>('POST', `${desk}/authorizations/${encodeURIComponent(id)}`, { agree }),
  take: (typeId: string, file: Blob, encoding?: string) => {
    const query = new URLSearchParams({ typeId, ...(encoding === undefined ? {} : { encoding }) }).toString()
    return sendBytes<TakenRegister>('POST', `${desk}/imports?${query}`, new Blob([file], { type: 'text/csv' }))
  },
  tryOut: (importId: string, wish: Wish) => sendJson<Trial>('POST', `${desk}/imports/${importId}/trial`, wish),
  make: (importId: string, wish: Wish) =>
    sendJson<{ jobId: string }>('POST', `${desk}/imports/${importId}/entitlements`, wish),
  draft: (draft: TypeDraft) => sendJson<OfficeType>('POST', `${desk}/types`, draft),
  publish: (typeId: string) => sendJson<OfficeType>('POST', `${desk}/types/${typeId}/publication`),
  discard: (typeId: string) => sendJson<unknown>('DELETE', `${desk}/types/${typeId}`),
  setStatus: (references: readonly string[], word: StatusWord, reasonCode: string) =>
    sendJson<{ changed?: number }>('POST', `${desk}/certificates/status`, {
      references,
      word,
      reasonCode,
    }),
  /** More than one officer may change alone: proposed, with the officer's key over exactly these. */
  proposeStatus: (references: readonly string[], word: StatusWord, reasonCode: string, signer: Signer) =>
    sendWithWord<{ actId: string }>(
      `${desk}/certificates/status`,
      { references, word, reasonCode },
      signer,
      'officersWord',
    ),
  correct: (reference: string, claims: { readonly [field: string]: string }) =>
    sendJson<{ uri: string }>('POST', `${desk}/certificates/${reference}/correction`, { claims }),
  decideAct: (actId: string, approve: boolean, signer: Signer) =>
    sendWithWord<unknown>(`${desk}/acts/${actId}/decision`, { approve }, signer),
  decideDoubt: (doubtId: string, grant: boolean) =>
    sendJson<unknown>('POST', `${desk}/doubts/${doubtId}/decision`, { grant }),
  claim: (office: string) => sendJson<{ claimId: string; link: string }>('POST', `${desk}/claims`, { office }),
} as const
