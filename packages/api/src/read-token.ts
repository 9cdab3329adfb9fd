/**
 * Read tokens: who may read a group that shows itself to members only. A token is a compact JWS (RFC 7515) that the
 * reader's own key signs over the group and an end at most ten minutes away; the node keeps no sessions.
 */
import {
  type Did,
  fromBase64url,
  fromUtf8,
  isDid,
  isRefusal,
  parseCanonical,
  type Refusal,
  refuse,
  toUtf8,
} from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { ReaderChecks } from './options.ts'

export const readTokenType = 'chengxin-read+jws'
const longestMs = 10 * 60 * 1000
const longestText = 2048

export interface Reader {
  readonly did: Did
  /** How long the token still holds. */
  readonly leftMs: number
}

/** Who asks, or `read_token_invalid`, `read_not_allowed`. */
export function readerOf(token: string, ledger: Ledger, checks: ReaderChecks, nowMs: number): Reader | Refusal {
  const parsed = parseReadToken(token)
  if (parsed === undefined || parsed.aud !== ledger.groupId) return refuse('read_token_invalid')
  // `exp` is in seconds (RFC 7519 section 4.1.4).
  const leftMs = parsed.exp * 1000 - nowMs
  if (leftMs <= 0 || leftMs > longestMs) return refuse('read_token_invalid')
  const key = checks.activeKey(ledger, parsed.did, parsed.keyId)
  if (isRefusal(key)) return refuse('read_token_invalid')
  if (parsed.alg !== (key.kty === 'OKP' ? 'EdDSA' : 'ES256')) return refuse('read_token_invalid')
  if (!checks.verifySignature(key, toUtf8(parsed.signingInput), parsed.signature)) return refuse('read_token_invalid')
  return checks.isUnderMember(ledger, parsed.did) ? { did: parsed.did, leftMs } : refuse('read_not_allowed')
}

interface ParsedToken {
  readonly alg: string
  readonly did: Did
  readonly keyId: string
  readonly aud: string
  readonly exp: number
  readonly signingInput: string
  readonly signature: Uint8Array
}

function parseReadToken(token: string): ParsedToken | undefined {
  if (token.length > longestText) return undefined
  const [protectedText = '', payloadText = '', signatureText = '', ...more] = token.split('.')
  const header = canonicalObject(protectedText)
  const payload = canonicalObject(payloadText)
  const signature = fromBase64url(signatureText)
  if (more.length > 0 || header === undefined || payload === undefined || signature?.length !== 64) return undefined
  const { alg, kid, typ } = header
  const { aud, exp } = payload
  if (Object.keys(header).length !== 3 || Object.keys(payload).length !== 2) return undefined
  if (typ !== readTokenType || typeof kid !== 'string' || typeof alg !== 'string') return undefined
  if (typeof aud !== 'string' || typeof exp !== 'number') return undefined
  const [did = '', keyId = '', ...rest] = kid.split('#')
  if (!isDid(did) || rest.length > 0) return undefined
  return { alg, did, keyId, aud, exp, signature, signingInput: `${protectedText}.${payloadText}` }
}

function canonicalObject(base64url: string): { readonly [name: string]: unknown } | undefined {
  const bytes = fromBase64url(base64url)
  const text = bytes && fromUtf8(bytes)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 1 })
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !isRefusal(value)
  return isObject ? (value as { readonly [name: string]: unknown }) : undefined
}
