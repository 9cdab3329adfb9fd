/** The user agent's desk: what the resident holds, offers, requests, consents and printed forms. */
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'

const desk = '/v1/desks/agent'

/** Language → words. */
export type Texts = Readonly<Record<string, string>>

export interface Standing {
  readonly word: string
  readonly verdict: 'valid' | 'not_valid' | 'undecided'
}

export interface HeldCertificate {
  readonly certificateId: string
  readonly vct: string
  readonly typeId?: string
  readonly display?: unknown
  readonly issuer: { readonly url: string; readonly host: string; readonly name?: string; readonly did?: string }
  readonly fields: readonly { readonly name: string; readonly value: unknown }[]
  readonly receivedAtMs: number
  readonly iatMs?: number
  readonly expMs?: number
  readonly copies: number
  readonly copiesUnseen: number
  readonly standing: Standing
}

export interface Notice {
  readonly noticeId: string
  readonly atMs: number
  readonly certificateId: string
  readonly display?: unknown
  readonly issuer: string
  readonly word: string
  readonly reason?: string
  readonly appeal?: string
  readonly readAtMs?: number
}

export interface WalletAnswer {
  readonly agent: string
  readonly did?: string
  /** The code that stands against the agent's acting; absent where it may act. */
  readonly shut?: string
  readonly delegation?: { readonly delegationId: string; readonly untilMs: number; readonly scope: readonly string[] }
  readonly keys?: readonly { readonly keyId: string; readonly passkey: boolean }[]
  readonly isProtected?: boolean
  readonly guardians?: readonly string[]
  readonly threshold?: number
  readonly recovery?: {
    readonly requestedAtMs: number
    readonly completableAtMs?: number
    readonly lapsesAtMs: number
    readonly atCounter?: boolean
  }
  /** Whether the bureau's counter helps after a loss; absent before a bureau has confirmed the resident. */
  readonly counter?: { readonly standing: 'open' | 'closed'; readonly delayMs: number }
  readonly certificates: readonly HeldCertificate[]
  readonly waiting: number
  readonly notices: readonly Notice[]
  readonly renewals: readonly Renewal[]
  readonly hasOwnVault: boolean
}

/** A certificate whose keys were lost, on its way to be issued anew. */
export interface Renewal {
  readonly reference: string
  readonly vct: string
  readonly typeId: string
  readonly display?: unknown
  readonly issuer: { readonly url: string; readonly host: string }
  readonly state: 'queued' | 'granted' | 'refused'
  readonly askedAtMs: number
}

/** What waits for the resident's key: the statement is signed as it stands. */
export interface OpenAct {
  readonly actId: string
  readonly untilMs: number
  readonly statement: string
}

export interface Assertion {
  readonly keyId: string
  readonly signature: string
}

export interface OpenedOffer extends OpenAct {
  readonly issuer: { readonly url: string; readonly host: string; readonly names: Texts }
  readonly types: readonly { readonly configurationId: string; readonly vct: string; readonly display?: unknown }[]
  readonly needsTxCode: boolean
}

export interface Asker {
  readonly names: Texts
  readonly domain: string
  readonly purpose: Texts
  readonly purposeId: string
  readonly ground: { readonly kind: 'consent' } | { readonly kind: 'law'; readonly reference: string }
  readonly keptUntilMs: number
}

export interface AskedField {
  readonly name: string
  readonly value: unknown
  readonly needed: boolean
}

export interface OpenedRequest {
  readonly actId: string
  readonly untilMs: number
  readonly asker: Asker
  readonly parts: readonly {
    readonly queryId: string
    readonly vcts: readonly string[]
    readonly required: boolean
    readonly candidates: readonly {
      readonly certificateId: string
      readonly vct: string
      readonly fields: readonly AskedField[]
    }[]
  }[]
  readonly displays: Readonly<Record<string, unknown>>
  readonly answerable: boolean
}

export interface Choice {
  readonly queryId: string
  readonly certificateId: string
  readonly fields: readonly string[]
}

