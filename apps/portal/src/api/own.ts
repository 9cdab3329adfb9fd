/** The resident's own vault at the user agent's desk: sealed text goes in and out, and nothing that could open it. */
import type { OpenidAnswer, OpenidRequest, OwnIndexEntry, SealedVault } from '@chengxin/holder'
import { queryOptions } from '@tanstack/react-query'
import { getJson, sendJson } from './http.ts'

const desk = '/v1/desks/agent'

export interface KeptVault extends SealedVault {
  readonly begunAtMs: number
  readonly changedAtMs: number
  /** Set once a recovery has shown that the passkeys that open it are gone. */
  readonly lostAtMs?: number
}

export interface OwnVaultAnswer {
  /** Whose vault it is: bound into what is sealed. */
  readonly account: string
  readonly vault?: KeptVault
}

export const ownVaultQuery = queryOptions({
  queryKey: ['desk', 'own-vault'],
  queryFn: ({ signal }) => getJson<OwnVaultAnswer>(`${desk}/own-vault`, signal),
})

interface NextVersion extends Pick<SealedVault, 'sealed' | 'keys'> {
  /** The version that was opened; 0 for the first. */
  readonly version: number
  readonly index: readonly OwnIndexEntry[]
  readonly anew?: boolean
}

export const own = {
  read: () => getJson<OwnVaultAnswer>(`${desk}/own-vault`),
  keep: (next: NextVersion) => sendJson<{ version: number }>('POST', `${desk}/own-vault`, next),
  erase: () => sendJson<unknown>('DELETE', `${desk}/own-vault`),
  relay: (request: OpenidRequest) => sendJson<OpenidAnswer>('POST', `${desk}/relay`, request),
  offerOfRenewal: (reference: string) => sendJson<{ uri: string }>('POST', `${desk}/renewals/${reference}/offer`),
} as const
