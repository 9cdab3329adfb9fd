/**
 * Proofs of the holder's keys (OpenID4VCI 1.0 appendix F.1): each key signs for this issuer, now, with a nonce of ours. The
 * certificates are bound to these keys, so each is checked as if it came alone.
 */
import { type PublicJwk, thumbprint } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { ageOf, checkPossession } from '../jwt-proof.ts'
import type { Issuer } from './issuer.ts'
import { useNonce } from './nonce.ts'

const proofMaxAgeMs = 5 * 60_000

/**
 * The holder's keys, in the order of their proofs. Refusals, in the order they are checked: `proofs_malformed`,
 * `proof_type_not_supported`, `proofs_too_many`, then for each proof `proof_malformed`, `proof_key_not_allowed`,
 * `proof_algorithm_not_allowed`, `proof_signature_invalid`, `proof_audience_wrong`, `proof_client_wrong`,
 * `proof_from_future`, `proof_too_old`, `proof_nonce_missing`, then `proof_key_repeated`, and last, since it uses nonces up,
 * `proof_nonce_invalid`, `proof_nonce_replayed`, `too_busy`.
 */
export async function checkKeyProofs(
  issuer: Issuer,
  proofs: Json | undefined,
  clientId: string | undefined,
): Promise<readonly PublicJwk[] | Refusal> {
  const texts = proofTexts(issuer, proofs)
  if (isRefusal(texts)) return texts
  const keys: PublicJwk[] = []
  const nonces = new Set<string>()
  for (const text of texts) {
    const proof = await checkProof(issuer, text, clientId)
    if (isRefusal(proof)) return proof
    keys.push(proof.key)
    nonces.add(proof.nonce)
  }
  if (new Set(keys.map((key) => thumbprint(issuer.platform.sha256, key))).size < keys.length)
    return refuse('proof_key_repeated')
  for (const nonce of nonces) {
    const use = await useNonce(issuer, nonce)
    if (use === 'busy') return refuse('too_busy')
    if (use !== 'good') return refuse(use === 'replayed' ? 'proof_nonce_replayed' : 'proof_nonce_invalid')
  }
  return keys
}

function proofTexts({ batchSize }: Issuer, proofs: Json | undefined): readonly string[] | Refusal {
  if (typeof proofs !== 'object' || proofs === null || Array.isArray(proofs)) return refuse('proofs_malformed')
  const kinds = Object.keys(proofs)
  if (kinds.length !== 1) return refuse('proofs_malformed')
  const texts = (proofs as JsonObject)['jwt']
  if (texts === undefined) return refuse('proof_type_not_supported')
  if (!Array.isArray(texts) || texts.length === 0) return refuse('proofs_malformed')
  if (texts.length > batchSize) return refuse('proofs_too_many')
  return texts.every((text) => typeof text === 'string') ? texts : refuse('proofs_malformed')
}

async function checkProof(
  issuer: Issuer,
  text: string,
  clientId: string | undefined,
): Promise<{ readonly key: PublicJwk; readonly nonce: string } | Refusal> {
  const proof = await checkPossession(issuer.platform, text, 'openid4vci-proof+jwt', {
    malformed: 'proof_malformed',
    keyNotAllowed: 'proof_key_not_allowed',
    algorithmNotAllowed: 'proof_algorithm_not_allowed',
    signatureInvalid: 'proof_signature_invalid',
  })
  if (isRefusal(proof)) return proof
  const { header, payload } = proof.jwt
  // One key and one way to name it; two could be read as either.
  if ('kid' in header || 'x5c' in header || 'trust_chain' in header) return refuse('proof_malformed')
  const { aud, iss, iat, nonce } = payload
  if (aud !== issuer.identifier) return refuse('proof_audience_wrong')
  if (iss !== undefined && iss !== clientId) return refuse('proof_client_wrong')
  const age = ageOf(iat, issuer.nowMs(), proofMaxAgeMs)
  if (age === 'malformed') return refuse('proof_malformed')
  if (age !== 'good') return refuse(age === 'future' ? 'proof_from_future' : 'proof_too_old')
  return typeof nonce === 'string' && nonce !== '' ? { key: proof.key, nonce } : refuse('proof_nonce_missing')
}