export interface Consent {
  readonly consentId: string
  readonly verifier: { readonly names: Texts; readonly domain: string }
  readonly purpose: Texts
  readonly items: readonly {
    readonly certificateId: string
    readonly vct: string
    readonly fields: readonly string[]
  }[]
  readonly givenAtMs: number
  readonly untilMs: number
  readonly state: 'given' | 'not_accepted' | 'withdrawn'
  readonly withdrawnAtMs?: number
}

export interface Use {
  readonly useId: string
  readonly atMs: number
  readonly kind: string
  readonly certificateId?: string
  readonly vct?: string
  readonly party?: string
  readonly fields?: readonly string[]
}

export interface PrintedForm {
  readonly printId: string
  readonly certificateId: string
  readonly vct: string
  readonly fields: readonly string[]
  readonly recipient?: string
  readonly untilMs: number
  readonly printedAtMs: number
  readonly text: string
  readonly cancelledAtMs?: number
  readonly standing?: Standing
}

export const walletQuery = queryOptions({
  queryKey: ['desk', 'wallet'],
  queryFn: ({ signal }) => getJson<WalletAnswer>(`${desk}/wallet`, signal),
  refetchInterval: 15_000,
})

export const consentsQuery = queryOptions({
  queryKey: ['desk', 'consents'],
  queryFn: async ({ signal }) => (await getJson<{ consents: readonly Consent[] }>(`${desk}/consents`, signal)).consents,
})

export const usesQuery = queryOptions({
  queryKey: ['desk', 'uses'],
  queryFn: async ({ signal }) => (await getJson<{ uses: readonly Use[] }>(`${desk}/uses`, signal)).uses,
})

export const printsQuery = queryOptions({
  queryKey: ['desk', 'prints'],
  queryFn: async ({ signal }) => (await getJson<{ prints: readonly PrintedForm[] }>(`${desk}/prints`, signal)).prints,
})

export const agent = {
  openOffer: (link: string) => sendJson<OpenedOffer>('POST', `${desk}/offers`, { link }),
  acceptOffer: (body: { actId: string; assertion: Assertion; txCode?: string }) =>
    sendJson<{ certificateIds: readonly string[]; waiting: number }>('POST', `${desk}/offers/acceptance`, body),
  openRequest: (link: string) => sendJson<OpenedRequest>('POST', `${desk}/requests`, { link }),
  choose: (body: { actId: string; choices: readonly Choice[] }) =>
    sendJson<OpenAct>('POST', `${desk}/requests/choice`, body),
  agree: (body: { actId: string; assertion: Assertion }) =>
    sendJson<{ consentId: string; redirectUri?: string }>('POST', `${desk}/requests/agreement`, body),
  decline: (actId: string) => sendJson<unknown>('POST', `${desk}/requests/refusal`, { actId }),
  withdraw: (consentId: string) => sendJson<Consent>('POST', `${desk}/consents/${consentId}/withdrawal`),
  exportConsents: () => getJson<unknown>(`${desk}/consents/export`),
  readNotice: (noticeId: string) => sendJson<unknown>('POST', `${desk}/notices/${noticeId}/read`),
  preparePrint: (body: { certificateId: string; fields: readonly string[]; recipient?: string; untilMs: number }) =>
    sendJson<OpenAct>('POST', `${desk}/prints`, body),
  completePrint: (body: { actId: string; assertion: Assertion }) =>
    sendJson<{ printId: string; text: string }>('POST', `${desk}/prints/completion`, body),
  cancelPrint: (printId: string) => sendJson<unknown>('POST', `${desk}/prints/${printId}/cancellation`),
  certificateFile: (certificateId: string) =>
    getJson<{ copies: readonly string[] }>(`${desk}/certificates/${certificateId}/file`),
  remove: (certificateId: string) => sendJson<unknown>('DELETE', `${desk}/certificates/${certificateId}`),
} as const
