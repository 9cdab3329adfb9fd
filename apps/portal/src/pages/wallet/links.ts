/** Where a scanned or pasted text leads inside the wallet. The text goes behind `#`: no server and no log ever sees it. */
export interface WalletDestination {
  readonly path: '/wallet/offer' | '/wallet/request'
  readonly hash: string
}

export function destinationOf(text: string): WalletDestination | undefined {
  const link = text.trim()
  if (/^(openid-credential-offer|haip-vci):\/\/\?/.test(link)) return { path: '/wallet/offer', hash: `#${link}` }
  if (/^(openid4vp|haip-vp):\/\/\?/.test(link)) return { path: '/wallet/request', hash: `#${link}` }
  return insideLink(link)
}

/** Links of the portal itself carry the same behind their own `#`. */
function insideLink(link: string): WalletDestination | undefined {
  const [, path, inner = ''] = /\/wallet\/(offer|request)(?:\?[^#]*)?#(.+)$/s.exec(link) ?? []
  if (path !== 'offer' && path !== 'request') return undefined
  return /^[a-z0-9-]+:\/\/\?/.test(inner) ? { path: `/wallet/${path}`, hash: `#${inner}` } : undefined
}

/** The link that an address carries, if any. */
export function linkIn(hash: string): string | undefined {
  const link = hash.replace(/^#/, '')
  return link === '' ? undefined : link
}
