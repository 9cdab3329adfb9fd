/** What a node's queries say of a group, as far as a trust bundle needs it. Each is signed over by people who can check it. */
import type { GroupClient } from '@chengxin/client'
import type { Ed25519PublicJwk, PublicJwk } from '@chengxin/crypto'
import type { Did, Hash } from '@chengxin/kernel'

export interface ListedMember {
  readonly memberId: string
  readonly status: 'active' | 'suspended' | 'removed'
  readonly organisation: string
  readonly logKey: Ed25519PublicJwk
  readonly cosignerKey: Ed25519PublicJwk
}

export interface ListedType {
  readonly typeId: string
  readonly schemaHash: Hash
  readonly displayHash: Hash
}

/** One period of one issuer's right to one type. */
export interface ListedPeriod {
  readonly issuer: Did
  readonly typeId: string
  readonly domain?: string
  readonly fromMs: number
  readonly untilMs?: number
  readonly endedAtMs?: number
  readonly endedBy?: 'frozen' | 'withdrawn'
  readonly compromisedSinceMs?: number
  readonly successor?: Did
}

export interface ListedStatusList {
  readonly listId: string
  readonly version: number
  readonly hash: Hash
  readonly anchoredAtMs: number
}

export interface ListedCommittee {
  readonly threshold: number
  readonly seats: readonly { readonly did: Did; readonly member: string }[]
}

export interface ListedDid {
  readonly did: Did
  readonly sponsor: string
  readonly keys: readonly {
    readonly keyId: string
    readonly jwk: PublicJwk
    readonly passkey: boolean
    readonly addedAtMs: number
    readonly retiredAtMs?: number
  }[]
}

/** A whole list, page after page. */
export async function readAll<T>(group: GroupClient, path: string, member: string): Promise<readonly T[]> {
  const all: T[] = []
  let before = ''
  for (;;) {
    const page = (await group.get(`${path}?limit=200${before && `&before=${before}`}`)) as {
      readonly [name: string]: unknown
    }
    all.push(...((page[member] ?? []) as readonly T[]))
    if (typeof page['next'] !== 'string') return all
    before = encodeURIComponent(page['next'])
  }
}

export async function readDid(group: GroupClient, did: Did): Promise<ListedDid> {
  return (await group.get(`/dids/${encodeURIComponent(did)}`)) as ListedDid
}
