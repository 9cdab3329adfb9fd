/** The verifier's desk: what may be asked, asking, answers as they come, files and signed reports. */
import type { Report } from '@chengxin/audit'
import { queryOptions } from '@tanstack/react-query'
import type { Language } from '../i18n/languages.ts'
import { ApiProblem, getJson, getText, sendJson } from './http.ts'

const desk = '/v1/desks/verifier'

export type Texts = { readonly [language in Language]: string }

export interface Purpose {
  readonly purposeId: string
  readonly texts: Texts
  readonly ground: { readonly kind: 'consent' } | { readonly kind: 'law'; readonly reference: string }
  readonly keepDays: number
  readonly types: readonly { readonly typeId: string; readonly fields: readonly string[] }[]
}

export interface Registration {
  readonly verifier: string
  readonly domain: string
  readonly names: Texts
  readonly purposes: readonly Purpose[]
}

export interface RegistrationAnswer {
  readonly registration: Registration
  readonly registrationHash: string
  /** As the ledger has it now; null where it has none. */
  readonly listed: {
    readonly version: number
    readonly registrationHash: string
    readonly fromMs: number
    readonly untilMs?: number
    readonly endedAtMs?: number
  } | null
  readonly types: readonly { readonly typeId: string; readonly display: unknown }[]
}

export interface AskedRequest {
  readonly requestId: string
  readonly askedAtMs: number
  readonly untilMs: number
  readonly keepUntilMs: number
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
  readonly optional?: readonly string[]
  readonly device: 'other' | 'browser'
  readonly status: 'open' | 'accepted' | 'refused' | 'expired'
  readonly link?: string
  readonly answeredAtMs?: number
  /** The holder took the consent back; what was shown is gone. */
  readonly withdrawnAtMs?: number
  readonly verdict?: string
  readonly code?: string
  readonly shown?: { readonly report: Report }
  readonly reports?: readonly Report[]
}

export interface OpenedRequest extends AskedRequest {
  /** For `navigator.credentials.get`, where the answer is to come through this browser. */
  readonly digital?: { readonly requests: readonly { readonly protocol: string; readonly data: unknown }[] }
  readonly ticket?: string
}

export interface Wish {
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
  /** Those of the fields that the holder may leave out; five at most. */
  readonly optional?: readonly string[]
  readonly device: 'other' | 'browser'
}

export interface CheckedFile {
  readonly name: string
  readonly report: Report
}

export interface NamedFile {
  readonly name: string
  readonly text: string
}

export const registrationQuery = queryOptions({
  queryKey: ['desk', 'verifier', 'registration'],
  queryFn: ({ signal }) => getJson<RegistrationAnswer>(`${desk}/registration`, signal),
})

export const requestsQuery = queryOptions({
  queryKey: ['desk', 'verifier', 'requests'],
  queryFn: async ({ signal }) =>
    (await getJson<{ requests: readonly AskedRequest[] }>(`${desk}/requests`, signal)).requests,
})

/** Asked again every second while nobody has answered: whoever asks is looking at it. */
export const requestQuery = (requestId: string) =>
  queryOptions({
    queryKey: ['desk', 'verifier', 'request', requestId],
    queryFn: ({ signal }) => getJson<AskedRequest>(`${desk}/requests/${requestId}`, signal),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'open' ? 1_000 : false),
    staleTime: 0,
  })

export const verifierDesk = {
  open: (wish: Wish) => sendJson<OpenedRequest>('POST', `${desk}/requests`, wish),
  erase: (requestId: string) => sendJson<unknown>('DELETE', `${desk}/requests/${requestId}`),
  report: (requestId: string) => getText(`${desk}/requests/${requestId}/report`),
  checkFiles: async (files: readonly NamedFile[]) =>
    (await sendJson<{ results: readonly CheckedFile[] }>('POST', `${desk}/files`, { files })).results,
  reportFiles: (files: readonly NamedFile[]) => sendForText(`${desk}/files/report`, { files }),
  answerThroughBrowser: (office: string, body: object) =>
    sendJson<unknown>('POST', `/v1/verifiers/${office}/browser-responses`, body),
} as const

async function sendForText(path: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body), headers })
  if (response.ok) return response.text()
  const { code = `http_${response.status}` } = (await response.json().catch(() => ({}))) as { readonly code?: string }
  throw new ApiProblem(response.status, code, code)
}
