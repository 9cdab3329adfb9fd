/** Words of OpenID4VCI and OpenID4VP that issuers, verifiers and wallets all write, and how far their clocks may differ. */

export const preAuthorizedGrant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
export const requestObjectType = 'oauth-authz-req+jwt'
/** What a holder says to an issuer; our own addition, see `holder-voice.ts` of either side. */
export const holderVoiceType = 'chengxin-holder+jwt'

/** What a holder says to a verifier when a consent ends; our own addition, at the address that the request names. */
export const withdrawalType = 'chengxin-withdrawal+jwt'

/** Clocks differ: a token may come from this far ahead. */
export const skewMs = 60_000

/** Where metadata of this kind stand for an issuer: the well-known part comes between host and path (RFC 8414). */
export function wellKnownPath(
  kind: 'openid-credential-issuer' | 'oauth-authorization-server',
  identifier: string,
): string {
  const { pathname } = new URL(identifier)
  return `/.well-known/${kind}${pathname === '/' ? '' : pathname}`
}

/**
 * The name by which certificates state their type. It follows from the group and the type, so that nobody chooses it and it
 * outlives every address.
 */
export function vctOf(group: string, typeId: string): string {
  return `urn:chengxin:type:${group}:${typeId}`
}
