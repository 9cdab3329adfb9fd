/**
 * Who keeps what a dissolved issuer certified. The ledger names a successor for each type; a status list, which serves all types
 * of its issuer, is continued by any of them. All of it is read from the trust bundle.
 */
import type { Entitlement, TrustedIssuer } from './bundle-payload.ts'

/** Hand-overs that are followed; no sane history has as many. */
const longestChain = 16

export interface Keeper {
  readonly did: string
  /** Absent where the bundle does not list the successor. */
  readonly name?: string
  readonly domain?: string
  /** Block time since which it keeps the type. */
  readonly sinceMs: number
}

/** Who keeps a type of an issuer now, after every successor that was dissolved in its turn; undefined while it is the issuer. */
export function keeperOf(issuers: readonly TrustedIssuer[], did: string, vct: string): Keeper | undefined {
  let keeper: Keeper | undefined
  for (let hops = 0, at = did; hops < longestChain; hops++) {
    const last = newestOf(issuers, at, vct)
    if (last?.successor === undefined) return keeper
    at = last.successor
    const { name, domain } = issuers.find((issuer) => issuer.did === at) ?? {}
    keeper = {
      did: at,
      ...(name !== undefined && { name }),
      ...(domain !== undefined && { domain }),
      sinceMs: endOf(last),
    }
  }
  return keeper
}

/** Whether a DID is the issuer or has come after it, for whichever type. */
export function isIssuerOrSuccessor(issuers: readonly TrustedIssuer[], did: string, other: string): boolean {
  const reached = new Set([did])
  for (let hops = 0; hops < longestChain; hops++) {
    const known = reached.size
    for (const issuer of issuers.filter((each) => reached.has(each.did))) {
      for (const { vct } of issuer.types) {
        const successor = newestOf(issuers, issuer.did, vct)?.successor
        if (successor !== undefined) reached.add(successor)
      }
    }
    if (reached.has(other) || reached.size === known) break
  }
  return reached.has(other)
}

/** The newest period counts: whoever was given the right again keeps what it issued itself. */
function newestOf(issuers: readonly TrustedIssuer[], did: string, vct: string): Entitlement | undefined {
  const periods = issuers.find((issuer) => issuer.did === did)?.types.filter((period) => period.vct === vct) ?? []
  return periods.reduce<Entitlement | undefined>(
    (newest, period) => (newest === undefined || period.fromMs >= newest.fromMs ? period : newest),
    undefined,
  )
}

/** When the old right ended: in good order, or by a freeze that was closed so. */
function endOf({ untilMs, frozenSinceMs, fromMs }: Entitlement): number {
  return untilMs ?? frozenSinceMs ?? fromMs
}
