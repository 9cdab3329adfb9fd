/**
 * Service accounts of WeIdentity's interface: programs that act by keys that this node holds for them. Of the token that an account
 * is known by, only the hash stands in `offices.json`.
 */
import { createHash, randomBytes } from 'node:crypto'

export interface AccountEntry {
  readonly account: string
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string
  /** Registers issuers with the authority's key; one account at most. */
  readonly isAuthority?: boolean
  readonly mostWeids: number
  readonly callsPerMinute: number
}

export const accountWord = /^[a-z][a-z0-9-]{0,40}$/
export const accountLimits = { mostWeids: 100, callsPerMinute: 600 } as const

/** 256 bits of chance: a hash of it needs no salt. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** The first mistake in a list of accounts as a file has it; undefined where there is none. */
export function wrongInAccounts(accounts: unknown): string | undefined {
  if (!Array.isArray(accounts)) return 'accounts'
  const words = new Set<unknown>()
  let authorities = 0
  for (const [index, each] of (accounts as readonly unknown[]).entries()) {
    const members = typeof each === 'object' && each !== null ? (each as { readonly [name: string]: unknown }) : {}
    const { account, tokenHash, isAuthority, mostWeids, callsPerMinute } = members
    const checks: readonly (readonly [name: string, holds: boolean])[] = [
      ['account', typeof account === 'string' && accountWord.test(account)],
      ['account, which stands twice,', !words.has(account)],
      ['tokenHash', typeof tokenHash === 'string' && /^[\w-]{43}$/.test(tokenHash)],
      ['isAuthority', isAuthority === undefined || typeof isAuthority === 'boolean'],
      ['isAuthority, a second one,', isAuthority !== true || ++authorities === 1],
      ['mostWeids', isCount(mostWeids)],
      ['callsPerMinute', isCount(callsPerMinute)],
    ]
    const wrong = checks.find(([, holds]) => !holds)
    if (wrong) return `accounts[${index}].${wrong[0]}`
    words.add(account)
  }
  return undefined
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 1_000_000
}
