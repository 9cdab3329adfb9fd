import { deriveDid, parseCertificate, refuseCertificate, type VerifySignature } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { ruleset } from '@chengxin/domains/ruleset'
import { fromBase64url, isRefusal, refuse, toBase64url } from '@chengxin/kernel'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import { openInlineLedger } from '../../../packages/ledger/src/pipeline/open-ledger.ts'

const { verify } = createVerifier()
export function hostOf(chainId: string): Host {
  return {
    sha256,
    verifySignature: verify as VerifySignature,
    deriveDid: (key) => deriveDid(sha256, chainId, key),
    checkCertificate(certificate, ca, atMs) {
      const [der, caDer] = [fromBase64url(certificate), fromBase64url(ca)]
      if (!der || !caDer) return refuse('certificate_malformed')
      const [leaf, root] = [parseCertificate(der), parseCertificate(caDer)]
      if (isRefusal(leaf)) return leaf
      if (isRefusal(root)) return root
      const refusal = refuseCertificate({ certificate: leaf, ca: root, verify, atMs })
      if (refusal) return refusal
      return {
        organisation: leaf.subject.organizationName ?? leaf.subject.commonName ?? '',
        serial: leaf.serial,
        fingerprint: toBase64url(sha256(der)),
        notAfterMs: leaf.notAfterMs,
        publicKey: leaf.jwk,
      } as never
    },
  }
}

export function openInterim(directory: string, genesis: GenesisDocument, keys: never, hash: string) {
  return openInlineLedger({ directory, genesis, keys, rulesets: [{ ruleset, hash }], host: hostOf(genesis.chainId) })
}
