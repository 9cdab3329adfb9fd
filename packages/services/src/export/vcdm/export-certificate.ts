/**
 * A certificate as a W3C Verifiable Credential (data model 2.0): the same fields under a vocabulary named after the type, the
 * holder's key as the subject, and the place in the status list, so that the export can be taken back like the original.
 */
import type { Certificate } from '@chengxin/audit'
import { canonicalize, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { baseContext } from './check-credential.ts'

export interface CertificateExport {
  readonly certificate: Pick<Certificate, 'vct' | 'claims' | 'holderKey' | 'status'> &
    Partial<Pick<Certificate, 'issuedAtMs' | 'notBeforeMs' | 'expiresAtMs'>>
  /** The issuer's DID or https address, as the proof's key belongs to it. */
  readonly issuer: string
  readonly issuerName?: string
}

/** What no presentation may leave out: who says it, of which type, from when to when, and where its status stands. */
export function mandatoryPointers(credential: JsonObject): readonly string[] {
  const always = ['/issuer', '/validFrom', '/validUntil', '/credentialStatus', '/credentialSubject/id']
  return always.filter(
    (pointer) => pointer.startsWith('/credentialSubject') || credential[pointer.slice(1)] !== undefined,
  )
}

/** The unsigned credential. */
export function credentialOf({ certificate, issuer, issuerName }: CertificateExport): JsonObject {
  const { vct, claims, holderKey, status, issuedAtMs, notBeforeMs = issuedAtMs, expiresAtMs } = certificate
  return {
    '@context': [baseContext, { '@vocab': `${vct}#` }],
    type: ['VerifiableCredential', 'Certificate'],
    issuer: issuerName === undefined ? issuer : { id: issuer, name: issuerName },
    ...(notBeforeMs !== undefined && { validFrom: dateOf(notBeforeMs) }),
    ...(expiresAtMs !== undefined && { validUntil: dateOf(expiresAtMs) }),
    ...(status && {
      credentialStatus: {
        id: `${status.uri}#${status.index}`,
        type: 'TokenStatusListEntry',
        statusListUri: status.uri,
        statusListIndex: status.index,
      },
    }),
    credentialSubject: { id: didOfKey(holderKey), ...claims },
  }
}

function dateOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

/** did:jwk: the key itself as a DID, since the holder of a certificate is nobody but a key. */
function didOfKey(jwk: CertificateExport['certificate']['holderKey']): string {
  return `did:jwk:${toBase64url(toUtf8(canonicalize(jwk)))}`
}
