/**
 * Somebody's word on one act: a key of theirs signs a statement that says exactly what is to be done, made for this once.
 * A passkey signs it as WebAuthn does, with the hash of the statement as its challenge.
 */
import { type PublicJwk, type RelyingParty, webauthnSignedBytes } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { fromBase64url, isRefusal, type JsonObject, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import type { DeskRefusals } from './endpoint.ts'

export const assertionRefusals = {
  assertion_key_unknown: ['forbidden', 'The key is not one that signs for this person now.'],
  assertion_not_over_this: ['forbidden', 'The key did not sign exactly what is to be done.'],
} as const satisfies DeskRefusals

/** What the browser sends back. */
export interface Assertion {
  readonly keyId: string
  /** base64url of what a signer gives: 64 bytes, or the parts of a passkey's assertion. */
  readonly signature: string
}

export const assertionSchema: JsonObject = {
  type: 'object',
  properties: {
    keyId: { type: 'string', maxLength: 64 },
    signature: { type: 'string', maxLength: 12_000, pattern: '^[A-Za-z0-9_-]+$' },
  },
  required: ['keyId', 'signature'],
  additionalProperties: false,
}

/** The proof that somebody wanted this very act: a signature of a live key over the statement, byte for byte. */
export interface Evidence {
  /** Canonical JSON. */
  readonly statement: string
  readonly keyId: string
  readonly jwk: PublicJwk
  /** As it stands in a transaction: 64 bytes, or the parts of a passkey's assertion (base64url). */
  readonly signature: string
  readonly atMs: number
}

/** A key that may give its word. */
export interface AssertionKey {
  readonly keyId: string
  readonly jwk: PublicJwk
  readonly passkey: boolean
}

/** As long as somebody may think before agreeing. */
export const actForMs = 5 * 60_000
const verify = createVerifier().verify

/** Whether one of these keys signed the statement. Refusals: `assertion_key_unknown`, `assertion_not_over_this`. */
export function checkStatement(
  { relyingParty, nowMs }: { readonly relyingParty: RelyingParty; readonly nowMs: () => number },
  keys: readonly AssertionKey[],
  statement: string,
  { keyId, signature }: Assertion,
): Evidence | Refusal {
  const key = keys.find((live) => live.keyId === keyId)
  if (!key) return refuse('assertion_key_unknown')
  const part = fromBase64url(signature)
  if (!part) return refuse('assertion_not_over_this')
  const signingInput = toUtf8(statement)
  const signed = key.passkey
    ? webauthnSignedBytes({ sha256, relyingParty, signingInput, signaturePart: part })
    : { signedBytes: signingInput, signature: part }
  const holds =
    !isRefusal(signed) && signed.signature.length === 64 && verify(key.jwk, signed.signedBytes, signed.signature)
  if (!holds) return refuse('assertion_not_over_this')
  return { statement, keyId, jwk: key.jwk, signature, atMs: nowMs() }
}
