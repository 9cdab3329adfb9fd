/** What the agent reads off the ledger: residents' keys and delegations, types, verifiers, and whom the group trusts. */
import { openBundle, type TrustBundle } from '@chengxin/audit'
import type { GroupClient } from '@chengxin/client'
import type { PublicJwk } from '@chengxin/crypto'
import { type Did, fromBase64url, type GroupId, isRefusal, type JsonObject } from '@chengxin/kernel'
import { type Registration, readRegistration } from './registration.ts'

export interface ResidentKey {
  readonly keyId: string
  readonly jwk: PublicJwk
  readonly passkey: boolean
}

export interface Delegation {
  readonly delegationId: string
  readonly to: string
  readonly scope: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
}

/** Of one DID, as it stands now. */
export interface ResidentStanding {
  readonly isActive: boolean
  /** Keys that sign now. */
  readonly keys: readonly ResidentKey[]
  /** Delegations that were not revoked; their time may be over. */
  readonly delegations: readonly Delegation[]
  readonly guardians: readonly string[]
  readonly threshold: number
  readonly recovery?: {
    readonly requestedAtMs: number
    readonly completableAtMs?: number
    readonly lapsesAtMs: number
    /** Asked for at the bureau's counter, and not by a guardian. */
    readonly atCounter?: boolean
  }
  /** Whether the bureau's counter helps after a loss, and how long it waits; absent where no bureau has confirmed the DID. */
  readonly counter?: CounterStanding
}

export interface CounterStanding {
  readonly standing: 'open' | 'closed'
  readonly delayMs: number
}

export interface KnownType {
  readonly typeId: string
  /** Language → `{ name, claims }`. */
  readonly display: JsonObject
}

/** A verifier as the group has registered it. */
export interface KnownVerifier {
  readonly domain: string
  readonly untilMs?: number
  readonly registration: Registration
}

export interface LedgerView {
  standingOf(did: Did): Promise<ResidentStanding | undefined>
  typeOf(vct: string): Promise<KnownType | undefined>
  /** The verifier with this DID, if its registration is in force now. */
  verifierOf(did: string): Promise<KnownVerifier | undefined>
  /** The newest trust bundle; undefined where there is none yet. */
  trust(): Promise<TrustBundle | undefined>
  /** Under which verifiers' certificates must stand (DER). */
  authorities(): Promise<readonly Uint8Array[]>
}

interface DidAnswer {
  readonly status: string
  readonly keys: readonly { keyId: string; jwk: PublicJwk; passkey: boolean; retiredAtMs?: number }[]
  readonly delegations: readonly (Delegation & { readonly revokedAtMs?: number })[]
  readonly recovery?: {
    readonly guardians: readonly string[]
    readonly threshold: number
    readonly requestedAtMs?: number
    readonly completableAtMs?: number
    readonly lapsesAtMs?: number
    readonly atCounter?: boolean
  }
  readonly counter?: CounterStanding
}

const bundleFreshMs = 3_000

export function ledgerView(group: GroupClient, nowMs: () => number): LedgerView {
  const types = new Map<string, KnownType>()
  const registrations = new Map<string, Registration>()
  let held: { readonly atMs: number; readonly bundle: Promise<TrustBundle | undefined> } | undefined
  let anchors: Promise<readonly Uint8Array[]> | undefined

  return {
    standingOf: async (did) => {
      const answer = (await group.find(`/dids/${encodeURIComponent(did)}`)) as DidAnswer | undefined
      return answer && standing(answer)
    },
    async typeOf(vct) {
      const known = types.get(vct) ?? (await findType(group, vct))
      if (known) types.set(vct, known)
      return known
    },
    verifierOf: (did) => findVerifier(group, registrations, did, nowMs()),
    trust() {
      if (held === undefined || nowMs() - held.atMs > bundleFreshMs) {
        held = { atMs: nowMs(), bundle: fetchBundle(group) }
      }
      return held.bundle
    },
    authorities() {
      anchors ??= fetchAuthorities(group)
      return anchors
    },
  }
}

