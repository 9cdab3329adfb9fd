/** Base 64 with padding (RFC 4648 section 4), as the C2SP formats write it, and as strict as the kernel's base64url. */
import { fromBase64url, toBase64url } from '@chengxin/kernel'

export function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** The bytes, or `undefined` where encoding them again would not give the same text. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return undefined
  const unpadded = text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text
  // What is left of a text with padding that it does not need has a length that no bytes have, or one too short.
  if (Math.ceil(unpadded.length / 4) * 4 !== text.length) return undefined
  return fromBase64url(unpadded.replaceAll('+', '-').replaceAll('/', '_'))
}
