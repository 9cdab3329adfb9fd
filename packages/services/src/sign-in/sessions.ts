/**
 * Who is signed in: a random token in a cookie that no script can read, and a record that knows the token's hash alone.
 * A session ends by itself, by signing out, or with all others of the account.
 */
import { keyOf } from '../openid/expiring-store.ts'
import { randomSecret } from '../openid/secrets.ts'
import type { Vault } from '../vault/face.ts'

export type Session = {
  readonly accountId: string
  readonly persona?: string
  /** Account of the guardian who acts for this account's holder. */
  readonly guardian?: string
  /** When the passkey, or the persona, was last asked. */
  readonly signedInAtMs: number
  readonly untilMs: number
  /** What the browser calls itself, in two words, for the list of one's own sessions. */
  readonly device: string
}

export interface Sessions {
  /** The token for the cookie. */
  start(session: Omit<Session, 'signedInAtMs' | 'untilMs'>, lifetimeMs: number): Promise<string>
  find(token: string): Promise<(Session & { readonly sessionId: string }) | undefined>
  ofAccount(accountId: string): Promise<readonly (Session & { readonly sessionId: string })[]>
  end(sessionId: string): Promise<void>
  endAll(accountId: string): Promise<void>
}

export const sessionCookie = 'chengxin-session'

/** An account keeps so many sessions; the oldest give way. */
const sessionsKept = 20
const tokenText = /^[A-Za-z0-9_-]{43}$/

export function createSessions(vault: Vault, nowMs: () => number): Sessions {
  const sessions = vault.collection<Session>('sign-in-sessions')
  const recordId = (token: string) => `session_${keyOf(token)}`

  async function live(accountId: string) {
    const found = await sessions.find('account', accountId, { limit: 1000 })
    const passed = found.filter(({ value }) => value.untilMs <= nowMs())
    for (const { id } of passed) await sessions.erase(id)
    return found.filter(({ value }) => value.untilMs > nowMs())
  }

  return {
    async start(session, lifetimeMs) {
      const before = await live(session.accountId)
      const tooMany = before.length + 1 - sessionsKept
      for (const { id } of before.slice(0, Math.max(0, tooMany))) await sessions.erase(id)
      const token = randomSecret()
      const value = { ...session, signedInAtMs: nowMs(), untilMs: nowMs() + lifetimeMs }
      await sessions.insert(recordId(token), value, { account: session.accountId })
      return token
    },
    async find(token) {
      if (!tokenText.test(token)) return undefined
      const found = await sessions.get(recordId(token))
      return found && found.value.untilMs > nowMs() ? { ...found.value, sessionId: found.id } : undefined
    },
    async ofAccount(accountId) {
      return (await live(accountId)).map(({ id, value }) => ({ ...value, sessionId: id }))
    },
    async end(sessionId) {
      await sessions.erase(sessionId)
    },
    async endAll(accountId) {
      for (const { id } of await live(accountId)) await sessions.erase(id)
    },
  }
}

/** The session's token among the cookies of a request. */
export function tokenOfCookies(cookies: string | undefined): string | undefined {
  for (const pair of (cookies ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === sessionCookie) return value
  }
  return undefined
}

/** The header that sets the cookie, or, without a token, takes it back. */
export function cookieHeader(token: string | undefined, lifetimeMs: number, isHttps: boolean): string {
  const age = token === undefined ? 0 : Math.floor(lifetimeMs / 1000)
  const secure = isHttps ? '; Secure' : ''
  return `${sessionCookie}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`
}

/** Browser and system in a word each, as far as they tell; never the whole line, which can be as good as a name. */
export function deviceOf(userAgent: string | undefined): string {
  const text = userAgent ?? ''
  const named = (words: readonly (readonly [string, string])[]) => words.find(([part]) => text.includes(part))?.[1]
  const browser = named([
    ['Edg/', 'Edge'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ])
  const system = named([
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Windows', 'Windows'],
    ['Mac OS', 'macOS'],
    ['Linux', 'Linux'],
  ])
  return [browser, system].filter((word) => word !== undefined).join(' · ') || '—'
}
