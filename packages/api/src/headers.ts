/** Headers that every answer carries, and the way from 127.0.0.1 to localhost. */
import type { FastifyRequest } from 'fastify'

/** No page of ours runs, frames or loads anything from elsewhere. Styles may stand inline: the portal's components set them. */
const contentPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function securityHeaders(publicUrl: string): { readonly [name: string]: string } {
  return {
    'content-security-policy': contentPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'geolocation=(), microphone=(), payment=()',
    ...(publicUrl.startsWith('https://') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}

/**
 * Where a browser should go instead, if it came by an IP address to a node whose public name is localhost: passkeys
 * refuse an address, and what the portal remembers must stand under one name.
 */
export function localhostInstead(request: FastifyRequest, publicUrl: string): string | undefined {
  if (new URL(publicUrl).hostname !== 'localhost') return undefined
  if (request.method !== 'GET' || !(request.headers.accept ?? '').includes('text/html')) return undefined
  const address = /^(?:127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$/.exec(request.headers.host ?? '')
  return address === null ? undefined : `http://localhost${address[1] ?? ''}${request.url}`
}
