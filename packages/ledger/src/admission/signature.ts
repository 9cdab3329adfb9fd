/** Whether a transaction's signature holds under a key, whichever way that key signs. */
import { algorithmOf, type VerifySignature } from '@chengxin/crypto'
import { type Refusal, refuse } from '@chengxin/kernel'
import type { SigningKey } from '@chengxin/module-kit'
import type { Envelope } from './envelope.ts'

/** `signature_invalid`, a `webauthn_*` code, or undefined when it holds. */
export function refuseEnvelopeSignature(
  { algorithm, signature, signingInput }: Envelope,
  { key, webauthn }: SigningKey,
  verify: VerifySignature,
): Refusal | undefined {
  // A key signs in one way only: the header says which, and state says whether that is so.
  if (algorithm !== (webauthn === undefined ? algorithmOf(key) : 'WebAuthn-ES256')) return refuse('signature_invalid')
  return verify(key, signingInput, signature) ? undefined : refuse('signature_invalid')
}
