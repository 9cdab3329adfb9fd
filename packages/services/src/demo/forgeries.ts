/** Two forgeries that a careless reader would take for good: the issuer's own signature stands on both. */

import type { PublicJwk } from '@chengxin/crypto'
import { fromBase64url, fromUtf8, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'

/** Improves a disclosed grade. Its digest is no longer one that the issuer signed. */
export function withBetterGrade(text: string): string {
  const parts = text.split('~')
  const at = parts.findIndex((part) => !part.includes('.') && part !== '' && contents(part)[1] === 'gpa')
  if (at < 0) throw new Error('The certificate discloses no grade.')
  const [salt, name] = contents(parts[at] as string)
  parts[at] = encode([salt, name, '4.00'])
  return parts.join('~')
}

/** Makes somebody else the holder. The signature is no longer over what stands there. */
export function withAnotherHolder(text: string, thief: PublicJwk): string {
  const [jwt = '', ...rest] = text.split('~')
  const [header, payload = '', signature] = jwt.split('.')
  const claims = decode(payload) as JsonObject
  return [`${header}.${encode({ ...claims, cnf: { jwk: thief } })}.${signature}`, ...rest].join('~')
}

function contents(part: string): readonly unknown[] {
  return decode(part) as readonly unknown[]
}

function decode(text: string): unknown {
  return JSON.parse(fromUtf8(fromBase64url(text) ?? new Uint8Array()) ?? '')
}

function encode(value: unknown): string {
  return toBase64url(toUtf8(JSON.stringify(value)))
}
