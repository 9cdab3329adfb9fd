/** A trust bundle's signatures: each committee member signs the same bytes with a key of its own DID. */
import { type BundlePayload, bundleType } from '@chengxin/audit'
import type { Signer } from '@chengxin/client'
import { canonicalize, toBase64url, toUtf8 } from '@chengxin/kernel'

export interface BundleSignature {
  readonly protected: string
  readonly signature: string
}

/** The bytes that all sign over, base64url: what is passed from member to member. */
export function encodeBundlePayload(payload: BundlePayload): string {
  return toBase64url(toUtf8(canonicalize(payload)))
}

/** One member's signature. A passkey cannot give it: what it signs is never the bytes themselves. */
export async function signBundlePayload(encoded: string, signer: Signer): Promise<BundleSignature> {
  if (signer.alg === 'WebAuthn-ES256') throw new Error('A passkey cannot sign a trust bundle.')
  const header = toBase64url(toUtf8(canonicalize({ alg: signer.alg, kid: signer.kid, typ: bundleType })))
  const signature = await signer.sign(toUtf8(`${header}.${encoded}`))
  return { protected: header, signature: toBase64url(signature) }
}

/** The bundle: a JWS in general JSON serialisation, canonical. */
export function joinBundle(encoded: string, signatures: readonly BundleSignature[]): string {
  return canonicalize({ payload: encoded, signatures })
}

/** A payload signed by members who are all at hand. */
export async function signBundle(payload: BundlePayload, signers: readonly Signer[]): Promise<string> {
  const encoded = encodeBundlePayload(payload)
  return joinBundle(encoded, await Promise.all(signers.map((signer) => signBundlePayload(encoded, signer))))
}
