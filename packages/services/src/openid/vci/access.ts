/** Whose request it is: an access token, and where it is bound to a key, that key's signature over this request. */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { checkDpop } from '../dpop.ts'
import type { OpenidRequest } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import type { AccessToken, Issuer } from './issuer.ts'

export interface Access extends AccessToken {
  /** Under which the token is kept: a name for it that opens nothing. */
  readonly tokenKey: string
}

/**
 * Refusals, in the order they are checked: `token_missing`, `token_unknown` (also past its time), `token_scheme_wrong` (a bound
 * token sent as bearer, or the other way round), those of DPoP, `dpop_missing`, `dpop_key_changed`.
 */
export async function checkAccess(issuer: Issuer, request: OpenidRequest): Promise<Access | Refusal> {
  const [, scheme, token] = /^(DPoP|Bearer) ([A-Za-z0-9_-]{1,256})$/i.exec(request.headers['authorization'] ?? '') ?? []
  if (scheme === undefined || token === undefined) return refuse('token_missing')
  const tokenKey = keyOf(token)
  const known = await issuer.stores.tokens.get(tokenKey)
  if (!known) return refuse('token_unknown')
  if ((known.dpopKey === undefined) !== (scheme.toLowerCase() === 'bearer')) return refuse('token_scheme_wrong')
  if (known.dpopKey !== undefined) {
    const { platform, stores } = issuer
    const check = { platform, seen: stores.used, nowMs: issuer.nowMs(), accessToken: token }
    const dpopKey = await checkDpop(request, check)
    if (isRefusal(dpopKey)) return dpopKey
    if (dpopKey === undefined) return refuse('dpop_missing')
    if (dpopKey !== known.dpopKey) return refuse('dpop_key_changed')
  }
  return { ...known, tokenKey }
}
