/** Whether a transaction's signature holds under a key, whichever way that key signs. */
import { algorithmOf, type VerifySignature, webauthnSignedBytes } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { SigningKey } from '@chengxin/module-kit'
import type { Envelope } from './envelope.ts'

type Signed = Pick<Envelope, 'algorithm' | 'signature' | 'signingInput'>

/** `signature_invalid`, a `webauthn_*` code, or undefined when it holds. */
export function refuseEnvelopeSignature(
  { algorithm, signature, signingInput }: Signed,
  { key, webauthn }: SigningKey,
  verify: VerifySignature,
): Refusal | undefined {
  // A key signs in one way only: the header says which, and state says whether that is so.
  if (algorithm !== (webauthn === undefined ? algorithmOf(key) : 'WebAuthn-ES256')) return refuse('signature_invalid')
  if (webauthn === undefined) return verify(key, signingInput, signature) ? undefined : refuse('signature_invalid')
  const signed = webauthnSignedBytes({ sha256, relyingParty: webauthn, signingInput, signaturePart: signature })
  if (isRefusal(signed)) return signed
  return verify(key, signed.signedBytes, signed.signature) ? undefined : refuse('signature_invalid')
}
