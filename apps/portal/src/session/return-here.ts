/**
 * Whoever has to sign in first comes back to where they were: a scanned request or offer stands behind `#` in the address and
 * would be lost. The place is kept in the browser's history, where nobody else reads it.
 */
import { useLocation } from 'react-router'

export interface ReturnHere {
  readonly returnTo: string
}

/** For the `state` of a link that leads to signing in. */
export function useReturnHere(): ReturnHere {
  const { pathname, search, hash } = useLocation()
  return { returnTo: `${pathname}${search}${hash}` }
}

/** Where to go once somebody is signed in, if they came from somewhere. */
export function useReturnTo(): string | undefined {
  const { state } = useLocation() as { readonly state: unknown }
  if (typeof state !== 'object' || state === null || !('returnTo' in state)) return undefined
  const { returnTo } = state
  // A path of the portal, and no address of another host.
  return typeof returnTo === 'string' && /^\/(?!\/)/.test(returnTo) ? returnTo : undefined
}
