/**
 * What rules may call: native hashes and verifiers, the same answers on every member. Frozen, synchronous, and the only
 * way out of the realm: bytes go in, bytes or verdicts come out.
 */
import {
  deriveDid,
  openPinnedReceipt,
  openPinnedState,
  type PinnedLog,
  parseCertificate,
  refuseCertificate,
  type VerifySignature,
  verifyStateProof,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { fromBase64url, isRefusal, type Refusal, refuse, type TimeMs, toBase64url } from '@chengxin/kernel'
import type { CertificateFacts, Host } from '@chengxin/module-kit'

export function createHost(chainId: string, verify: VerifySignature): Host {
  return Object.freeze({
    sha256: (bytes: Uint8Array) => sha256(bytes),
    verifySignature: (...[key, bytes, signature]: Parameters<Host['verifySignature']>) => verify(key, bytes, signature),
    deriveDid: (key: Parameters<Host['deriveDid']>[0]) => deriveDid(sha256, chainId, key),
    checkCertificate: (certificate: string, ca: string, atMs: TimeMs) =>
      checkCertificate(verify, certificate, ca, atMs),
    ...foreignProofs(verify),
  })
}

/** Proofs of other groups: rules hand in the keys that a committee pinned. */
function foreignProofs(verify: VerifySignature): Pick<Host, 'openReceipt' | 'openState' | 'holdsInState'> {
  const means = { sha256: (bytes: Uint8Array) => sha256(bytes), verify }
  return {
    openReceipt: (receipt, pinned) => {
      const keys = ed25519Pin(pinned)
      return isRefusal(keys) ? keys : openPinnedReceipt(means, receipt, keys)
    },
    openState: (note, pinned) => {
      const keys = ed25519Pin(pinned)
      return isRefusal(keys) ? keys : openPinnedState(means, note, keys)
    },
    holdsInState: (root, row, proof) => verifyStateProof(means.sha256, root, row, proof),
  }
}

/** Notes are signed with Ed25519; governance pins no other keys. */
function ed25519Pin({ origin, members, quorum }: Parameters<Host['openReceipt']>[1]): PinnedLog | Refusal {
  const pinned: PinnedLog['members'][number][] = []
  for (const { memberId, logKey, cosignerKey } of members) {
    if (logKey.crv !== 'Ed25519' || cosignerKey.crv !== 'Ed25519') return refuse('key_algorithm_not_allowed')
    pinned.push({ memberId, logKey, cosignerKey })
  }
  return { origin, members: pinned, quorum }
}

function checkCertificate(
  verify: VerifySignature,
  text: string,
  caText: string,
  atMs: TimeMs,
): CertificateFacts | Refusal {
  const [der, caDer] = [fromBase64url(text), fromBase64url(caText)]
  if (der === undefined || caDer === undefined) return refuse('certificate_malformed')
  const certificate = parseCertificate(der)
  if (isRefusal(certificate)) return certificate
  const ca = parseCertificate(caDer)
  if (isRefusal(ca)) return ca
  const refusal = refuseCertificate({ certificate, ca, verify, atMs })
  if (refusal !== undefined) return refusal
  return {
    organisation: certificate.subject.organizationName ?? '',
    serial: certificate.serial,
    fingerprint: toBase64url(sha256(der)),
    notAfterMs: certificate.notAfterMs as TimeMs,
    publicKey: certificate.jwk,
  }
}
