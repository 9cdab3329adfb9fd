/** Certificates prove an organisation when it joins and when it rotates; they never authorise a transaction. */
import {
  fromBase64url,
  type Hash,
  hasLoneSurrogate,
  isRefusal,
  limits,
  type Refusal,
  refuse,
  type TimeMs,
  toBase64url,
} from '@chengxin/kernel'
import type { CertificateFacts, Context, Host } from '@chengxin/module-kit'
import type { ChangeOf, GovernanceEvent, GovernanceRead } from '../types.ts'

/** The part of a member's facts that its certificate states. */
export interface CertificateStatement {
  readonly fingerprint: Hash
  readonly organisation: string
  readonly serial: string
  readonly certificateNotAfterMs: CertificateFacts['notAfterMs']
  readonly key: CertificateFacts['publicKey']
}

/** Reads a certificate that is of this CA and in date; `certificate_malformed` or `certificate_not_acceptable` otherwise. */
export function stateCertificate(
  host: Host,
  certificate: string,
  ca: string,
  atMs: Context['timeMs'],
): CertificateStatement | Refusal {
  const der = fromBase64url(certificate)
  const facts = checkAround(host, certificate, ca, atMs)
  if (der === undefined) return refuse('certificate_malformed')
  if (isRefusal(facts)) {
    return refuse(facts.refused === 'certificate_malformed' ? 'certificate_malformed' : 'certificate_not_acceptable')
  }
  // What enters state must have a canonical spelling, whatever a careless CA has signed.
  const { organisation, notAfterMs, publicKey } = facts
  const serial = facts.serial.toLowerCase().replaceAll(':', '')
  if (organisation.length < 1 || organisation.length > 120 || hasLoneSurrogate(organisation)) {
    return refuse('certificate_malformed')
  }
  if (!/^[0-9a-f]{1,64}$/.test(serial)) return refuse('certificate_malformed')
  const fingerprint = toBase64url(host.sha256(der)) as Hash
  return { fingerprint, organisation, serial, certificateNotAfterMs: notAfterMs, key: publicKey }
}

/** A certificate that is new today may begin after the block time of a group that was idle. */
function checkAround(host: Host, certificate: string, ca: string, atMs: Context['timeMs']): CertificateFacts | Refusal {
  const facts = host.checkCertificate(certificate, ca, atMs)
  const isEarly = isRefusal(facts) && facts.refused === 'certificate_not_yet_valid'
  return isEarly ? host.checkCertificate(certificate, ca, (atMs + limits.blockTimeLagMs) as TimeMs) : facts
}

/** The certificate of a member that joins or rotates: never one that stood for a member before, revoked or not. */
export function acceptCertificate(
  read: GovernanceRead,
  certificate: string,
  context: Context,
): CertificateStatement | Refusal {
  const group = read.group.get('group')
  if (group === undefined) throw new Error('A group has a CA from its genesis on.')
  const statement = stateCertificate(context.host, certificate, group.ca, context.timeMs)
  if (isRefusal(statement)) return statement
  return read.certificates.has(statement.serial) ? refuse('certificate_already_used') : statement
}

export function certificateRevocation(
  read: GovernanceRead,
  { serial }: ChangeOf<'revokeCertificate'>,
  { timeMs }: Context,
): readonly GovernanceEvent[] | Refusal {
  const certificate = read.certificates.get(serial)
  if (certificate === undefined) return refuse('certificate_not_found')
  if (certificate.revokedAtMs !== undefined) return refuse('certificate_already_revoked')
  const member = read.members.get(certificate.memberId)
  // A member is cut off by a decision about the member, which minds the quorum; a certificate only follows.
  if (member?.serial === serial && member.status !== 'removed') return refuse('certificate_in_use')
  return [{ type: 'certificateRevoked', atMs: timeMs, serial }]
}
