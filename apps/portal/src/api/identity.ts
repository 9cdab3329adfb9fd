/** A DID of a group: its sponsor, its keys, whom it lets act for it. Nothing about a person is kept. */
import { queryOptions } from '@tanstack/react-query'
import { getJson } from './http.ts'
import { paths } from './paths.ts'

export interface IdentityKey {
  readonly keyId: string
  readonly jwk: { readonly kty: string; readonly crv: string }
  readonly passkey: boolean
  readonly addedAtMs: number
  readonly retiredAtMs?: number
}

export interface Delegation {
  readonly delegationId: string
  readonly to: string
  readonly scope: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  readonly revokedAtMs?: number
}

export interface Recovery {
  readonly guardians: readonly string[]
  readonly threshold: number
  /** Present while a recovery is under way. */
  readonly requestedAtMs?: number
}

export interface Identity {
  readonly did: string
  readonly status: 'active' | 'deactivated'
  readonly sponsor: string
  readonly createdAtMs: number
  /** The newest confirmation by an identity bureau. */
  readonly confirmedAtMs?: number
  readonly keys: readonly IdentityKey[]
  readonly delegations: readonly Delegation[]
  readonly recovery?: Recovery
}

export const identityQuery = (groupId: string, did: string) =>
  queryOptions({
    queryKey: ['identity', groupId, did],
    queryFn: ({ signal }) => getJson<Identity>(paths.identity(groupId, did), signal),
  })

/** The W3C resolution result: the document with its metadata. */
export const identityDocumentQuery = (did: string) =>
  queryOptions({
    queryKey: ['identity-document', did],
    queryFn: ({ signal }) => getJson<unknown>(paths.identityDocument(did), signal),
  })