function standing({ status, keys, delegations, recovery, counter }: DidAnswer): ResidentStanding {
  const { requestedAtMs, completableAtMs, lapsesAtMs, atCounter = false } = recovery ?? {}
  const request = requestedAtMs !== undefined && {
    requestedAtMs,
    lapsesAtMs: lapsesAtMs ?? Number.MAX_SAFE_INTEGER,
    atCounter,
  }
  return {
    isActive: status === 'active',
    keys: keys.filter(({ retiredAtMs }) => retiredAtMs === undefined),
    delegations: delegations.filter(({ revokedAtMs }) => revokedAtMs === undefined),
    guardians: recovery?.guardians ?? [],
    threshold: recovery?.threshold ?? 0,
    ...(counter && { counter }),
    ...(request && { recovery: { ...request, ...(completableAtMs !== undefined && { completableAtMs }) } }),
  }
}

async function findType(group: GroupClient, vct: string): Promise<KnownType | undefined> {
  const prefix = `urn:chengxin:type:${group.groupId}:`
  if (!vct.startsWith(prefix)) return undefined
  const typeId = vct.slice(prefix.length)
  let before: string | undefined
  do {
    const query = before === undefined ? '' : `&before=${encodeURIComponent(before)}`
    const page = (await group.get(`/credential-types?limit=100${query}`)) as {
      readonly types: readonly { readonly typeId: string; readonly displayHash: string }[]
      readonly next?: string
    }
    const found = page.types.find((type) => type.typeId === typeId)
    if (found) {
      const display = (await group.find(`/documents/${found.displayHash}`)) as JsonObject | undefined
      return display && { typeId, display }
    }
    before = page.next
  } while (before !== undefined)
  return undefined
}

interface VerifierRow {
  readonly verifier: string
  readonly domain: string
  readonly registrationHash: string
  readonly fromMs: number
  readonly untilMs?: number
  readonly endedAtMs?: number
}

async function findVerifier(
  group: GroupClient,
  registrations: Map<string, Registration>,
  did: string,
  nowMs: number,
): Promise<KnownVerifier | undefined> {
  const row = (await group.find(`/verifiers/${encodeURIComponent(did)}`)) as VerifierRow | undefined
  if (!row || !isInForce(row, nowMs)) return undefined
  const { registrationHash: hash, domain, untilMs } = row
  const registration = registrations.get(hash) ?? (await fetchRegistration(group, hash))
  // The document is held against the row that anchored it: neither can speak for another verifier.
  if (!registration || registration.verifier !== did || registration.domain !== domain) return undefined
  registrations.set(hash, registration)
  return { domain, ...(untilMs !== undefined && { untilMs }), registration }
}

async function fetchRegistration(group: GroupClient, hash: string): Promise<Registration | undefined> {
  const text = await group.getText(`/documents/${hash}`).catch(() => undefined)
  const registration = text === undefined ? undefined : readRegistration(text, hash)
  return registration === undefined || isRefusal(registration) ? undefined : registration
}

function isInForce({ fromMs, untilMs, endedAtMs }: VerifierRow, nowMs: number): boolean {
  const never = Number.POSITIVE_INFINITY
  return fromMs <= nowMs && nowMs < (untilMs ?? never) && nowMs < (endedAtMs ?? never)
}

async function fetchBundle(group: GroupClient): Promise<TrustBundle | undefined> {
  // A city on its first morning has none.
  if ((await group.find('/trust-bundle')) === undefined) return undefined
  const opened = await openBundle(await group.getText('/trust-bundle'), { pins: { group: group.groupId as GroupId } })
  return isRefusal(opened) ? undefined : opened
}

async function fetchAuthorities(group: GroupClient): Promise<readonly Uint8Array[]> {
  const { ca } = (await group.get('/genesis')) as { readonly ca?: string }
  const der = ca === undefined ? undefined : fromBase64url(ca)
  return der ? [der] : []
}
