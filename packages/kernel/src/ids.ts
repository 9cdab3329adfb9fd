/** Names of things. A brand keeps one kind of name from being passed where another is meant; at run time all are strings. */

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** `did:weid:<chain id>:0x<40 hex>`; a key of it is named `<did>#<key id>`. */
export type Did = Brand<string, 'Did'>
/** SHA-256 of the genesis, base64url, 43 characters. */
export type GroupId = Brand<string, 'GroupId'>
/** SHA-256 of a transaction's JWS signing input, base64url, 43 characters. */
export type TransactionId = Brand<string, 'TransactionId'>
/** Any SHA-256 hash as base64url, 43 characters. */
export type Hash = Brand<string, 'Hash'>
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type TimeMs = Brand<number, 'TimeMs'>

const hashText = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

const didPrefix = 'did:weid:'
const addressChars = 40

/** Whether a text is `did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}`. Read by hand: it is asked several times a transaction. */
export function isDid(text: string): text is Did {
  const address = text.length - addressChars
  const chainEnd = address - ':0x'.length
  const chainChars = chainEnd - didPrefix.length
  if (chainChars < 1 || chainChars > 32 || !text.startsWith(didPrefix) || !text.startsWith(':0x', chainEnd))
    return false
  for (let index = didPrefix.length; index < chainEnd; index++) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x7a)) return false
  }
  for (let index = address; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x66)) return false
  }
  return true
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Whether a text is the base64url spelling of 32 bytes; the last character carries four bits, so only sixteen can end it. */
export function isHash(text: string): text is Hash {
  return hashText.test(text)
}
