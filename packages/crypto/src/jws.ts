/**
 * Compact JWS (RFC 7515 section 7.1), read from the exact text received: what is verified is what stood between the
 * dots, never a re-encoding of it. Base64url is strict, so one signature over one payload has one spelling. Protected
 * headers that ask for something we do not do (`crit`, `b64`) are refused, as section 4.1.11 demands.
 */
import { fromBase64url, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { decodeUtf8, encodeAscii } from './fast-text.ts'
import { parseJsonObject } from './strict-json.ts'

export interface CompactJws {
  /** The protected header as it was signed: JSON text. */
  readonly protectedText: string
  readonly header: JsonObject
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** The bytes that the signature is over: everything before the second dot. */
  readonly signingInput: Uint8Array
}

export interface JwsLimits {
  /** The longest text that is looked at; a compact JWS is ASCII, so its characters are its bytes. */
  readonly maxBytes: number
}

/**
 * The parts of any compact JWS, its signature unverified and its algorithm unjudged. Refusals, in the order they are
 * checked: `jws_too_large`, `jws_malformed` (not three parts of strict base64url), `jws_header_malformed` (not one JSON
 * object in UTF-8 with each name once, or with `crit` or `b64`).
 */
export function parseCompactJws(text: string, { maxBytes }: JwsLimits): CompactJws | Refusal {
  if (text.length > maxBytes) return refuse('jws_too_large')
  const parts = decodeParts(text)
  if (!parts) return refuse('jws_malformed')
  const protectedText = decodeUtf8(parts.header)
  const header = protectedText === undefined ? undefined : parseJsonObject(protectedText)
  if (!header || protectedText === undefined || 'crit' in header || 'b64' in header) {
    return refuse('jws_header_malformed')
  }
  const { payload, signature, signingInput } = parts
  return { protectedText, header, payload, signature, signingInput }
}

export interface JwsParts {
  readonly header: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly signingInput: Uint8Array
}

/** The three decoded parts of a compact JWS and its signing input, or `undefined`. */
export function decodeParts(text: string): JwsParts | undefined {
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 0 || second < 0) return undefined
  // A third dot is no base64url, and so is refused with the signature.
  const header = fromBase64url(text.slice(0, first))
  const payload = header && fromBase64url(text.slice(first + 1, second))
  const signature = payload && fromBase64url(text.slice(second + 1))
  if (!signature) return undefined
  return { header, payload, signature, signingInput: encodeAscii(text.slice(0, second)) }
}

/** The text that a signature of this header and payload is over; its UTF-8 (it is ASCII) is what gets signed. */
export function jwsSigningInput(headerText: string, payload: Uint8Array): string {
  return `${toBase64url(toUtf8(headerText))}.${toBase64url(payload)}`
}

/** The compact JWS. */
export function joinJws(signingInput: string, signature: Uint8Array): string {
  return `${signingInput}.${toBase64url(signature)}`
}
